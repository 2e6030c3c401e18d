/**
 * Change events to their Queue: every history event, in the order of the shard's sequence, at least once. The position
 * is a fact of the shard; what lies behind it is read from history again after a wake, so nothing is lost.
 */
import type { WorkflowCdcEvent } from '../shared/cdc.ts'
import { beganAt } from '../shared/core/chain.ts'
import type { HistoryEvent } from '../shared/core/events.ts'
import type { RunState } from '../shared/core/state.ts'
import type { ShardAddress } from '../shared/protocol.ts'
import { errorFacts, log } from './log.ts'
import { recordedAfter } from './recover.ts'
import type { Shard } from './shard.ts'
import { readFact, writeFact } from './store/meta.ts'
import { changeEvent } from './told.ts'
import type { RunFacts } from './told.ts'
import type { Time } from '../shared/time.ts'

const MAX_BODY_BYTES = 60_000
const MAX_BATCH_BYTES = 200_000
/** At most, of a UTF-16 unit of JSON that is no rarity. */
const BYTES_PER_UNIT = 2
/** In UTF-16 units of JSON. What is more than this is read from history again, once the sink has taken what is here. */
const MAX_BUFFERED = 8 * 1024 * 1024
const PERSIST_MS = 1_000

export interface Recorded {
  run: RunFacts
  firstEventId: number
  sequence: number
  events: readonly HistoryEvent[]
  /** Types of the activities that these events end. */
  activityTypes: ReadonlyMap<number, string> | null
}

export interface SinkWorld {
  readonly queue: Queue<unknown>
  readonly time: Time
  /** How long an event waits at most for others to share its message. */
  readonly lingerMs: number
  address(): ShardAddress
  /** Committed history behind a position, in order; what is not taken is not read. */
  readAfter(position: number): Iterable<Recorded>
  /** Writes the position down. */
  persist(position: number): void
}

/** Null where there is no sink. */
export function changeEventsOf(shard: Shard): ChangeEvents | null {
  const { config, sql } = shard
  if (!config.cdc) return null
  const sink = {
    ...config.cdc,
    time: config.runtime.time,
    address: () => shard.address,
    readAfter: (at: number) => recordedAfter(sql, at),
    persist: (position: number) => writeFact(sql, 'cdc_position', position),
  }
  return new ChangeEvents(sink, readFact(sql, 'cdc_position') ?? 0)
}

export class ChangeEvents {
  readonly #world: SinkWorld
  #buffer: Buffered[] = []
  /** Of all that is in the buffer. */
  #length = 0
  #behind = false
  #busy = false
  /** Every event up to this number waits for no company any more. */
  #due = 0
  /** Of what waits for company: since when, and what takes its timer back. */
  #lingering: { since: number; cancel: () => void } | null = null
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
    const address = this.#world.address()
    for (const [index, event] of recorded.events.entries()) {
      const sequence = recorded.sequence + index
      if (sequence <= this.position) continue // a wake reads whole turns, and a part of this one was delivered
      const eventId = recorded.firstEventId + index
      const change = changeEvent(address, recorded, { eventId, event, sequence })
      const { length } = JSON.stringify(change)
      this.#behind = this.#buffer.length > 0 && this.#length + length > MAX_BUFFERED
      if (this.#behind) return
      this.#buffer.push({ event: change, length })
      this.#length += length
    }
  }

  /** Reads what a lost memory had not delivered. */
  recover(): void {
    this.#behind = false
    for (const recorded of this.#world.readAfter(this.position)) {
      this.add(recorded)
      if (this.#behind) break
    }
    this.#nothingWaits()
  }

  /** After a commit: what fills a message leaves at once, the rest with what comes within the linger. */
  sendFull(): void {
    if (this.delivered) return
    const { time, lingerMs } = this.#world
    // A timer may be late while the object is kept busy.
    const since = this.#lingering?.since ?? time.now()
    if (time.now() - since >= lingerMs) void this.flush()
    else void this.#send()
  }

  /** Sends everything. */
  async flush(): Promise<void> {
    this.#nothingWaits()
    await this.#send()
  }

  /** Nothing more is sent from here. */
  stop(): void {
    this.#endLinger()
    this.#buffer = []
    this.#behind = false
  }

  #nothingWaits(): void {
    this.#due = this.#buffer.at(-1)?.event.sequence ?? this.#due
  }

  async #send(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    try {
      while (this.#mustSend) {
        if (this.#buffer.length === 0) this.recover()
        const { messages, events } = this.#nextBatch()
        const last = this.#buffer[events - 1]
        if (!last) return
        await this.#world.queue.sendBatch(messages)
        this.#endLinger()
        for (const { length } of this.#buffer.splice(0, events)) this.#length -= length
        this.position = last.event.sequence ?? this.position
      }
      this.#linger()
    } catch (error) {
      log('change_events_failed', { waiting: this.#buffer.length, ...errorFacts(error) })
    } finally {
      this.#busy = false
    }
  }

  get #mustSend(): boolean {
    if (this.#behind) return true
    return this.#buffer.length > 0 && (this.position < this.#due || isFull(this.#length * BYTES_PER_UNIT))
  }

  #linger(): void {
    if (this.#buffer.length === 0 || this.#lingering) return
    const { time, lingerMs } = this.#world
    const cancel = time.after(lingerMs, () => {
      this.#lingering = null
      void this.flush()
    })
    this.#lingering = { since: time.now(), cancel }
  }

  #endLinger(): void {
    this.#lingering?.cancel()
    this.#lingering = null
  }

  #nextBatch(): { messages: Message[]; events: number } {
    const messages: Message[] = []
    let [events, bytes] = [0, 0]
    for (const body of bodiesOf(this.#buffer)) {
      const waits = !body.full && !this.#behind && this.position >= this.#due
      if (waits || (messages.length > 0 && bytes + body.bytes > MAX_BATCH_BYTES)) break
      messages.push({ body: { events: body.events } })
      events += body.events.length
      bytes += body.bytes
    }
    return { messages, events }
  }
}

interface Buffered {
  readonly event: WorkflowCdcEvent
  readonly length: number
}

interface Message {
  body: { events: WorkflowCdcEvent[] }
}

interface Body {
  readonly events: WorkflowCdcEvent[]
  readonly bytes: number
  readonly full: boolean
}

function isFull(bytes: number): boolean {
  return bytes > MAX_BODY_BYTES
}

/** The last one may have room left. */
function* bodiesOf(buffer: readonly Buffered[]): Generator<Body> {
  let events: WorkflowCdcEvent[] = []
  let bytes = 0
  for (const { event, length } of buffer) {
    const more = length * BYTES_PER_UNIT
    if (events.length > 0 && isFull(bytes + more)) {
      yield { events, bytes, full: true }
      events = []
      bytes = 0
    }
    events.push(event)
    bytes += more
  }
  if (events.length > 0) yield { events, bytes, full: isFull(bytes) }
}

/** The run's facts that every change event carries. */
export function runFacts(state: RunState): RunFacts {
  const { workflowId, runId, started } = state
  return {
    workflowId,
    runId,
    workflowType: started?.workflowType ?? '',
    taskQueue: started?.taskQueue ?? '',
    startedAt: started ? beganAt(started) : 0,
  }
}
