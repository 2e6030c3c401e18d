/** Rows on their way to the archive. */
import type { WarmLocator } from '../../shared/archive.ts'
import type { Sql } from './sql.ts'

export interface BatchRow {
  number: number
  runIds: string[]
}

export function openBatch(sql: Sql): BatchRow | null {
  const row = sql.first<{ number: number; run_ids: string }>(
    'SELECT * FROM archive_batches ORDER BY number LIMIT 1',
  )
  return row ? { number: row.number, runIds: JSON.parse(row.run_ids) as string[] } : null // our own text
}

export function insertBatch(sql: Sql, batch: BatchRow): void {
  sql.run('INSERT INTO archive_batches VALUES (?, ?)', batch.number, JSON.stringify(batch.runIds))
}

export function closeBatch(sql: Sql, number: number): void {
  sql.run('DELETE FROM archive_batches WHERE number = ?', number)
}

/** Closed runs in the order they closed, oldest first. */
export function proposable(
  sql: Sql,
  from: { closedBefore: number; upTo: number; limit: number },
): { runId: string; historyBytes: number }[] {
  const statement = `SELECT run_id, history_bytes FROM workflows WHERE completed_at IS NOT NULL AND tier = 'hot'
    AND closed_sequence <= ? AND completed_at <= ? ORDER BY closed_sequence LIMIT ?`
  type Row = { run_id: string; history_bytes: number | null }
  const rows = sql.all<Row>(statement, from.upTo, from.closedBefore, from.limit)
  return rows.map((row) => ({ runId: row.run_id, historyBytes: row.history_bytes ?? 0 }))
}

/** The run's payloads are in the archive from here on; the row keeps what finds it and what lists show. */
export function toWarm(sql: Sql, runId: string, locator: WarmLocator): void {
  const statement = `UPDATE workflows SET tier = 'warm', warm = ?, input = NULL, result = NULL, error = NULL WHERE run_id = ?`
  sql.run(statement, JSON.stringify(locator), runId)
}
