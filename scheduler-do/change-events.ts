/**
 * Change events to their Queue: every history event, in the order of the shard's sequence, at least once. The position
 * is a fact of the shard; what lies behind it is read from history again after a wake, so nothing is lost.
 */
import { toCdcEvent } from '../shared/cdc.ts'
import type { WorkflowCdcEvent } from '../shared/cdc.ts'
import { beganAt } from '../shared/core/chain.ts'
import type { HistoryEvent } from '../shared/core/events.ts'
import type { RunState } from '../shared/core/state.ts'
import type { ShardAddress } from '../shared/protocol.ts'
import { errorFacts, log } from './log.ts'
import { recordedAfter } from './recover.ts'
import type { Shard } from './shard.ts'
import { readFact, writeFact } from './store/meta.ts'

const MAX_BODY_BYTES = 60_000
const MAX_MESSAGES = 50
const MAX_BATCH_BYTES = 200_000
/** What is more than this is read from history again, once the sink has taken what is here. */
const MAX_BUFFERED = 50_000
const PERSIST_MS = 1_000

export interface Recorded {
  run: { workflowId: string; runId: string; workflowType: string; taskQueue: string; startedAt: number }
  firstEventId: number
  sequence: number
  events: readonly HistoryEvent[]
  /** Types of the activities that these events end. */
  activityTypes: ReadonlyMap<number, string>
}

export interface SinkWorld {
  readonly queue: Queue<unknown>
  address(): ShardAddress
  /** Committed history behind a position, in order. */
  readAfter(position: number): Recorded[]
  /** Writes the position down. */
  persist(position: number): void
}

/** Null where there is no sink. */
export function changeEventsOf(shard: Shard): ChangeEvents | null {
  const { config, sql } = shard
  if (!config.cdcQueue) return null
  const sink = {
    queue: config.cdcQueue,
    address: () => shard.address,
    readAfter: (at: number) => recordedAfter(sql, at),
    persist: (position: number) => writeFact(sql, 'cdc_position', position),
  }
  return new ChangeEvents(sink, readFact(sql, 'cdc_position') ?? 0)
}

export class ChangeEvents {
  readonly #world: SinkWorld
  #buffer: WorkflowCdcEvent[] = []
  #behind = false
  #busy = false
  #persistedAt = 0
  /** Every event up to this sequence number has reached the sink. */
  position: number
  /** The position that is written down. */
  persisted: number

  constructor(world: SinkWorld, position: number) {
    this.#world = world
    this.position = position
    this.persisted = position
  }

  /** Writes the position down, where it has moved: at most once a second. */
  persist(now: number): void {
    if (this.position === this.persisted || now - this.#persistedAt < PERSIST_MS) return
    this.#world.persist(this.position)
    this.#persistedAt = now
    this.persisted = this.position
  }

  get delivered(): boolean {
    return this.#buffer.length === 0 && !this.#behind
  }

  add(recorded: Recorded): void {
    if (this.#behind) return
    const { namespace, shard } = this.#world.address()
    for (const [index, event] of recorded.events.entries()) {
      const sequence = recorded.sequence + index
      if (sequence <= this.position) continue // a wake reads whole turns, and a part of this one was delivered
      const activityType = 'seq' in event ? recorded.activityTypes.get(event.seq) : undefined
      const source = { namespace, shard, sequence, ...recorded.run }
      const named = activityType === undefined ? source : { ...source, activityType }
      this.#buffer.push(toCdcEvent(named, recorded.firstEventId + index, event))
    }
    if (this.#buffer.length <= MAX_BUFFERED) return
    this.#buffer.length = MAX_BUFFERED
    this.#behind = true
  }

  /** Reads what a lost memory had not delivered. */
  recover(): void {
    this.#behind = false
    for (const recorded of this.#world.readAfter(this.position)) this.add(recorded)
  }

  async flush(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    try {
      while (!this.delivered) {
        if (this.#buffer.length === 0) this.recover()
        const { messages, events, last } = this.#nextBatch()
        if (events === 0) return
        await this.#world.queue.sendBatch(messages)
        this.#buffer.splice(0, events)
        this.position = last
      }
    } catch (error) {
      log('change_events_failed', { waiting: this.#buffer.length, ...errorFacts(error) })
    } finally {
      this.#busy = false
    }
  }

  #nextBatch(): { messages: { body: { events: WorkflowCdcEvent[] } }[]; events: number; last: number } {
    const messages: { body: { events: WorkflowCdcEvent[] } }[] = []
    let body: WorkflowCdcEvent[] = []
    let [bodyBytes, batchBytes, events] = [0, 0, 0]
    for (const event of this.#buffer) {
      const bytes = JSON.stringify(event).length * 2
      if (body.length > 0 && bodyBytes + bytes > MAX_BODY_BYTES) {
        messages.push({ body: { events: body } })
        body = []
        bodyBytes = 0
      }
      if (messages.length === MAX_MESSAGES || (events > 0 && batchBytes + bytes > MAX_BATCH_BYTES)) break
      body.push(event)
      bodyBytes += bytes
      batchBytes += bytes
      events += 1
    }
    if (body.length > 0) messages.push({ body: { events: body } })
    return { messages, events, last: this.#buffer[events - 1]?.sequence ?? this.position }
  }
}

/** The run's facts that every change event carries. */
export function runFacts(state: RunState): Recorded['run'] {
  const { workflowId, runId, started } = state
  return {
    workflowId,
    runId,
    workflowType: started?.workflowType ?? '',
    taskQueue: started?.taskQueue ?? '',
    startedAt: started ? beganAt(started) : 0,
  }
}
