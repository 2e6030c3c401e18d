/** The views that a query finds: the two tables of the cold tier, the runs that are not there yet, and all of them. */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { IcebergSchema, NestedField } from '../../archiver/iceberg/metadata.ts'
import type { HotRow } from '../../shared/hot.ts'
import { CliError } from '../error.ts'

export interface LocalTable {
  readonly name: string
  readonly schema: IcebergSchema
  /** Parquet files on disk: all that the table's current snapshot names, and no other. */
  readonly files: readonly string[]
}

export async function createTableView(connection: DuckDBConnection, table: LocalTable): Promise<void> {
  const { name, schema, files } = table
  const source = files.length === 0 ? noRows(schema.fields) : rowsOf(schema.fields, files)
  await connection.run(`CREATE VIEW ${quoted(name, '"')} AS ${source}`)
}

/** `hot_executions` and `all_executions`; of a run that is in both tiers, being archived just now, the cold row counts. */
export async function createRunViews(connection: DuckDBConnection, rows: readonly HotRow[]): Promise<void> {
  const shape = JSON.stringify([Object.fromEntries(HOT_COLUMNS)])
  const instants = ['started_at', 'closed_at'].map((name) => `make_timestamptz(${name} * 1000) AS ${name}`)
  await connection.run(
    `CREATE TABLE hot_executions AS SELECT * REPLACE (${instants.join(', ')})
       FROM (SELECT unnest(from_json($rows, ${quoted(shape, "'")}), recursive := true))`,
    { rows: JSON.stringify(rows) },
  )
  await connection.run(
    `CREATE VIEW all_executions AS
       SELECT *, 'cold' AS tier FROM workflow_executions
       UNION ALL BY NAME
       SELECT * FROM hot_executions WHERE run_id NOT IN (SELECT run_id FROM workflow_executions)`,
  )
}

const HOT_COLUMNS: [keyof HotRow, string][] = [
  ['namespace', 'VARCHAR'],
  ['workflow_id', 'VARCHAR'],
  ['run_id', 'VARCHAR'],
  ['workflow_type', 'VARCHAR'],
  ['task_queue', 'VARCHAR'],
  ['status', 'VARCHAR'],
  ['started_at', 'BIGINT'],
  ['closed_at', 'BIGINT'],
  ['history_length', 'BIGINT'],
  ['history_bytes', 'BIGINT'],
  ['input', 'VARCHAR'],
  ['result', 'VARCHAR'],
  ['failure', 'VARCHAR'],
  ['memo', 'VARCHAR'],
  ['search_attributes', 'VARCHAR'],
  ['tier', 'VARCHAR'],
]

/** Columns by field id, as Iceberg has it: older files lack younger columns, and may know a column by another name. */
function rowsOf(fields: readonly NestedField[], files: readonly string[]): string {
  const columns = fields.map(
    ({ id, name, type }) =>
      `${id}: {name: ${quoted(name, "'")}, type: '${duckdbType(type)}', default_value: NULL}`,
  )
  const paths = files.map((file) => quoted(file, "'"))
  return `SELECT * FROM read_parquet([${paths.join(', ')}], schema = MAP {${columns.join(', ')}})`
}

function noRows(fields: readonly NestedField[]): string {
  const columns = fields.map(({ name, type }) => `CAST(NULL AS ${duckdbType(type)}) AS ${quoted(name, '"')}`)
  return `SELECT ${columns.join(', ')} WHERE false`
}

const DUCKDB_TYPES: Readonly<Record<string, string>> = {
  boolean: 'BOOLEAN',
  int: 'INTEGER',
  long: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  date: 'DATE',
  timestamptz: 'TIMESTAMPTZ',
  string: 'VARCHAR',
  binary: 'BLOB',
}

function duckdbType(type: string): string {
  const known = DUCKDB_TYPES[type]
  if (known !== undefined) return known
  throw new CliError('unsupported_table', `a column has type ${type}, which this command does not know`)
}

export function quoted(text: string, quote: '"' | "'"): string {
  return quote + text.replaceAll(quote, quote + quote) + quote
}
