/** What a wake asks of all runs: each in one statement, since there may be a hundred thousand of them. */
import { fromJson } from './sql.ts'
import type { Sql } from './sql.ts'
import type { Blocked } from './runs.ts'

export interface WakeRow {
  runId: string
  cause: string | null
  blocked: Blocked | undefined
  deadlineAt: number | null
}

/** Every run that a wake must look at: those with steps in flight, blocked ones, and deadlines of whole runs. */
export function runsToWake(sql: Sql): WakeRow[] {
  const statement = `SELECT run_id, cause, blocked, deadline_at FROM workflows
    WHERE completed_at IS NULL AND (cause IS NOT NULL OR blocked IS NOT NULL OR deadline_at IS NOT NULL)`
  type Row = {
    run_id: string
    cause: string | null
    blocked: string | null
    deadline_at: number | null
  }
  return sql.all<Row>(statement).map((row) => ({
    runId: row.run_id,
    cause: row.cause,
    blocked: fromJson<Blocked>(row.blocked),
    deadlineAt: row.deadline_at,
  }))
}

export function openRunIds(sql: Sql): string[] {
  return sql
    .all<{ run_id: string }>('SELECT run_id FROM workflows WHERE completed_at IS NULL')
    .map((row) => row.run_id)
}

/** The last sequence number that a closed run of the hot tier ended with; 0 when there is none. */
export function lastClosedSequence(sql: Sql): number {
  const statement = `SELECT MAX(closed_sequence) AS last FROM workflows WHERE completed_at IS NOT NULL AND archive_batch IS NULL`
  return sql.first<{ last: number | null }>(statement)?.last ?? 0
}

export function recentlyClosed(sql: Sql, afterSequence: number): string[] {
  const statement = `SELECT run_id FROM workflows WHERE completed_at IS NOT NULL AND archive_batch IS NULL AND closed_sequence > ?`
  return sql.all<{ run_id: string }>(statement, afterSequence).map((row) => row.run_id)
}

/** The last sequence number given to an event of an open run; 0 when there is none. */
export function lastOpenSequence(sql: Sql): number {
  const statement = `SELECT MAX((SELECT sequence + event_count - 1 FROM history WHERE run_id = workflows.run_id
    ORDER BY first_event_id DESC LIMIT 1)) AS last FROM workflows WHERE completed_at IS NULL`
  return sql.first<{ last: number | null }>(statement)?.last ?? 0
}
