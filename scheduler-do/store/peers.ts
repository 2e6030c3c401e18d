/** Messages between shards: an outbox numbered per destination, and how far each source has been applied. */
import type { Delivery } from '../../shared/delivery.ts'
import type { Sql } from './sql.ts'

export interface OutboxRow {
  shard: number
  number: number
  /** The run that sends it; empty where none does. */
  runId: string
  delivery: Delivery
}

export function insertOutbox(sql: Sql, row: OutboxRow): void {
  sql.run(
    'INSERT INTO outbox (shard, number, run_id, delivery) VALUES (?, ?, ?, ?)',
    row.shard,
    row.number,
    row.runId,
    JSON.stringify(row.delivery),
  )
}

export function setSent(sql: Sql, shard: number, number: number): void {
  const statement = `INSERT INTO peers (shard, sent_number) VALUES (?, ?)
    ON CONFLICT (shard) DO UPDATE SET sent_number = excluded.sent_number`
  sql.run(statement, shard, number)
}

export function setApplied(sql: Sql, shard: number, number: number): void {
  const statement = `INSERT INTO peers (shard, applied_number) VALUES (?, ?)
    ON CONFLICT (shard) DO UPDATE SET applied_number = excluded.applied_number`
  sql.run(statement, shard, number)
}

export function peers(sql: Sql): { shard: number; sent: number; applied: number }[] {
  type Row = { shard: number; sent_number: number; applied_number: number }
  const rows = sql.all<Row>('SELECT shard, sent_number, applied_number FROM peers')
  return rows.map((row) => ({ shard: row.shard, sent: row.sent_number, applied: row.applied_number }))
}

export function outboxRows(sql: Sql): OutboxRow[] {
  type Row = { shard: number; number: number; run_id: string; delivery: string }
  return sql.all<Row>('SELECT * FROM outbox ORDER BY shard, number').map((row) => ({
    shard: row.shard,
    number: row.number,
    runId: row.run_id,
    delivery: JSON.parse(row.delivery) as Delivery, // our own text
  }))
}

export function deleteOutbox(sql: Sql, shard: number, upTo: number): void {
  sql.run('DELETE FROM outbox WHERE shard = ? AND number <= ?', shard, upTo)
}
