/** Figures out of rows: each over an index, or over the few rows that the archive has here. */
import type { RunStatus } from '../../shared/protocol.ts'
import type { WaitingBatches } from '../../shared/stats.ts'
import type { Sql } from './sql.ts'

type StatusCount = { status: RunStatus; count: number }

/** Closed runs of the hot tier, by status. */
export function hotClosed(sql: Sql): Map<RunStatus, number> {
  const statement = `SELECT status, COUNT(*) AS count FROM workflows
    WHERE completed_at IS NOT NULL AND archive_batch IS NULL GROUP BY status`
  return new Map(sql.all<StatusCount>(statement).map(({ status, count }) => [status, count]))
}

/** Open runs, one by one. */
export function* openRuns(sql: Sql): Generator<{ runId: string; status: RunStatus; blocked: boolean }> {
  const statement = `SELECT run_id, status, blocked IS NOT NULL AS blocked FROM workflows WHERE completed_at IS NULL`
  for (const row of sql.each<{ run_id: string; status: RunStatus; blocked: number }>(statement))
    yield { runId: row.run_id, status: row.status, blocked: row.blocked === 1 }
}

export function statusesOf(sql: Sql, runIds: readonly string[]): Map<RunStatus, number> {
  const statement = `SELECT status, COUNT(*) AS count FROM workflows
    WHERE run_id IN (SELECT value FROM json_each(?)) GROUP BY status`
  return new Map(
    sql.all<StatusCount>(statement, JSON.stringify(runIds)).map(({ status, count }) => [status, count]),
  )
}

/** Of one run id in the JSON of a batch: 26 characters, its quotes and its comma. */
const RUN_ID_BYTES = 29

const OBJECT_BYTES = `(SELECT SUM(json_extract(value, '$.bytes')) FROM json_each(objects))`
const RUNS = `SUM((octet_length(run_ids) - 1) / ${RUN_ID_BYTES})`

/** Batches by their state, and how many runs they have; the texts that name these are not read. */
export function batchCounts(sql: Sql): Map<string, { batches: number; runs: number }> {
  const statement = `SELECT state, COUNT(*) AS batches, ${RUNS} AS runs FROM archive_batches GROUP BY state`
  type Row = { state: string; batches: number; runs: number }
  return new Map(sql.all<Row>(statement).map(({ state, ...counts }) => [state, counts]))
}

/** Warm batches that are to be cold. */
export function waitingBatches(sql: Sql): WaitingBatches {
  const statement = `SELECT COUNT(*) AS batches, ${RUNS} AS runs, SUM(${OBJECT_BYTES}) AS bytes, MIN(warmed_at) AS since
    FROM archive_batches WHERE state = 'warm' AND cold = 1`
  type Row = { batches: number; runs: number | null; bytes: number | null; since: number | null }
  const { batches = 0, runs = 0, bytes: all = 0, since = null } = sql.first<Row>(statement) ?? {}
  return { batches, runs: runs ?? 0, bytes: all ?? 0, ...(since !== null && { since }) }
}

/** Runs that only segments name. */
export function segmentedRuns(sql: Sql): number {
  return countOf(sql, `SELECT SUM(rows) AS count FROM archive_segments WHERE state = 'stored'`)
}

export function heldRuns(sql: Sql): number {
  return countOf(sql, 'SELECT COUNT(*) AS count FROM archive_holds')
}

export function deletionsPending(sql: Sql): number {
  return countOf(sql, 'SELECT COUNT(*) AS count FROM archive_deletions WHERE forget_at IS NULL')
}

export function garbageCount(sql: Sql): number {
  return countOf(sql, 'SELECT COUNT(*) AS count FROM archive_garbage')
}

function countOf(sql: Sql, statement: string): number {
  return sql.first<{ count: number | null }>(statement)?.count ?? 0
}
