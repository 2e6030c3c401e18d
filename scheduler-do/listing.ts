/**
 * Lists over the rows of a shard and its segments.
 *
 * V1 A page is what one table of all runs would give: a row comes once, in order, whichever tier it is in. The rows of
 *    the shard and its list of segments are read in one moment, since runs move from one to the other.
 * V2 Only segments whose ranges can matter are read, and a few at a time: a page may end before its limit, and then
 *    says up to where it is whole.
 */
import type { SegmentRow } from '../shared/archive.ts'
import type { ListPosition, ListRequest, RunList } from '../shared/list.ts'
import type { Reply } from '../shared/protocol.ts'
import { matches, relevantSegments } from './matching.ts'
import { coldRun } from './segments.ts'
import type { Shard } from './shard.ts'
import { deletionOf } from './store/deletions.ts'
import { listRuns } from './store/list.ts'
import type { RunRow } from './store/runs.ts'
import type { StoredSegment } from './store/segments.ts'
import { summary } from './visibility.ts'

/** Read for one page, but for those without which it would not get ahead at all. */
const MAX_SEGMENTS = 4

export async function list(shard: Shard, request: ListRequest): Promise<Reply<RunList>> {
  const order = new Order(request)
  const declared = shard.config.searchAttributes
  const rows = listRuns(shard.sql, request, declared)
  const segments = relevantSegments(shard, request)
    .filter((segment) => !order.given(order.end(segment)))
    .toSorted((one, other) => order.compare(order.start(one), order.start(other)))
  const page = new Page(order, rows, request.limit)
  for (const [index, segment] of segments.entries()) {
    if (page.whole(order.start(segment), index >= MAX_SEGMENTS)) break
    const found = await shard.segments.rowsOf(segment)
    page.add(found, (row) => matches(row, request, declared))
  }
  const { runs, upTo } = page.cut()
  const left = segments.length === 0 ? runs : runs.filter(({ runId }) => !deletionOf(shard.sql, runId))
  return { ok: true, value: { runs: left.map((run) => summary(shard, run)), ...(upTo && { upTo }) } }
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
  readonly #limit: number
  readonly #runs: RunRow[]
  /** Of every row looked at, matching or not: where a page can end. */
  readonly #keys: ListPosition[]
  #upTo: ListPosition | undefined

  constructor(order: Order, rows: readonly RunRow[], limit: number) {
    this.#order = order
    this.#limit = limit
    this.#runs = [...rows]
    this.#keys = rows.map((run) => order.key(run))
  }

  add(rows: readonly SegmentRow[], matching: (row: SegmentRow) => boolean): void {
    for (const row of rows) {
      const run = coldRun(row)
      const key = this.#order.key(run)
      if (this.#order.given(key)) continue
      this.#keys.push(key)
      if (matching(row)) this.#runs.push(run)
    }
  }

  /** Whether the page can end before `next`, where a segment begins that was not read. */
  whole(next: ListPosition, enough: boolean): boolean {
    const before = this.#keys.filter((key) => this.#order.compare(key, next) < 0)
    const runs = this.#runs.filter((run) => this.#order.compare(this.#order.key(run), next) < 0)
    if (runs.length < this.#limit && !enough) return false
    this.#upTo = before.toSorted((one, other) => this.#order.compare(one, other)).at(-1)
    return this.#upTo !== undefined
  }

  cut(): { runs: RunRow[]; upTo?: ListPosition } {
    const limit = this.#limit
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
