/**
 * One query of somebody who does not sit at this machine's terminal: the dashboard's.
 *
 * B1 Nothing is written, and nothing is read but the tables: before the statement is looked at, DuckDB is shut off from
 *    files, network and extensions, and cannot be opened again.
 * B2 What is no query is refused before it is executed.
 * B3 Rows, bytes of the answer, memory and time are bounded.
 */
import { JsonDuckDBValueConverter, StatementType } from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResult } from '@duckdb/node-api'
import type { SqlResult } from '../../shared/sql.ts'
import { CliError } from '../error.ts'
import type { Archive } from './archive.ts'
import { quoted } from './views.ts'

export interface Bounds {
  readonly rows: number
  readonly bytes: number
  readonly ms: number
}

const QUERIES: readonly StatementType[] = [StatementType.SELECT, StatementType.EXPLAIN]
const MEMORY = '1GB'
const LOOKS_EVERY_MS = 50

/** The archive is closed with it. */
export async function boundedQuery(
  { connection, files }: Archive,
  statement: string,
  bounds: Bounds,
): Promise<SqlResult> {
  const beganAt = performance.now()
  const late = (): boolean => performance.now() - beganAt > bounds.ms
  const watch = setInterval(() => late() && connection.interrupt(), LOOKS_EVERY_MS)
  try {
    await shutOff(connection, files)
    const prepared = await preparedQuery(connection, statement)
    const read = await rowsWithin(bounds, await prepared.stream())
    return { ...read, tookMs: Math.round(performance.now() - beganAt) }
  } catch (cause) {
    if (cause instanceof CliError) throw cause
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('sql_failed', late() ? `it took more than ${bounds.ms} ms` : message, { cause })
  } finally {
    clearInterval(watch)
    connection.closeSync()
  }
}

async function shutOff(connection: DuckDBConnection, files: readonly string[]): Promise<void> {
  const settings = {
    allowed_paths: `[${files.map((file) => quoted(file, "'")).join(', ')}]`,
    memory_limit: quoted(MEMORY, "'"),
    temp_directory: "''",
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    enable_external_access: 'false',
    lock_configuration: 'true', // the last one: nothing can be set behind it
  }
  for (const [name, value] of Object.entries(settings)) await connection.run(`SET ${name} = ${value}`)
}

async function preparedQuery(
  connection: DuckDBConnection,
  statement: string,
): Promise<DuckDBPreparedStatement> {
  const extracted = await connection.extractStatements(statement)
  if (extracted.count !== 1) throw new CliError('sql_failed', 'one statement is run at a time')
  const prepared = await extracted.prepare(0)
  const { statementType } = prepared
  if (QUERIES.includes(statementType)) return prepared
  throw new CliError('sql_failed', `${StatementType[statementType]} is no query: only what reads is run here`)
}

async function rowsWithin(
  { rows: most, bytes: room }: Bounds,
  result: DuckDBResult,
): Promise<Omit<SqlResult, 'tookMs'>> {
  const columns = result
    .columnNames()
    .map((name, column) => ({ name, type: String(result.columnType(column)) }))
  const rows: SqlResult['rows'] = []
  let left = room
  for await (const chunk of result) {
    for (let row = 0; row < chunk.rowCount; row += 1) {
      const values = chunk.convertRowValues(row, JsonDuckDBValueConverter)
      left -= Buffer.byteLength(JSON.stringify(values))
      if (rows.length === most || left < 0) return { columns, rows, truncated: true }
      rows.push(values)
    }
  }
  return { columns, rows, truncated: false }
}
