/** Counts over the rows of a shard and its segments. Segments are opened only where a filter or a group asks for it. */
import type { CountRequest, RunCount } from '../shared/list.ts'
import type { Reply } from '../shared/protocol.ts'
import { matches, relevantSegments } from './matching.ts'
import type { Shard } from './shard.ts'
import { deletionOf, pendingDeletions } from './store/deletions.ts'
import { countRuns } from './store/list.ts'

/** Opened for one reply. */
const MAX_SEGMENTS = 4

export async function count(shard: Shard, request: CountRequest): Promise<Reply<RunCount>> {
  const { rest, groupBy } = request
  const declared = shard.config.searchAttributes
  const segments = relevantSegments(shard, request).filter(
    ({ number }) => !rest || (number >= rest.from && number <= rest.to),
  )
  const deleted = pendingDeletions(shard.sql)
  const tally = new Tally(rest ? [] : countRuns(shard.sql, request, declared))
  let read = 0
  for (const segment of segments) {
    const { number, rows } = segment
    if (!groupBy && unfiltered(request)) {
      tally.add('', rows - deleted.filter((one) => one.segment === number).length)
      continue
    }
    const to = segments.at(-1)?.number ?? number
    if (read === MAX_SEGMENTS) return tally.reply(request, { from: number, to })
    read += 1
    for (const row of await shard.segments.rowsOf(segment))
      if (matches(row, request, declared) && !deletionOf(shard.sql, row.runId))
        tally.add(groupBy ? row[groupBy] : '', 1)
  }
  return tally.reply(request)
}

/** Runs by the value they are grouped by; by nothing where they are not. */
class Tally {
  readonly #counts = new Map<string, number>()

  constructor(counts: readonly [value: string, count: number][]) {
    for (const [value, found] of counts) this.add(value, found)
  }

  add(value: string, found: number): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + found)
  }

  reply({ groupBy }: CountRequest, rest?: RunCount['rest']): Reply<RunCount> {
    const groups = [...this.#counts]
    const found = groups.reduce((sum, [, one]) => sum + one, 0)
    return { ok: true, value: { count: found, ...(groupBy && { groups }), ...(rest && { rest }) } }
  }
}

function unfiltered(request: CountRequest): boolean {
  return FILTERS.every((filter) => request[filter] === undefined)
}

const FILTERS = [
  'status',
  'taskQueue',
  'workflowType',
  'idPrefix',
  'searchAttributes',
  'startedAfter',
  'startedBefore',
  'closedAfter',
  'closedBefore',
] as const
