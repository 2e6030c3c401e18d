/** Runs that callers deleted. */
import type { Sql } from './sql.ts'

export interface DeletionRow {
  runId: string
  workflowId: string
  closedAt: number
  /** The segment that names it. */
  segment: number | null
  /** By when the cold tier has lost it; null: it never had it. */
  coldGoneBy: number | null
  /** Null: the run has not been purged yet. */
  forgetAt: number | null
}

export function deletionOf(sql: Sql, runId: string): DeletionRow | null {
  const row = sql.first<RawDeletion>('SELECT * FROM archive_deletions WHERE run_id = ?', runId)
  return row ? parseDeletion(row) : null
}

export function putDeletion(sql: Sql, row: DeletionRow): void {
  const { runId, workflowId, closedAt, segment, coldGoneBy, forgetAt } = row
  const statement = `INSERT OR REPLACE INTO archive_deletions (run_id, workflow_id, closed_at, segment, cold_gone_by, forget_at)
    VALUES (?, ?, ?, ?, ?, ?)`
  sql.run(statement, runId, workflowId, closedAt, segment, coldGoneBy, forgetAt)
}

/** Runs that are not purged yet, oldest first. */
export function pendingDeletions(sql: Sql): DeletionRow[] {
  const statement = 'SELECT * FROM archive_deletions WHERE forget_at IS NULL ORDER BY run_id'
  return sql.all<RawDeletion>(statement).map(parseDeletion)
}

export function forgetDeletions(sql: Sql, now: number): void {
  sql.run('DELETE FROM archive_deletions WHERE forget_at <= ?', now)
}

/** Batches that hold a run which is not purged yet. `CROSS`: the few deletions are gone through, not the many runs. */
export function batchesToPurge(sql: Sql): Set<number> {
  const statement = `SELECT DISTINCT archive_batch FROM archive_deletions CROSS JOIN workflows USING (run_id)
    WHERE forget_at IS NULL AND archive_batch IS NOT NULL`
  const rows = sql.all<{ archive_batch: number }>(statement)
  return new Set(rows.map((row) => row.archive_batch))
}

type RawDeletion = {
  run_id: string
  workflow_id: string
  closed_at: number
  segment: number | null
  cold_gone_by: number | null
  forget_at: number | null
}

function parseDeletion(row: RawDeletion): DeletionRow {
  return {
    runId: row.run_id,
    workflowId: row.workflow_id,
    closedAt: row.closed_at,
    segment: row.segment,
    coldGoneBy: row.cold_gone_by,
    forgetAt: row.forget_at,
  }
}
