/**
 * The live tail of a shard: the change events behind a position, for whoever asks. From the first question on the last ones
 * are kept in memory, where the next questions find them; what lies further back is read from committed history.
 *
 * T1 Each event of the hot tier behind the position is told once, in order, and none before it is committed.
 * T2 Where nobody has asked of late nothing is kept, and a turn has nothing to do.
 */
import type { WorkflowCdcEvent } from '../shared/cdc.ts'
import type { Refusal, Reply } from '../shared/protocol.ts'
import { positionOf, sequenceIn } from '../shared/tail.ts'
import type { EventPage, EventsRequest } from '../shared/tail.ts'
import type { Time } from '../shared/time.ts'
import { ActivityTypes } from './activity-types.ts'
import type { Recorded } from './change-events.ts'
import { told } from './run-tail.ts'
import type { Shard } from './shard.ts'
import { eventsAt, historyAfter } from './store/history.ts'
import type { HistoryPlace } from './store/history.ts'
import { runRow } from './store/runs.ts'
import { openRunIds, recentlyClosed } from './store/wake.ts'
import { changeEvent } from './told.ts'
import { MAX_WAIT_MS, Waits } from './waiters.ts'

/** Events in memory while somebody asks, and of one page. */
const MAX_RECENT = 4_096
const MAX_PAGE = 1_000
/** Without another question the last events are not kept for longer. */
const KEPT_MS = 60_000
/** Of a look into history: no more than this are remembered, and turns go on after so many runs. */
const MAX_PLACES = 20_000
const RUNS_AT_ONCE = 500
/** The same of a page out of history. */
const TURNS_AT_ONCE = 100

/** What those wait under who ask of every run; no run has this id. */
const EVERY_RUN = ''

/** Turns in the history of the hot tier: all that have an event behind `from`, up to `upTo`, in order. */
interface Found {
  readonly from: number
  readonly upTo: number
  readonly places: readonly HistoryPlace[]
}

export class Tail {
  readonly activityTypes = new ActivityTypes()
  readonly #shard: Shard
  readonly #waits: Waits<true>
  /** Every event behind `#since`; null where nobody asks. */
  #recent: WorkflowCdcEvent[] | null = null
  #since = 0
  #askedAt = 0
  /** One look into history at a time; the next one may find there what it needs. */
  #looking: Promise<Found | null> = Promise.resolve(null)

  constructor(shard: Shard, callerTime: Time) {
    this.#shard = shard
    this.#waits = new Waits(callerTime)
  }

  /** A turn of a run has been committed. */
  add(recorded: Recorded): void {
    this.#keep(recorded)
    this.#waits.tell(recorded.run.runId, true)
    this.#waits.tell(EVERY_RUN, true)
  }

  /** Resolves when something is committed, of one run or of any, or when the time is over; refused where too many wait. */
  async next(runId: string, waitMs: number): Promise<Refusal | null> {
    const { refusal } = this.#waits
    if (refusal) return refusal
    await this.#waits.wait(runId, Math.min(waitMs, MAX_WAIT_MS))
    return null
  }

  async page({ after, waitMs }: EventsRequest): Promise<Reply<EventPage>> {
    this.#listen()
    // A position ahead of the shard is from before it lost its storage.
    const from = Math.min(after === undefined ? Infinity : (sequenceIn(after) ?? 0), this.#end)
    const waits = after !== undefined && waitMs > 0 && from === this.#end
    const refusal = waits ? await this.next(EVERY_RUN, waitMs) : null
    if (refusal) return refusal
    if (from >= this.#since) return { ok: true, value: this.#remembered(from) }
    return this.#shard.refusal('new') ?? { ok: true, value: await this.#read(from) }
  }

  /** Nothing more happens here. */
  clear(): void {
    this.#forget()
    this.#waits.clear()
  }

  /** The number of the last event committed. */
  get #end(): number {
    return this.#shard.memory.positions.sequence - 1
  }

  #listen(): void {
    this.#askedAt = this.#shard.config.runtime.time.now()
    if (this.#recent) return
    this.#recent = []
    this.#since = this.#end
  }

  #forget(): void {
    this.#recent = null
    this.#looking = Promise.resolve(null)
  }

  #keep(recorded: Recorded): void {
    if (!this.#recent) return
    const { address, config } = this.#shard
    if (config.runtime.time.now() - this.#askedAt > KEPT_MS) {
      this.#forget()
      return
    }
    for (const [index, event] of recorded.events.entries()) {
      const numbered = { eventId: recorded.firstEventId + index, event, sequence: recorded.sequence + index }
      // The first question may have come between a commit and what follows it.
      if (numbered.sequence > this.#since + this.#recent.length)
        this.#recent.push(changeEvent(address, recorded, numbered))
    }
    const most = 2 * MAX_RECENT // dropped by the half: each drop moves the others
    if (this.#recent.length > most)
      this.#since += this.#recent.splice(0, this.#recent.length - MAX_RECENT).length
  }

  #remembered(from: number): EventPage {
    const start = from - this.#since
    return this.#pageOf(this.#recent?.slice(start, start + MAX_PAGE) ?? [], from)
  }

  async #read(from: number): Promise<EventPage> {
    const { upTo, places } = await this.#placesBehind(from)
    const events: WorkflowCdcEvent[] = []
    for (const [index, place] of places.filter((one) => lastOf(one) > from).entries()) {
      if (events.length >= MAX_PAGE) return this.#pageOf(events, from)
      if ((index + 1) % TURNS_AT_ONCE === 0) await this.#shard.workshop.drain()
      for (const event of await this.#eventsAt(place)) if ((event.sequence ?? 0) > from) events.push(event)
    }
    return { events, position: positionOf(upTo), more: upTo < this.#end }
  }

  #pageOf(events: WorkflowCdcEvent[], from: number): EventPage {
    const position = events.at(-1)?.sequence ?? from
    return { events, position: positionOf(position), more: position < this.#end }
  }

  async #placesBehind(from: number): Promise<Found> {
    const looked = this.#looking.then(async (found) =>
      found && found.from <= from && from < found.upTo ? found : await this.#look(from),
    )
    // Who has asked hears of a failure; whoever asks next looks again.
    this.#looking = looked.catch(() => null)
    return await looked
  }

  async #look(from: number): Promise<Found> {
    const { sql, workshop } = this.#shard
    let upTo = this.#end
    let places: HistoryPlace[] = []
    const bound = (): void => {
      places = places.toSorted((one, other) => one.sequence - other.sequence).slice(0, MAX_PLACES)
      const last = places.at(-1)
      if (last && places.length === MAX_PLACES) upTo = lastOf(last)
    }
    for (const [index, runId] of [...openRunIds(sql), ...recentlyClosed(sql, from)].entries()) {
      if ((index + 1) % RUNS_AT_ONCE === 0) await workshop.drain()
      for (const place of historyAfter(sql, runId, from)) if (place.sequence <= upTo) places.push(place)
      if (places.length > 2 * MAX_PLACES) bound()
    }
    bound()
    return { from, upTo, places }
  }

  /** None of a run that has been archived or deleted meanwhile. */
  async #eventsAt({ runId, firstEventId, sequence }: HistoryPlace): Promise<WorkflowCdcEvent[]> {
    const { sql } = this.#shard
    const run = runRow(sql, runId)
    if (run?.tier !== 'hot') return []
    const events = eventsAt(sql, runId, firstEventId).map((event, index) => {
      return { eventId: firstEventId + index, event, sequence: sequence + index }
    })
    return await told(this.#shard, run, events)
  }
}

function lastOf({ sequence, events }: HistoryPlace): number {
  return sequence + events - 1
}
