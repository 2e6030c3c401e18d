/** Messages that wait for their payload to become an object of the run they are for. */
import type { Delivery } from '../../shared/delivery.ts'
import type { Sql } from './sql.ts'

export function insertHeld(sql: Sql, id: string, delivery: Delivery): void {
  sql.run('INSERT OR IGNORE INTO held_deliveries (id, delivery) VALUES (?, ?)', id, JSON.stringify(delivery))
}

export function deleteHeld(sql: Sql, id: string): void {
  sql.run('DELETE FROM held_deliveries WHERE id = ?', id)
}

export function heldDeliveries(sql: Sql): { id: string; delivery: Delivery }[] {
  const rows = sql.all<{ id: string; delivery: string }>('SELECT id, delivery FROM held_deliveries')
  return rows.map(({ id, delivery }) => ({ id, delivery: JSON.parse(delivery) as Delivery })) // our own text
}
