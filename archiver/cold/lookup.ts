/**
 * One run out of the cold tier: the file by day and bounds, its row groups by the order they are sorted in.
 *
 * T1 It answers events of that run, in order and without gap, or throws.
 * T2 A file that is not known to be sorted, as other engines write them, is looked through from its beginning. They may
 *    also have divided the run among files, whatever the order of these.
 * T3 Of a run that is sorted, memory holds a page and a row group, however large it is.
 */
import type { RunPage, RunPageRequest } from '../../shared/archive-reader.ts'
import { ArchiveError } from '../error.ts'
import { longsOf, stringsOf, textAt, type Frame } from '../frame.ts'
import { compareBytes, dayOf } from '../iceberg/bounds.ts'
import type { DataFile } from '../iceberg/file.ts'
import { liveFiles } from '../iceberg/live.ts'
import { Page } from '../page.ts'
import { eventJson } from '../rows.ts'
import { historyOrder, SORT_ORDER_ID } from './order.ts'
import { ColdSource } from './sources.ts'
import { tableNames, type ColdTier } from './tier.ts'

type Run = Omit<RunPageRequest, 'fromEvent' | 'maxBytes'>

export async function readCold(cold: ColdTier, request: RunPageRequest): Promise<RunPage> {
  const { fromEvent, maxBytes, historyLength } = request
  const events = new Consecutive(fromEvent, historyLength, maxBytes)
  await gather(cold, request, events)
  return events.page()
}

export async function readColdEnds(cold: ColdTier, run: Run): Promise<RunPage> {
  const events = new Ends(run.historyLength)
  await gather(cold, run, events)
  return events.page()
}

/** Events on their way to a page. */
interface Wanted {
  /** The first event that is still missing; undefined when nothing is. */
  readonly missing: number | undefined
  take(eventId: number, json: () => string): void
}

/** From one event on, as many as a page holds. Those that come too early wait. */
class Consecutive implements Wanted {
  readonly #page: Page
  readonly #last: number
  readonly #early = new Map<number, string>()
  #next: number

  constructor(from: number, last: number, maxBytes: number) {
    this.#page = new Page(maxBytes)
    this.#next = from
    this.#last = last
  }

  get missing(): number | undefined {
    return this.#next > this.#last || this.#page.full ? undefined : this.#next
  }

  take(eventId: number, json: () => string): void {
    if (this.missing === undefined || eventId < this.#next) return
    this.#early.set(eventId, json())
    let event = this.#early.get(this.#next)
    while (event !== undefined && this.missing !== undefined) {
      this.#page.addEvent(event)
      this.#early.delete(this.#next++)
      event = this.#early.get(this.#next)
    }
  }

  page(): RunPage {
    return this.#page.taken(this.#next > this.#last ? undefined : this.#next)
  }
}

/** The first and the last. */
class Ends implements Wanted {
  readonly #ids: readonly number[]
  readonly #found = new Map<number, string>()

  constructor(last: number) {
    this.#ids = [...new Set([1, last])]
  }

  get missing(): number | undefined {
    return this.#ids.find((id) => !this.#found.has(id))
  }

  take(eventId: number, json: () => string): void {
    if (this.#ids.includes(eventId)) this.#found.set(eventId, json())
  }

  page(): RunPage {
    const page = new Page(Infinity)
    for (const id of this.#ids) page.addEvent(this.#found.get(id) ?? '')
    return page.taken()
  }
}

async function gather(cold: ColdTier, run: Run, wanted: Wanted): Promise<void> {
  const { catalog, warehouse } = cold
  const loaded = await catalog.load(tableNames.history)
  const days = [dayOf(run.closedAt), dayOf(run.closedAt)] as const
  const equals = { workflow_id: run.workflowId, run_id: run.runId }
  for await (const file of loaded ? liveFiles(loaded.metadata, warehouse, { days, equals }) : []) {
    await search(cold, run, { file, wanted })
    if (wanted.missing === undefined) return
  }
  if (wanted.missing === undefined) return
  const problem = loaded
    ? `the cold tier has not event ${wanted.missing} of its ${run.historyLength}`
    : 'there is no cold tier'
  throw new ArchiveError('object_missing', `${run.workflowId}/${run.runId}`, problem)
}

/** What an event and a check of identity need. */
const COLUMNS = ['workflow_id', 'run_id', 'event_id', 'event_type', 'event_data', 'timestamp']
const KEYS = ['workflow_id', 'run_id', 'event_id']

async function search(
  { warehouse }: ColdTier,
  run: Run,
  { file, wanted }: { file: DataFile; wanted: Wanted },
): Promise<void> {
  using source = await ColdSource.open(warehouse, file.location, historyOrder)
  const sorted = file.sortOrderId === SORT_ORDER_ID
  let next = 0
  while (wanted.missing !== undefined) {
    const from = wanted.missing
    if (sorted && from !== next) await source.seek(KEYS, (keys) => compareToEvent(keys, run, from) >= 0)
    const frame = await source.next(COLUMNS)
    if (frame === null || (sorted && frame.rows > 0 && compareToRun(frame, run, 0) > 0)) return
    takeRows(frame, run, wanted)
    if (sorted && compareToRun(frame, run, frame.rows - 1) > 0) return
    next = Number(longsOf(frame, 'event_id')[frame.rows - 1] ?? 0n) + 1
  }
}

function takeRows(frame: Frame, run: Run, wanted: Wanted): void {
  const ids = longsOf(frame, 'event_id')
  let from = 0
  while (from < frame.rows) {
    const to = historyOrder.sliceEnd(frame, from)
    for (let row = from; row < to && isOf(run, frame, from); row++) {
      wanted.take(Number(ids[row]), () => eventJson(frame, row))
    }
    from = to
  }
}

/** Of the frame's last row, to an event of the run. */
function compareToEvent(frame: Frame, run: Run, eventId: number): number {
  const last = frame.rows - 1
  return compareToRun(frame, run, last) || Number(longsOf(frame, 'event_id')[last] ?? 0n) - eventId
}

function compareToRun(frame: Frame, run: Run, row: number): number {
  const at = (name: string): string => textAt(stringsOf(frame, name), row) ?? ''
  return compareTexts(at('workflow_id'), run.workflowId) || compareTexts(at('run_id'), run.runId)
}

const encoder = new TextEncoder()

function compareTexts(one: string, other: string): number {
  return compareBytes(encoder.encode(one), encoder.encode(other))
}

function isOf(run: Run, frame: Frame, row: number): boolean {
  return (
    textAt(stringsOf(frame, 'run_id'), row) === run.runId &&
    textAt(stringsOf(frame, 'workflow_id'), row) === run.workflowId
  )
}
