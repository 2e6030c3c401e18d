/** The two tables as Parquet files that DuckDB writes, with the columns and field ids of the cold tier. */
import { join } from 'node:path'
import type { IcebergSchema } from '../../../archiver/iceberg/metadata.ts'
import type { LocalTable } from '../../../cli/sql/views.ts'
import { openDatabase } from '../../../cli/sql/query.ts'

export const executions = schemaOf(
  'namespace workflow_id run_id workflow_type task_queue status parent_workflow_id parent_run_id',
  'started_at:timestamptz closed_at:timestamptz history_length:long history_bytes:long',
  'input result failure memo search_attributes shard_id archive_batch_id',
)

export const history = schemaOf(
  'namespace workflow_id run_id event_id:long event_type event_data timestamp:timestamptz workflow_type task_queue',
  'closed_at:timestamptz archive_batch_id',
)

export type Row = Readonly<Record<string, string | number | null>>

/** One file per batch of rows; times in epoch milliseconds. */
export async function tableOf(
  where: { directory: string; name: string },
  schema: IcebergSchema,
  batches: readonly (readonly Row[])[],
): Promise<LocalTable> {
  const connection = await openDatabase()
  const files: string[] = []
  for (const [i, rows] of batches.entries()) {
    const file = join(where.directory, `${where.name}-${i}.parquet`)
    await connection.run(writing(schema, file), { rows: JSON.stringify(rows) })
    files.push(file)
  }
  connection.closeSync()
  return { name: where.name, schema, files }
}

function writing({ fields }: IcebergSchema, file: string): string {
  const typed = fields.map(({ name, type }) => [name, type === 'string' ? 'VARCHAR' : 'BIGINT'])
  const shape = JSON.stringify([Object.fromEntries(typed)])
  const columns = fields.map(({ name, type }) =>
    type === 'timestamptz' ? `make_timestamptz(${name} * 1000) AS ${name}` : name,
  )
  const ids = fields.map(({ name, id }) => `${name}: ${id}`)
  return `COPY (SELECT ${columns.join(', ')} FROM (SELECT unnest(from_json($rows, '${shape}'), recursive := true)))
    TO '${file}' (FORMAT parquet, COMPRESSION zstd, FIELD_IDS {${ids.join(', ')}})`
}

function schemaOf(...columns: string[]): IcebergSchema {
  const fields = columns
    .join(' ')
    .split(' ')
    .map((column, i) => {
      const [name = '', type = 'string'] = column.split(':')
      return { id: i + 1, name, type, required: false }
    })
  return { type: 'struct', 'schema-id': 0, fields }
}
