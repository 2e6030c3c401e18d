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

/** Returns the length of the message's JSON. */
export function insertOutbox(sql: Sql, row: OutboxRow): number {
  const text = JSON.stringify(row.delivery)
  const statement = 'INSERT INTO outbox (shard, number, run_id, delivery) VALUES (?, ?, ?, ?)'
  sql.run(statement, row.shard, row.number, row.runId, text)
  return text.length
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

/** The shards that something waits for. */
export function outboxShards(sql: Sql): number[] {
  return sql
    .all<{ shard: number }>('SELECT DISTINCT shard FROM outbox ORDER BY shard')
    .map(({ shard }) => shard)
}

/** The first messages to a shard, up to `maxLength` of JSON but one at least. */
export function outboxPage(sql: Sql, shard: number, maxLength: number) {
  const rows: { number: number; delivery: Delivery; length: number }[] = []
  let left = maxLength
  const statement = 'SELECT number, delivery FROM outbox WHERE shard = ? ORDER BY number'
  for (const { number, delivery: text } of sql.each<{ number: number; delivery: string }>(statement, shard)) {
    left -= text.length
    if (rows.length > 0 && left < 0) break
    rows.push({ number, delivery: JSON.parse(text) as Delivery, length: text.length }) // our own text
  }
  return rows
}

export function deleteOutbox(sql: Sql, shard: number, upTo: number): void {
  sql.run('DELETE FROM outbox WHERE shard = ? AND number <= ?', shard, upTo)
}
