/** Runs: one row each, and the ids they answer to. */
import type { RunLinks } from '../../shared/core/chain-events.ts'
import { beganAt, deadlineOf } from '../../shared/core/chain.ts'
import type { ClosedStatus, ParentLink, WorkflowStarted } from '../../shared/core/events.ts'
import type { Fields } from '../../shared/core/fields.ts'
import type { EventNumbers } from '../../shared/core/numbers.ts'
import type { SerializedError } from '../../shared/errors.ts'
import type { Payload } from '../../shared/payload.ts'
import type { SegmentRow, WarmLocator } from '../../shared/archive.ts'
import type { OpenStatus, RunStatus } from '../../shared/protocol.ts'
import type { Bulk } from './bulk.ts'
import { fromJson, toJson } from './sql.ts'
import type { Sql } from './sql.ts'

export interface Blocked {
  code: string
  reason: string
  since: number
  eventId?: number
  /** Set when this release's code ended the object: only another release is worth trying. */
  endedBy?: string
}

export type Tier = 'hot' | 'warm' | 'cold'

export interface RunRow extends RunLinks {
  runId: string
  workflowId: string
  workflowType: string
  status: RunStatus
  taskQueue: string
  input: Payload
  result: Payload
  error?: SerializedError
  startedAt: number
  completedAt: number | null
  parent?: ParentLink
  memo: Fields
  searchAttributes: Fields
  version: string
  requestId: string
  deadlineAt: number | null
  cause: Cause | null
  blocked?: Blocked
  tier: Tier
  archiveBatch: number | null
  closedSequence: number | null
  historyLength: number | null
  historyBytes: number | null
  warm?: WarmLocator
  eventNumbers?: EventNumbers
}

/** What of the run no other row says: that steps may be in flight, or activities too. */
export type Cause = 'step' | 'activity'

const FACTS =
  'run_id, workflow_id, workflow_type, status, input, started_at, task_queue, version, request_id, cause'
const RUNS: Bulk = { before: `INSERT OR FAIL INTO workflows (${FACTS})`, after: '' }
/** Most runs have nothing of this, and what is bound costs, though it is null. */
const MORE = 'parent, memo, search_attributes, deadline_at, first_run_id'
const RUNS_WITH_MORE: Bulk = { before: `INSERT OR FAIL INTO workflows (${FACTS}, ${MORE})`, after: '' }

/** Gathers a new run. */
export function insertRun(
  sql: Sql,
  run: DescribedRun & { workflowId: string; status: OpenStatus; cause: Cause | null },
  started: WorkflowStarted,
): void {
  const facts = [
    run.runId,
    run.workflowId,
    started.workflowType,
    run.status,
    toJson(started.input),
    beganAt(started),
    started.taskQueue,
    started.version,
    started.requestId,
    run.cause,
  ]
  const more = [
    toJson(started.parent),
    fieldsJson(run.memo),
    fieldsJson(run.searchAttributes),
    deadlineOf(started) ?? null,
    started.firstRunId ?? null,
  ]
  if (more.every((one) => one === null)) sql.gather(RUNS, ...facts)
  else sql.gather(RUNS_WITH_MORE, ...facts, ...more)
}

interface DescribedRun {
  runId: string
  memo: Fields
  searchAttributes: Fields
}

export function fieldsJson(fields: Fields): string | null {
  return Object.keys(fields).length > 0 ? JSON.stringify(fields) : null
}

/** The memo and search attributes as they are by now. */
export function setFields(sql: Sql, { runId, memo, searchAttributes }: DescribedRun): void {
  const statement = 'UPDATE workflows SET memo = ?, search_attributes = ? WHERE run_id = ?'
  sql.run(statement, fieldsJson(memo), fieldsJson(searchAttributes), runId)
}

/** A run that is known from the archive again. */
export function insertClosedRun(
  sql: Sql,
  row: SegmentRow,
  to: { batch: number; locator: WarmLocator },
): void {
  const statement = `INSERT INTO workflows (run_id, workflow_id, workflow_type, status, started_at, completed_at, task_queue,
    parent, memo, search_attributes, version, request_id, first_run_id, next_run_id, history_length, history_bytes, archive_batch, warm)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
  const { runId, workflowId, workflowType, status, startedAt, closedAt, taskQueue, version, requestId } = row
  const facts = [toJson(row.parent), toJson(row.memo), toJson(row.searchAttributes), version, requestId]
  const links = [row.firstRunId ?? null, row.nextRunId ?? null]
  const sizes = [row.historyLength, row.historyBytes, to.batch, JSON.stringify(to.locator)]
  const run = [runId, workflowId, workflowType, status, startedAt, closedAt, taskQueue]
  sql.run(statement, ...run, ...facts, ...links, ...sizes)
}

export interface Closing {
  runId: string
  status: ClosedStatus
  result: Payload
  error: SerializedError | undefined
  nextRunId: string | undefined
  completedAt: number
  closedSequence: number
  historyLength: number
  historyBytes: number
}

const CLOSINGS: Bulk = {
  before: `UPDATE OR FAIL workflows SET status = c.column2, result = c.column3, error = c.column4, completed_at = c.column5,
    closed_sequence = c.column6, history_length = c.column7, history_bytes = c.column8, next_run_id = c.column9, cause = NULL, blocked = NULL FROM (`,
  after: ') AS c WHERE run_id = c.column1',
}

/** Gathers the end of a run. */
export function closeRun(sql: Sql, closing: Closing): void {
  sql.gather(
    CLOSINGS,
    closing.runId,
    closing.status,
    toJson(closing.result),
    toJson(closing.error),
    closing.completedAt,
    closing.closedSequence,
    closing.historyLength,
    closing.historyBytes,
    closing.nextRunId ?? null,
  )
}

export function setCause(sql: Sql, runId: string, cause: Cause | null): void {
  sql.run('UPDATE workflows SET cause = ? WHERE run_id = ?', cause, runId)
}

export function setStatus(sql: Sql, runId: string, status: OpenStatus): void {
  sql.run('UPDATE workflows SET status = ? WHERE run_id = ?', status, runId)
}

export function setBlocked(sql: Sql, runId: string, blocked: Blocked | null): void {
  sql.run('UPDATE workflows SET blocked = ? WHERE run_id = ?', blocked && JSON.stringify(blocked), runId)
}

/** A deleted run stays until nothing names it any more, and nobody is shown it. */
export const NOT_DELETED = 'run_id NOT IN (SELECT run_id FROM archive_deletions)'
export const RUN_COLUMNS = `workflows.*, (SELECT state FROM archive_batches WHERE number = archive_batch) AS batch_state`

export function runRow(sql: Sql, runId: string): RunRow | undefined {
  const statement = `SELECT ${RUN_COLUMNS} FROM workflows WHERE run_id = ? AND ${NOT_DELETED}`
  const row = sql.first<RawRun>(statement, runId)
  return row && parseRun(row)
}

/** The same, of a run that is deleted and not purged, too. */
export function anyRunRow(sql: Sql, runId: string): RunRow | undefined {
  const row = sql.first<RawRun>(`SELECT ${RUN_COLUMNS} FROM workflows WHERE run_id = ?`, runId)
  return row && parseRun(row)
}

/** The latest run of an id within a range of run ids, both inclusive; deleted ones are passed over. */
export function lastRunBetween(
  sql: Sql,
  workflowId: string,
  range: { from: string; before: string },
): string | null {
  const statement = `SELECT run_id FROM workflows WHERE workflow_id = ? AND run_id >= ? AND run_id < ? AND ${NOT_DELETED}
    ORDER BY run_id DESC LIMIT 1`
  return sql.first<{ run_id: string }>(statement, workflowId, range.from, range.before)?.run_id ?? null
}

export function deleteRun(sql: Sql, runId: string): void {
  sql.run('DELETE FROM workflows WHERE run_id = ?', runId)
}

export type RawRun = {
  run_id: string
  workflow_id: string
  workflow_type: string
  status: string
  input: string | null
  result: string | null
  error: string | null
  started_at: number
  completed_at: number | null
  task_queue: string
  parent: string | null
  memo: string | null
  search_attributes: string | null
  version: string
  request_id: string
  deadline_at: number | null
  first_run_id: string | null
  next_run_id: string | null
  cause: string | null
  blocked: string | null
  archive_batch: number | null
  batch_state: string | null
  closed_sequence: number | null
  history_length: number | null
  history_bytes: number | null
  warm: string | null
  event_numbers: string | null
}

export function parseRun(row: RawRun): RunRow {
  const error = fromJson<SerializedError>(row.error)
  const parent = fromJson<ParentLink>(row.parent)
  const blocked = fromJson<Blocked>(row.blocked)
  const warm = fromJson<WarmLocator>(row.warm)
  const eventNumbers = fromJson<EventNumbers>(row.event_numbers)
  return {
    runId: row.run_id,
    workflowId: row.workflow_id,
    workflowType: row.workflow_type,
    status: row.status as RunStatus, // written by closeRun and insertRun only
    taskQueue: row.task_queue,
    input: fromJson<Payload>(row.input),
    result: fromJson<Payload>(row.result),
    ...(error && { error }),
    startedAt: row.started_at,
    completedAt: row.completed_at,
    ...(parent && { parent }),
    memo: fromJson<Fields>(row.memo) ?? {},
    searchAttributes: fromJson<Fields>(row.search_attributes) ?? {},
    version: row.version,
    requestId: row.request_id,
    deadlineAt: row.deadline_at,
    ...(row.first_run_id !== null && { firstRunId: row.first_run_id }),
    ...(row.next_run_id !== null && { nextRunId: row.next_run_id }),
    cause: row.cause as Cause | null, // written by insertRun and setCause only
    ...(blocked && { blocked }),
    tier: tierOf(row),
    archiveBatch: row.archive_batch,
    closedSequence: row.closed_sequence,
    historyLength: row.history_length,
    historyBytes: row.history_bytes,
    ...(warm && { warm }),
    ...(eventNumbers && { eventNumbers }),
  }
}

function tierOf(row: RawRun): Tier {
  if (row.archive_batch === null) return 'hot'
  return row.batch_state === 'cold' ? 'cold' : 'warm'
}
