/** One statement, and its rows as text for people or as JSON for programs. */
import { DuckDBInstance, DuckDBTypeId } from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBResultReader } from '@duckdb/node-api'
import { SqlError } from './error.ts'

/** An empty database in memory; its day begins at midnight UTC, as the tables' partitions do. */
export async function openDatabase(): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create()).connect()
  await connection.run("SET TimeZone = 'UTC'")
  return connection
}

export async function query(connection: DuckDBConnection, sql: string): Promise<DuckDBResultReader> {
  try {
    return await connection.runAndReadAll(sql)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new SqlError('sql_failed', message, { cause })
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

/** Columns as wide as their widest cell, numbers to the right. */
export function asTable(result: DuckDBResultReader): string {
  const names = result.columnNames()
  const rows = rowsOf(result)
  const cells = rows.map((row) => row.map(cellOf))
  const widths = names.map((name, i) => Math.max(name.length, ...cells.map((row) => row[i]?.length ?? 0)))
  const right = names.map((_, i) => rows.every((row) => isNumber(row[i])))
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (right[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  const rule = line(widths.map((width) => '─'.repeat(width)))
  const count = `${cells.length} ${cells.length === 1 ? 'row' : 'rows'}`
  return [line(names), rule, ...cells.map(line), '', count].join('\n')
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
  if (typeof value === 'string') return value.replaceAll('\n', ' ')
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'number' ? String(value) : JSON.stringify(value, numberOrText)
}
