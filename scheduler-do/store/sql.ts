/**
 * The statements of the hot path are SQL text, executed as they are: the cursor's `rowsWritten` is what the budget of
 * the schema is counted by, and the platform prepares each text once.
 */
import type { ObjectStorage } from '../runtime.ts'
import { bulkStatements } from './bulk.ts'
import type { Bulk } from './bulk.ts'

export type SqlValue = string | number | null | ArrayBuffer

export class Sql {
  readonly #sql: ObjectStorage['sql']
  /** Rows written since the object woke, index rows included. */
  rowsWritten = 0
  /** Per statement, how many values a row has, and the values of all its rows. */
  readonly #gathered = new Map<Bulk, { width: number; values: SqlValue[] }>()

  constructor(sql: ObjectStorage['sql']) {
    this.#sql = sql
  }

  /** In bytes. */
  get databaseSize(): number {
    return this.#sql.databaseSize
  }

  run(statement: string, ...values: SqlValue[]): void {
    this.rowsWritten += this.#sql.exec(statement, ...values).rowsWritten
  }

  /** Adds a row to a statement that `flush` will execute: each execution makes a cursor, which costs more than a row. */
  gather(bulk: Bulk, ...values: SqlValue[]): void {
    const rows = this.#gathered.get(bulk)
    if (rows) rows.values.push(...values)
    else this.#gathered.set(bulk, { width: values.length, values })
  }

  /** Executes what was gathered, in the order in which the statements were first used. */
  flush(): void {
    for (const [bulk, rows] of this.#gathered)
      for (const { text, bound } of bulkStatements(bulk, rows)) this.run(text, ...bound)
    this.#gathered.clear()
  }

  /** Forgets what was gathered: the transaction it was for has failed. */
  discard(): void {
    this.#gathered.clear()
  }

  all<Row extends Record<string, SqlValue>>(statement: string, ...values: SqlValue[]): Row[] {
    return this.#sql.exec<Row>(statement, ...values).toArray()
  }

  /** Row by row: what is not taken is not read. */
  each<Row extends Record<string, SqlValue>>(statement: string, ...values: SqlValue[]): Iterable<Row> {
    return this.#sql.exec<Row>(statement, ...values)
  }

  first<Row extends Record<string, SqlValue>>(statement: string, ...values: SqlValue[]): Row | undefined {
    return this.all<Row>(statement, ...values)[0]
  }
}

/** JSON text of a value, or null where there is none. */
export function toJson(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value)
}

/** What `toJson` wrote. The caller names the type it wrote. */
export function fromJson<T>(text: string | null | undefined): T | undefined {
  return text === null || text === undefined ? undefined : (JSON.parse(text) as T) // our own text
}
