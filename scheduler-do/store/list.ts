/** Lists of runs: conditions composed by Drizzle, executed as text like every other statement. */
import {
  and,
  asc,
  desc,
  eq,
  gt,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  ne,
  or,
  sql as expression,
} from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { CountRequest, ListRequest } from '../../shared/list.ts'
import type { AttributeTypes } from '../attributes.ts'
import { workflows } from './runs-table.ts'
import { attributeConditions } from './attributes.ts'
import { textOf } from './query.ts'
import { parseRun, RUN_COLUMNS } from './runs.ts'
import type { RawRun, RunRow, Tier } from './runs.ts'
import type { Sql } from './sql.ts'

const batchState = expression<
  string | null
>`(select state from archive_batches where number = ${workflows.archiveBatch})`

export function listRuns(sql: Sql, request: ListRequest, declared: AttributeTypes): RunRow[] {
  const direction = request.orderBy.startsWith('-') ? desc : asc
  const columns = byClosing(request) ? [workflows.completedAt, workflows.runId] : [workflows.runId]
  const closed = byClosing(request) ? isNotNull(workflows.completedAt) : undefined
  const where = and(conditions(request, declared), closed, behind(request))
  const order = expression.join(
    columns.map((column) => direction(column)),
    expression`, `,
  )
  const { text, values } = textOf(expression`select ${expression.raw(RUN_COLUMNS)} from ${workflows}
    where ${where} order by ${order} limit ${request.limit}`)
  return sql.all<RawRun>(text, ...values).map(parseRun)
}

/** By the value they are grouped by; by nothing where they are not. */
export function countRuns(
  sql: Sql,
  request: CountRequest,
  declared: AttributeTypes,
): [value: string, count: number][] {
  const value = request.groupBy ? workflows[request.groupBy] : expression`''`
  const { text, values } = textOf(expression`select ${value} as value, count(*) as count from ${workflows}
    where ${conditions(request, declared)} group by ${value}`)
  const rows = sql.all<{ value: string; count: number }>(text, ...values)
  return rows.map((row) => [row.value, row.count])
}

/** By start is by run id: a run id is a ULID of the moment its run started, so the primary key has the order. */
function byClosing(request: ListRequest): boolean {
  return request.orderBy.endsWith('closedAt')
}

function conditions(request: CountRequest, declared: AttributeTypes): SQL | undefined {
  const { status, taskQueue, workflowType, idPrefix, tiers, searchAttributes } = request
  const { startedAfter, startedBefore, closedAfter, closedBefore } = request
  return and(
    status && inArray(workflows.status, status),
    taskQueue === undefined ? undefined : eq(workflows.taskQueue, taskQueue),
    workflowType === undefined ? undefined : eq(workflows.workflowType, workflowType),
    idPrefix === undefined ? undefined : prefixed(idPrefix),
    expression`${workflows.runId} not in (select run_id from archive_deletions)`,
    searchAttributes && attributeConditions(searchAttributes, declared),
    tiers && or(...tiers.map(inTier)),
    startedAfter === undefined ? undefined : gte(workflows.startedAt, startedAfter),
    startedBefore === undefined ? undefined : lt(workflows.startedAt, startedBefore),
    closedAfter === undefined ? undefined : gte(workflows.completedAt, closedAfter),
    closedBefore === undefined ? undefined : lt(workflows.completedAt, closedBefore),
  )
}

function inTier(tier: Tier): SQL | undefined {
  if (tier === 'hot') return isNull(workflows.archiveBatch)
  if (tier === 'cold') return eq(batchState, 'cold')
  return and(isNotNull(workflows.archiveBatch), ne(batchState, 'cold'))
}

/** Not by LIKE: its patterns have 50 bytes on the platform, and ignore the case of ASCII. `substr` counts characters. */
function prefixed(prefix: string): SQL {
  return eq(expression`substr(${workflows.workflowId}, 1, ${Array.from(prefix).length})`, prefix)
}

/** Strictly behind the position of the last row seen. */
function behind(request: ListRequest): SQL | undefined {
  const { after } = request
  if (!after) return undefined
  const past = request.orderBy.startsWith('-') ? lt : gt
  if (!byClosing(request)) return past(workflows.runId, after.runId)
  const { completedAt, runId } = workflows
  return or(past(completedAt, after.at), and(eq(completedAt, after.at), past(runId, after.runId)))
}
