/**
 * Lists and counts over the rows of a shard and its segments.
 *
 * V1 A page is what one table of all runs would give: a row comes once, in order, whichever tier it is in. The rows of
 *    the shard and its list of segments are read in one moment, since runs move from one to the other.
 * V2 Only segments whose ranges can matter are read, and a few at a time: a page may end before its limit, and then
 *    says up to where it is whole.
 */
import type { SegmentRow } from '../shared/archive.ts'
import { idTime } from '../shared/ids.ts'
import type { CountRequest, ListPosition, ListRequest, RunCount, RunList } from '../shared/list.ts'
import type { Reply } from '../shared/protocol.ts'
import { coldRun } from './segments.ts'
import type { Shard } from './shard.ts'
import { deletionOf, pendingDeletions } from './store/deletions.ts'
import { countRuns, listRuns } from './store/list.ts'
import type { RunRow } from './store/runs.ts'
import { storedSegments } from './store/segments.ts'
import type { StoredSegment } from './store/segments.ts'
import { summary } from './visibility.ts'

/** Read for one page, but for those without which it would not get ahead at all. */
const MAX_SEGMENTS = 4

export async function list(shard: Shard, request: ListRequest): Promise<Reply<RunList>> {
  const order = new Order(request)
  const rows = listRuns(shard.sql, request)
  const segments = relevant(shard, request)
    .filter((segment) => !order.given(order.end(segment)))
    .toSorted((one, other) => order.compare(order.start(one), order.start(other)))
  const page = new Page(order, rows, request)
  for (const [index, segment] of segments.entries()) {
    if (page.whole(order.start(segment), index >= MAX_SEGMENTS)) break
    page.add(await shard.segments.rowsOf(segment))
  }
  const { runs, upTo } = page.cut()
  const left = segments.length === 0 ? runs : runs.filter(({ runId }) => !deletionOf(shard.sql, runId))
  return { ok: true, value: { runs: left.map((run) => summary(shard, run)), ...(upTo && { upTo }) } }
}

export async function count(shard: Shard, request: CountRequest): Promise<Reply<RunCount>> {
  const { rest } = request
  const segments = relevant(shard, request).filter(
    ({ number }) => !rest || (number >= rest.from && number <= rest.to),
  )
  const deleted = pendingDeletions(shard.sql)
  let found = rest ? 0 : countRuns(shard.sql, request)
  let read = 0
  for (const segment of segments) {
    const { number, rows } = segment
    if (unfiltered(request)) {
      found += rows - deleted.filter((one) => one.segment === number).length
      continue
    }
    const to = segments.at(-1)?.number ?? number
    if (read === MAX_SEGMENTS) return { ok: true, value: { count: found, rest: { from: number, to } } }
    read += 1
    for (const row of await shard.segments.rowsOf(segment))
      if (matches(row, request) && !deletionOf(shard.sql, row.runId)) found += 1
  }
  return { ok: true, value: { count: found } }
}

class Order {
  readonly #byClosing: boolean
  readonly #sign: 1 | -1
  readonly #after: ListPosition | undefined

  constructor({ orderBy, after }: ListRequest) {
    this.#byClosing = orderBy.endsWith('closedAt')
    this.#sign = orderBy.startsWith('-') ? -1 : 1
    this.#after = after
  }

  key(run: RunRow): ListPosition {
    return { at: this.#byClosing ? (run.completedAt ?? 0) : run.startedAt, runId: run.runId }
  }

  /** Negative: `one` comes first. By start is by run id, as in the shard's rows. */
  compare(one: ListPosition, other: ListPosition): number {
    if (this.#byClosing && one.at !== other.at) return this.#sign * (one.at - other.at)
    if (one.runId === other.runId) return 0
    return this.#sign * (one.runId < other.runId ? -1 : 1)
  }

  /** Whether a page before had it. */
  given(key: ListPosition): boolean {
    return this.#after !== undefined && this.compare(key, this.#after) <= 0
  }

  /** No row of the segment comes before. */
  start(segment: StoredSegment): ListPosition {
    return this.#sign === 1 ? this.#low(segment) : this.#high(segment)
  }

  /** No row of the segment comes after. */
  end(segment: StoredSegment): ListPosition {
    return this.#sign === 1 ? this.#high(segment) : this.#low(segment)
  }

  #low({ minClosedAt, minRunId }: StoredSegment): ListPosition {
    return { at: minClosedAt, runId: this.#byClosing ? '' : minRunId }
  }

  #high({ maxClosedAt, maxRunId }: StoredSegment): ListPosition {
    return { at: maxClosedAt, runId: this.#byClosing ? '\u{10FFFF}' : maxRunId }
  }
}

class Page {
  readonly #order: Order
  readonly #request: ListRequest
  readonly #runs: RunRow[]
  /** Of every row looked at, matching or not: where a page can end. */
  readonly #keys: ListPosition[]
  #upTo: ListPosition | undefined

  constructor(order: Order, rows: readonly RunRow[], request: ListRequest) {
    this.#order = order
    this.#request = request
    this.#runs = [...rows]
    this.#keys = rows.map((run) => order.key(run))
  }

  add(rows: readonly SegmentRow[]): void {
    for (const row of rows) {
      const run = coldRun(row)
      const key = this.#order.key(run)
      if (this.#order.given(key)) continue
      this.#keys.push(key)
      if (matches(row, this.#request)) this.#runs.push(run)
    }
  }

  /** Whether the page can end before `next`, where a segment begins that was not read. */
  whole(next: ListPosition, enough: boolean): boolean {
    const before = this.#keys.filter((key) => this.#order.compare(key, next) < 0)
    const runs = this.#runs.filter((run) => this.#order.compare(this.#order.key(run), next) < 0)
    if (runs.length < this.#request.limit && !enough) return false
    this.#upTo = before.toSorted((one, other) => this.#order.compare(one, other)).at(-1)
    return this.#upTo !== undefined
  }

  cut(): { runs: RunRow[]; upTo?: ListPosition } {
    const { limit } = this.#request
    const upTo = this.#upTo
    const order = this.#order
    const runs = this.#runs
      .filter((run) => !upTo || order.compare(order.key(run), upTo) <= 0)
      .toSorted((one, other) => order.compare(order.key(one), order.key(other)))
    const last = runs[limit - 1]
    if (last) return { runs: runs.slice(0, limit), upTo: order.key(last) }
    return { runs, ...(upTo && { upTo }) }
  }
}

/** Segments that may have a row of those asked for. */
function relevant(shard: Shard, request: CountRequest): StoredSegment[] {
  const { tiers, status, startedAfter, startedBefore, closedAfter, closedBefore } = request
  if (tiers && !tiers.includes('cold')) return []
  if (status?.every((one) => one === 'running')) return []
  return storedSegments(shard.sql).filter(
    ({ minRunId, maxRunId, minClosedAt, maxClosedAt }) =>
      (startedAfter === undefined || (idTime(maxRunId) ?? Infinity) >= startedAfter) &&
      (startedBefore === undefined || (idTime(minRunId) ?? 0) < startedBefore) &&
      (closedAfter === undefined || maxClosedAt >= closedAfter) &&
      (closedBefore === undefined || minClosedAt < closedBefore),
  )
}

function unfiltered(request: CountRequest): boolean {
  return FILTERS.every((filter) => request[filter] === undefined)
}

const FILTERS = [
  'status',
  'taskQueue',
  'workflowType',
  'idPrefix',
  'startedAfter',
  'startedBefore',
  'closedAfter',
  'closedBefore',
] as const

function matches(row: SegmentRow, request: CountRequest): boolean {
  const { status, taskQueue, workflowType, idPrefix } = request
  const { startedAfter, startedBefore, closedAfter, closedBefore } = request
  return (
    (!status || status.includes(row.status)) &&
    (taskQueue === undefined || row.taskQueue === taskQueue) &&
    (workflowType === undefined || row.workflowType === workflowType) &&
    (idPrefix === undefined || row.workflowId.startsWith(idPrefix)) &&
    (startedAfter === undefined || row.startedAt >= startedAfter) &&
    (startedBefore === undefined || row.startedAt < startedBefore) &&
    (closedAfter === undefined || row.closedAt >= closedAfter) &&
    (closedBefore === undefined || row.closedAt < closedBefore)
  )
}
