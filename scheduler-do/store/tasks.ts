/** Pending activities and timers: the rows from which memory is rebuilt at a wake. */
import type { ActivityTask, Claim } from '../../shared/core/attempt.ts'
import { DEFAULT_RETRY, DEFAULT_TIMEOUTS, rulesOf } from '../../shared/core/retry.ts'
import type { SerializedError } from '../../shared/errors.ts'
import type { Payload } from '../../shared/payload.ts'
import type { Bulk } from './bulk.ts'
import { fromJson, toJson } from './sql.ts'
import type { Sql, SqlValue } from './sql.ts'

const TASKS: Bulk = {
  before: `INSERT OR FAIL INTO workflow_activities (run_id, seq, kind, workflow_id, activity_type, task_queue, input, status, attempt,
    scheduled_at, due_at, rules)`,
  after: '',
}

/** Gathers a new task. */
export function insertTask(sql: Sql, task: ActivityTask, input: Payload): void {
  const { runId, seq, workflowId } = task
  sql.gather(TASKS, runId, seq, 'activity', workflowId, ...factsOf(task, input))
}

const SUCCEEDED: Bulk = {
  before: `UPDATE OR FAIL workflow_activities SET seq = column3, activity_type = column4, task_queue = column5, input = column6,
    status = column7, attempt = column8, scheduled_at = column9, due_at = column10, rules = column11, started_at = NULL, claim = NULL,
    heartbeat_details = NULL, last_failure = NULL, cancel_requested = 0 FROM (`,
  after: ') WHERE run_id = column1 AND seq = column2',
}

/** Gathers a new task that takes over the row of one of its run that has ended: one row written, where its end and a new one are two. */
export function succeedTask(
  sql: Sql,
  ended: number,
  { task, input }: { task: ActivityTask; input: Payload },
): void {
  sql.gather(SUCCEEDED, task.runId, ended, task.seq, ...factsOf(task, input))
}

function factsOf(task: ActivityTask, input: Payload): SqlValue[] {
  const { activityType, taskQueue, attempt, scheduledAt, dueAt } = task
  const rules = JSON.stringify(differing(task))
  return [activityType, taskQueue, toJson(input), statusOf(task), attempt, scheduledAt, dueAt, rules]
}

/** The rules that differ from the defaults, which are known by reference. */
function differing({ retry, timeouts, priority, concurrencyKey }: ActivityTask): Differing {
  return {
    ...(retry !== DEFAULT_RETRY && { retry }),
    ...(timeouts !== DEFAULT_TIMEOUTS && { timeouts }),
    ...(priority !== undefined && { priority }),
    ...(concurrencyKey !== undefined && { concurrencyKey }),
  }
}

type Differing = Partial<Pick<ActivityTask, 'retry' | 'timeouts' | 'priority' | 'concurrencyKey'>>

/** Of a task without a claim. */
function statusOf({ awaitsKey }: ActivityTask): string {
  return awaitsKey ? AWAITS_KEY : 'scheduled'
}

const AWAITS_KEY = 'awaits_key'

/** What changes between attempts, and the claim once it is worth writing down. */
export function updateTask(sql: Sql, task: ActivityTask): void {
  const claim = task.claim?.persisted ? task.claim : null
  const statement = `UPDATE workflow_activities SET status = ?, attempt = ?, due_at = ?, started_at = ?, claim = ?,
    heartbeat_details = ?, last_failure = ?, cancel_requested = ? WHERE run_id = ? AND seq = ?`
  sql.run(
    statement,
    claim ? 'started' : statusOf(task),
    task.attempt,
    task.dueAt,
    claim?.grantedAt ?? null,
    claim && JSON.stringify(claim),
    toJson(task.heartbeatDetails),
    toJson(task.lastFailure),
    task.cancelRequested ? 1 : 0,
    task.runId,
    task.seq,
  )
}

const ENDED: Bulk = { before: 'DELETE FROM workflow_activities WHERE (run_id, seq) IN (', after: ')' }

/** Gathers the end of a task. */
export function deleteTask(sql: Sql, runId: string, seq: number): void {
  sql.gather(ENDED, runId, seq)
}

export function taskInput(sql: Sql, runId: string, seq: number): Payload {
  const statement = 'SELECT input FROM workflow_activities WHERE run_id = ? AND seq = ?'
  return fromJson<Payload>(sql.first<{ input: string | null }>(statement, runId, seq)?.input)
}

type RawTask = {
  run_id: string
  seq: number
  workflow_id: string
  activity_type: string
  task_queue: string
  status: string
  has_input: number
  attempt: number
  scheduled_at: number
  due_at: number
  claim: string | null
  rules: string
  heartbeat_details: string | null
  last_failure: string | null
  cancel_requested: number
}

/** Every pending activity. What was sent before is not known: an attempt counts as sent when it was due. */
export function pendingTasks(sql: Sql): ActivityTask[] {
  const statement = `SELECT run_id, seq, workflow_id, activity_type, task_queue, status, input IS NOT NULL AS has_input, attempt,
    scheduled_at, due_at, claim, rules, heartbeat_details, last_failure, cancel_requested FROM workflow_activities WHERE kind = 'activity'`
  return sql.all<RawTask>(statement).map(parseTask)
}

function parseTask(row: RawTask): ActivityTask {
  const { priority, concurrencyKey, ...rules } = JSON.parse(row.rules) as Differing // our own text
  const lastFailure = fromJson<SerializedError>(row.last_failure)
  const heartbeatDetails = fromJson<Payload>(row.heartbeat_details)
  return {
    key: `${row.run_id}/${row.seq}`,
    runId: row.run_id,
    workflowId: row.workflow_id,
    seq: row.seq,
    activityType: row.activity_type,
    taskQueue: row.task_queue,
    hasInput: row.has_input === 1,
    ...rulesOf(rules),
    ...(priority !== undefined && { priority }),
    ...(concurrencyKey !== undefined && { concurrencyKey }),
    ...(row.status === AWAITS_KEY && { awaitsKey: true }),
    attempt: row.attempt,
    scheduledAt: row.scheduled_at,
    dueAt: row.due_at,
    sentAt: row.due_at,
    sends: 1,
    claim: fromJson<Claim>(row.claim) ?? null,
    cancelRequested: row.cancel_requested === 1,
    ...(lastFailure && { lastFailure }),
    ...(heartbeatDetails !== undefined && { heartbeatDetails }),
  }
}

export interface StepAttempt {
  attempt: number
  dueAt: number
  begun: boolean
}

/** Written only when an inline step needs another attempt: the first one is implied by its event. */
export function upsertStep(
  sql: Sql,
  step: StepAttempt & { runId: string; seq: number; workflowId: string; name: string },
): void {
  const statement = `INSERT OR FAIL INTO workflow_activities (run_id, seq, kind, workflow_id, activity_type, task_queue, status, attempt,
    scheduled_at, due_at, rules) VALUES (?, ?, 'step', ?, ?, '', ?, ?, ?, ?, '{}')
    ON CONFLICT (run_id, seq) DO UPDATE SET status = excluded.status, attempt = excluded.attempt, due_at = excluded.due_at`
  const { runId, seq, workflowId, name, attempt, dueAt, begun } = step
  sql.run(statement, runId, seq, workflowId, name, begun ? 'started' : 'scheduled', attempt, dueAt, dueAt)
}

/** The steps of a run that were tried again, by seq. */
export function stepAttempts(sql: Sql, runId: string): Map<number, StepAttempt> {
  type Row = { seq: number; status: string; attempt: number; due_at: number }
  const statement = `SELECT seq, status, attempt, due_at FROM workflow_activities WHERE run_id = ? AND kind = 'step'`
  const rows = sql.all<Row>(statement, runId)
  return new Map(
    rows.map(({ seq, status, attempt, due_at }) => [
      seq,
      { attempt, dueAt: due_at, begun: status === 'started' },
    ]),
  )
}

export interface TimerRow {
  runId: string
  workflowId: string
  seq: number
  fireAt: number
}

const TIMERS: Bulk = {
  before: 'INSERT OR FAIL INTO workflow_timers (run_id, seq, workflow_id, fire_at)',
  after: '',
}

/** Gathers a new timer. */
export function insertTimer(sql: Sql, { runId, seq, workflowId, fireAt }: TimerRow): void {
  sql.gather(TIMERS, runId, seq, workflowId, fireAt)
}

const TIMERS_ENDED: Bulk = { before: 'DELETE FROM workflow_timers WHERE (run_id, seq) IN (', after: ')' }

/** Gathers the end of a timer. */
export function deleteTimer(sql: Sql, runId: string, seq: number): void {
  sql.gather(TIMERS_ENDED, runId, seq)
}

export function pendingTimers(sql: Sql): TimerRow[] {
  type Row = { run_id: string; workflow_id: string; seq: number; fire_at: number }
  const rows = sql.all<Row>('SELECT run_id, workflow_id, seq, fire_at FROM workflow_timers')
  return rows.map((row) => ({
    runId: row.run_id,
    workflowId: row.workflow_id,
    seq: row.seq,
    fireAt: row.fire_at,
  }))
}

export interface UnreadSignal {
  signalId: string
  name: string
  payload: Payload
  at: number
}

export function insertSignal(
  sql: Sql,
  run: { runId: string; workflowId: string },
  signal: UnreadSignal,
): void {
  const { signalId, name, payload, at } = signal
  sql.run(
    `INSERT INTO workflow_signals (run_id, signal_id, workflow_id, signal_name, payload, received_at)
      VALUES (?, ?, ?, ?, ?, ?)`,
    run.runId,
    signalId,
    run.workflowId,
    name,
    toJson(payload),
    at,
  )
}

export function deleteSignal(sql: Sql, runId: string, signalId: string): void {
  sql.run('DELETE FROM workflow_signals WHERE run_id = ? AND signal_id = ?', runId, signalId)
}

export function unreadSignalIds(sql: Sql, runId: string): string[] {
  const rows = sql.all<{ signal_id: string }>(
    'SELECT signal_id FROM workflow_signals WHERE run_id = ?',
    runId,
  )
  return rows.map((row) => row.signal_id)
}
