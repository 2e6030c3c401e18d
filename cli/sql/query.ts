/** One statement, and its rows as text for people or as JSON for programs. */
import { DuckDBInstance, DuckDBTypeId } from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBResultReader } from '@duckdb/node-api'
import { CliError } from '../error.ts'
import { tableOf } from '../table.ts'

/** An empty database in memory; its day begins at midnight UTC, as the tables' partitions do. */
export async function openDatabase(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  instance.closeSync() // from here on it ends with its connection
  await connection.run("SET TimeZone = 'UTC'")
  return connection
}

export async function query(connection: DuckDBConnection, sql: string): Promise<DuckDBResultReader> {
  try {
    return await connection.runAndReadAll(sql)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('sql_failed', message, { cause })
  }
}

/** An array of objects, a row a line; whole numbers that JavaScript would round are text. */
export function asJson(result: DuckDBResultReader): string {
  const names = result.deduplicatedColumnNames()
  const rows = rowsOf(result).map((row) => {
    return JSON.stringify(Object.fromEntries(names.map((name, i) => [name, row[i]])), numberOrText)
  })
  return rows.length === 0 ? '[]' : `[\n${rows.join(',\n')}\n]`
}

/** The rows for people, and how many there are. */
export function asTable(result: DuckDBResultReader): string {
  const rows = rowsOf(result)
  const columns = result.columnNames().map((name, i) => {
    return { name, align: rows.every((row) => isNumber(row[i])) ? 'right' : 'left' } as const
  })
  const count = `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`
  return [
    tableOf(
      columns,
      rows.map((row) => row.map(cellOf)),
    ),
    '',
    count,
  ].join('\n')
}

/** JavaScript's values, but a day as `2026-11-24`: as a `Date` it would have a time of day. */
function rowsOf(result: DuckDBResultReader): unknown[][] {
  const isDay = result.columnTypes().map(({ typeId }) => typeId === DuckDBTypeId.DATE)
  return result
    .getRowsJS()
    .map((row) =>
      row.map((value, i) => (isDay[i] && value instanceof Date ? value.toISOString().slice(0, 10) : value)),
    )
}

function numberOrText(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}

function isNumber(value: unknown): boolean {
  return value === null || typeof value === 'number' || typeof value === 'bigint'
}

/** Text as it is, null as nothing, all else as JSON has it. */
function cellOf(value: unknown): string {
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'number' ? String(value) : JSON.stringify(value, numberOrText)
}
