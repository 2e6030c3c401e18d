/** The lines of concurrency keys: a row for each activity that holds a key or waits for it. */
import type { ParentLink } from '../../shared/core/events.ts'
import type { KeyPlace } from '../../shared/core/key-line.ts'
import type { Sql } from './sql.ts'

interface Key {
  readonly taskQueue: string
  readonly concurrencyKey: string
}

export function insertPlace(
  sql: Sql,
  { taskQueue, concurrencyKey }: Key,
  { number, holder }: KeyPlace,
): void {
  sql.run(
    'INSERT INTO concurrency_keys (task_queue, key, number, holder) VALUES (?, ?, ?, ?)',
    taskQueue,
    concurrencyKey,
    number,
    JSON.stringify(holder),
  )
}

export function deletePlace(sql: Sql, { taskQueue, concurrencyKey }: Key, number: number): void {
  const statement = 'DELETE FROM concurrency_keys WHERE task_queue = ? AND key = ? AND number = ?'
  sql.run(statement, taskQueue, concurrencyKey, number)
}

/** Each line in its order. */
export function keyPlaces(sql: Sql): (Key & { place: KeyPlace })[] {
  type Row = { task_queue: string; key: string; number: number; holder: string }
  const statement =
    'SELECT task_queue, key, number, holder FROM concurrency_keys ORDER BY task_queue, key, number'
  return sql.all<Row>(statement).map(({ task_queue, key, number, holder }) => ({
    taskQueue: task_queue,
    concurrencyKey: key,
    place: { number, holder: JSON.parse(holder) as ParentLink }, // our own text
  }))
}
