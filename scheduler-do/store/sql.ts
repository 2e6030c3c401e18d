/**
 * The statements of the hot path are SQL text, executed as they are: the cursor's `rowsWritten` is what the budget of
 * the schema is counted by, and the platform prepares each text once.
 */
export type SqlValue = string | number | null

export class Sql {
  readonly #sql: SqlStorage
  /** Rows written since the object woke, index rows included. */
  rowsWritten = 0

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  run(statement: string, ...values: SqlValue[]): void {
    this.rowsWritten += this.#sql.exec(statement, ...values).rowsWritten
  }

  all<Row extends Record<string, SqlValue>>(statement: string, ...values: SqlValue[]): Row[] {
    return this.#sql.exec<Row>(statement, ...values).toArray()
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
