/** Cloudflare Queues: messages are copies, delivered in batches, again when they are given back, and in the end to the dead letters. */
import type { QueueBatch, QueueMessage } from '../../activity-worker/message.ts'
import type { Caller } from './calls.ts'
import type { Faults } from './faults.ts'
import type { Timeline, Watched } from './timeline.ts'
import { wasLost } from './life.ts'
import { carried } from './values.ts'

const MAX_BATCH = 100
/** As the activity Workers of this repository have it. */
const MAX_RETRIES = 3
const DEAD_LETTERS = '-dlq'

/** A producer's binding. */
export interface Producer {
  sendBatch(messages: Iterable<{ body: unknown }>): Promise<void>
}

export type Consume = (batch: QueueBatch, watched: Watched) => Promise<void>

interface Kept {
  readonly id: string
  readonly body: unknown
  readonly deliveries: number
}

export class Queues {
  readonly #timeline: Timeline
  readonly #consume: Consume
  readonly #faults: Faults
  readonly #waiting = new Map<string, Kept[]>()
  #sent = 0
  /** Hears of every message that is sent, and may change it. */
  onMessage: (body: unknown) => void = () => {}

  constructor(timeline: Timeline, consume: Consume, faults: Faults) {
    this.#timeline = timeline
    this.#consume = consume
    this.#faults = faults
  }

  producer(queue: string, caller: Caller): Producer {
    return {
      sendBatch: async (messages) => {
        const bodies = [...messages].map(({ body }) => carried(body))
        for (const body of bodies) this.onMessage(body)
        this.#faults.at(`send ${queue}`, caller, bodies)
        const { promise, resolve, reject } = Promise.withResolvers<void>()
        this.#timeline.post(() => {
          if (caller?.lost) return
          const fate = this.#faults.send(queue, caller)
          if (fate !== 'not_done') for (const body of bodies) this.#take(queue, body)
          this.#faults.at(`sent ${queue}`, caller)
          if (fate === 'done') resolve()
          else reject(new Error(`the queue ${queue} does not answer`))
        })
        return await promise
      },
    }
  }

  /** One message, as often and as late as it arrives. */
  #take(queue: string, body: unknown): void {
    const kept: Kept = { id: `message-${(this.#sent += 1)}`, body, deliveries: 0 }
    for (const ms of this.#faults.copies(queue)) this.#later(ms, queue, kept)
  }

  #later(ms: number, queue: string, kept: Kept): void {
    if (ms > 0) this.#timeline.after(ms, () => this.#put(queue, kept))
    else this.#put(queue, kept)
  }

  #put(queue: string, message: Kept): void {
    const waiting = this.#waiting.get(queue)
    if (waiting) {
      waiting.push(message)
      return
    }
    this.#waiting.set(queue, [message])
    this.#timeline.post(() => this.#deliver(queue))
  }

  #deliver(queue: string): void {
    const waiting = this.#waiting.get(queue) ?? []
    const batch = waiting.splice(0, MAX_BATCH)
    if (waiting.length === 0) this.#waiting.delete(queue)
    else this.#timeline.post(() => this.#deliver(queue))
    void this.#timeline.watch((watched) => this.#batch(queue, batch, watched))
  }

  /**
   * What the handler has not answered for itself is acknowledged, or given back where it throws. Of a handler that was
   * lost the platform has heard nothing: all is delivered again.
   */
  async #batch(queue: string, batch: readonly Kept[], watched: Watched): Promise<void> {
    const open = new Set(batch)
    const messages = batch.map((kept) => this.#messageOf(queue, kept, open))
    try {
      await this.#consume({ queue, messages }, watched)
    } catch (error) {
      const again = wasLost(error) ? batch : [...open]
      open.clear()
      for (const kept of again) this.#again(queue, kept, 0)
    }
  }

  #messageOf(queue: string, kept: Kept, open: Set<Kept>): QueueMessage {
    return {
      id: kept.id,
      body: kept.body,
      attempts: kept.deliveries + 1,
      ack: () => void open.delete(kept),
      retry: (options) => {
        if (open.delete(kept)) this.#again(queue, kept, options?.delaySeconds ?? 0)
      },
    }
  }

  #again(queue: string, kept: Kept, delaySeconds: number): void {
    const next = { ...kept, deliveries: kept.deliveries + 1 }
    if (next.deliveries <= MAX_RETRIES && !this.#faults.dead(queue))
      this.#timeline.after(delaySeconds * 1_000, () => this.#put(queue, next))
    else if (!queue.endsWith(DEAD_LETTERS)) this.#put(`${queue}${DEAD_LETTERS}`, { ...kept, deliveries: 0 })
  }
}
