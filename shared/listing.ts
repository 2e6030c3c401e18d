/**
 * Lists over all shards of a namespace.
 *
 * L1 Every shard is asked for the rows behind the same position, and the merged order is total: (time, run id).
 *    So each run comes exactly once, whatever starts, closes or is archived between two pages.
 * L2 A shard may answer less than it was asked for and say up to where it is whole: nothing behind that is given yet.
 * L3 A cursor is the position of the last row given, and is good only for the order it was made in.
 */
import { attributePatch } from './attributes.ts'
import type { SearchAttributes } from './attributes.ts'
import type { Shards } from './connection.ts'
import { decodedSummary } from './decoded.ts'
import { toEpochMs } from './duration.ts'
import type { Instant } from './duration.ts'
import { summaryOf } from './info.ts'
import type { WorkflowStatus, WorkflowSummary } from './info.ts'
import {
  checkedChoice,
  checkedFields,
  checkedName,
  checkedWhole,
  checkedWorkflowId,
  invalid,
} from './names.ts'
import type { CountGroup, CountRequest, ListPosition, ListRequest, RunCount, RunList } from './list.ts'
import type { RunSummary } from './description.ts'

/** By which time runs are listed; `-` is the latest first. */
export type ListOrder = 'startedAt' | '-startedAt' | 'closedAt' | '-closedAt'

/** Every field narrows; without any, all runs, the last started first. */
export interface ListFilter {
  /** One of them, or any of several. */
  status?: WorkflowStatus | readonly WorkflowStatus[]
  /** Of this task queue. */
  taskQueue?: string
  /** Of this workflow, by its name. */
  workflowType?: string
  /** Whose workflow id begins with it. */
  idPrefix?: string
  /**
   * All of them: equal values, and null for one that is not set. A text also finds lists that contain it, and a list
   * those that contain all its texts. Declare the attribute to the scheduler, and it is found by an index.
   */
  searchAttributes?: SearchAttributes
  /** Started then or later. */
  startedAfter?: Instant
  /** Started earlier than then. */
  startedBefore?: Instant
  /** Closed then or later; leaves out what is open. */
  closedAfter?: Instant
  /** Closed earlier than then; leaves out what is open. */
  closedBefore?: Instant
  /** By closing time, runs that are still open are left out. Default: `-startedAt`. */
  orderBy?: ListOrder
  /** Rows of a page at most: 1 to 1,000, or 100 when absent. One may have fewer, though it is not the last. */
  limit?: number
  /** `nextCursor` of the page before. */
  cursor?: string
  /** Where to look. Default: everywhere. */
  tiers?: readonly ('hot' | 'warm' | 'cold')[]
}

/** Some rows of a listing, and where the others begin. */
export interface Page<T> extends Array<T> {
  /** For `ListFilter.cursor`; absent on the last page. */
  readonly nextCursor?: string
}
/** Awaited, one page; iterated, every row of every page. */
export type Listing<T> = Promise<Page<T>> & AsyncIterable<T>

/** A filter in the terms of a shard. */
export type ListQuery = Omit<ListRequest, 'to'>

/** A page before it is decoded. */
interface RunPage {
  items: RunSummary[]
  /** Absent on the last. */
  nextCursor?: string
}

export function listRuns(shards: Shards, filter: ListFilter): Listing<WorkflowSummary> {
  const first = pageOf(shards, filter)
  const rows = async function* (): AsyncGenerator<WorkflowSummary> {
    let page = await first
    yield* page
    while (page.nextCursor !== undefined) {
      page = await pageOf(shards, { ...filter, cursor: page.nextCursor })
      yield* page
    }
  }
  return Object.assign(first, { [Symbol.asyncIterator]: rows })
}

/** How many runs match, in all and by the values of `groupBy`. */
export async function countRuns(
  shards: Shards,
  filter: ListFilter,
  groupBy?: CountGroup,
): Promise<{ count: number; groups: Record<string, number> }> {
  const query = {
    ...listQuery(filter),
    ...(groupBy !== undefined && { groupBy: checkedChoice(groupBy, GROUPS, 'groupBy') }),
  }
  const all = await shards.all()
  const counts = await Promise.all(all.map((to) => shardCounts(shards, { ...query, to })))
  let count = 0
  const groups = new Map<string, number>()
  for (const part of counts.flat()) {
    count += part.count
    for (const [value, found] of part.groups ?? []) groups.set(value, (groups.get(value) ?? 0) + found)
  }
  return { count, groups: Object.fromEntries(groups) }
}

export const GROUPS = ['status', 'workflowType', 'taskQueue'] as const

async function shardCounts(shards: Shards, query: CountRequest): Promise<RunCount[]> {
  const counts: RunCount[] = []
  let request: CountRequest | undefined = query
  while (request) {
    const part: RunCount = await shards.ask(request, (shard, one) => shard.count(one))
    counts.push(part)
    request = part.rest && { ...query, rest: part.rest }
  }
  return counts
}

async function pageOf(shards: Shards, filter: ListFilter): Promise<Page<WorkflowSummary>> {
  const { items, nextCursor } = await runPage(shards, listQuery(filter))
  const decoded = await Promise.all(items.map((run) => decodedSummary(shards.coding, run)))
  return Object.assign(decoded.map(summaryOf), nextCursor !== undefined && { nextCursor })
}

/** One page over all shards, as they say it. */
export async function runPage(shards: Shards, query: ListQuery): Promise<RunPage> {
  const all = await shards.all()
  // One more than the page, where a shard may be asked for it, so that the last page is known to be the last.
  const few = Math.max(FEWEST_ROWS, Math.floor(MOST_ROWS / all.length))
  const perShard = Math.min(query.limit + 1, MAX_LIMIT, few)
  const lists = all.map((to) =>
    shards.ask({ ...query, limit: perShard, to }, (shard, request) => shard.list(request)),
  )
  return merged(await Promise.all(lists), query)
}

/** Of all shards for one page: of many, each is asked for less than the page, which ends where one may have more (L2). */
const MOST_ROWS = 20_000
/** With fewer of each, the first shard to have more would end most pages early. */
const FEWEST_ROWS = 3
export const MAX_LIMIT = 1_000
export const DEFAULT_LIMIT = 100

/** The first page over the rows of all shards, each in the order of `query`. */
export function merged(lists: readonly RunList[], query: ListQuery): RunPage {
  const { orderBy, limit } = query
  const compare = inOrder(orderBy)
  const [upTo] = lists.flatMap((list) => list.upTo ?? []).toSorted(compare)
  const rows = lists
    .flatMap(({ runs }) => runs.map((run) => ({ run, position: positionOf(run, orderBy) })))
    .filter(({ position }) => !upTo || compare(position, upTo) <= 0)
    .toSorted((one, other) => compare(one.position, other.position))
  const end = rows.length > limit ? rows[limit - 1]?.position : upTo
  const items = rows.slice(0, limit).map(({ run }) => run)
  return { items, ...(end !== undefined && { nextCursor: cursorOf(end, orderBy) }) }
}

function inOrder(orderBy: ListOrder): (one: ListPosition, other: ListPosition) => number {
  const sign = orderBy.startsWith('-') ? -1 : 1
  return (one, other) => {
    if (one.at !== other.at) return sign * (one.at - other.at)
    if (one.runId === other.runId) return 0
    // By code unit, as SQLite compares ULIDs; localeCompare would not.
    return sign * (one.runId < other.runId ? -1 : 1)
  }
}

function positionOf(run: RunSummary, orderBy: ListOrder): ListPosition {
  const at = orderBy.endsWith('startedAt') ? run.startedAt : run.completedAt
  if (at === undefined) throw new Error(`run ${run.runId} is open and was listed by closing time`)
  return { at, runId: run.runId }
}

/** `filter`, checked, as shards take it; a bad field is refused by its path. */
export function listQuery(filter: ListFilter): ListQuery {
  for (const key of Object.keys(checkedFields(filter, 'filter'))) checkedChoice(key, FIELDS, key || 'filter')
  const { orderBy: order, limit, cursor, ...narrowing } = filter
  const orderBy = checkedChoice(order ?? '-startedAt', ORDERS, 'orderBy')
  const query: Record<string, unknown> = {
    orderBy,
    limit: checkedWhole(limit ?? DEFAULT_LIMIT, 'limit', [1, MAX_LIMIT]),
  }
  for (const [field, value] of Object.entries(narrowing))
    if (value !== undefined) query[field] = CHECKS[field as keyof typeof CHECKS](value as never, field) // it is one of them, with what its check takes
  if (cursor !== undefined) query['after'] = positionIn(cursor, orderBy)
  return query as unknown as ListQuery // each check gives what its field holds
}

export const ORDERS = ['startedAt', '-startedAt', 'closedAt', '-closedAt'] as const
export const STATUSES = [
  'running',
  'paused',
  'completed',
  'failed',
  'cancelled',
  'terminated',
  'timed_out',
  'continued_as_new',
] as const
export const TIERS = ['hot', 'warm', 'cold'] as const
const CHECKS = {
  status: (given: WorkflowStatus | readonly WorkflowStatus[], path: string) =>
    checkedSet(given, STATUSES, path),
  tiers: (given: NonNullable<ListFilter['tiers']>, path: string) => checkedSet(given, TIERS, path),
  taskQueue: checkedName,
  workflowType: checkedName,
  idPrefix: checkedWorkflowId,
  searchAttributes: attributePatch,
  startedAfter: toEpochMs,
  startedBefore: toEpochMs,
  closedAfter: toEpochMs,
  closedBefore: toEpochMs,
}
const FIELDS: readonly string[] = [...Object.keys(CHECKS), 'orderBy', 'limit', 'cursor']

function checkedSet<T extends string>(given: T | readonly T[], choices: readonly T[], path: string): T[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (list.length === 0) throw invalid(path, `one of ${choices.join(', ')}, or several`, given)
  return [...new Set(list.map((one) => checkedChoice(one, choices, path)))]
}

/** Opaque to callers: base64url of JSON. */
export function cursorOf(position: ListPosition, orderBy: ListOrder): string {
  const base64 = btoa(JSON.stringify([orderBy, position.at, position.runId]))
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** The position in `cursor`, which must have been made in this order. */
export function positionIn(cursor: string, orderBy: ListOrder): ListPosition {
  const [order, at, runId] = parts(cursor)
  if (
    typeof at !== 'number' ||
    !Number.isSafeInteger(at) ||
    typeof runId !== 'string' ||
    !RUN_ID.test(runId)
  ) {
    throw invalid('cursor', 'the nextCursor of a page', cursor)
  }
  if (order !== orderBy) throw invalid('cursor', `one made with the same orderBy, ${orderBy}`, order)
  return { at, runId }
}

const RUN_ID = /^[\x20-\x7e]{1,64}$/

function parts(cursor: unknown): unknown[] {
  if (typeof cursor !== 'string' || cursor.length > 300) return []
  try {
    const json: unknown = JSON.parse(atob(cursor.replaceAll('-', '+').replaceAll('_', '/')))
    return Array.isArray(json) ? json : []
  } catch {
    return [] // not base64, or not of JSON
  }
}
