/**
 * The two tables of the archive. Field ids are never given to another column; a column that is added is optional and
 * has the next id.
 */
import type { TableDefinition } from './catalog.ts'
import type { IcebergSchema, NestedField, PartitionSpec, SortOrder } from './metadata.ts'

/** One row per closed run. */
export const workflowExecutions: TableDefinition = {
  schema: schemaOf(
    [
      required('namespace', 'string'),
      required('workflow_id', 'string'),
      required('run_id', 'string'),
      required('workflow_type', 'string'),
      optional('task_queue', 'string'),
      required('status', 'string'),
      optional('parent_workflow_id', 'string'),
      optional('parent_run_id', 'string'),
      required('started_at', 'timestamptz'),
      required('closed_at', 'timestamptz'),
      required('history_length', 'long'),
      required('history_bytes', 'long'),
      optional('input', 'string', 'JSON'),
      optional('result', 'string', 'JSON'),
      optional('failure', 'string', 'JSON'),
      optional('memo', 'string', 'JSON'),
      optional('search_attributes', 'string', 'JSON'),
      required('shard_id', 'string'),
      required('archive_batch_id', 'string'),
    ],
    [1, 2, 3],
  ),
  spec: byDay(10),
  order: ascending(10, 2),
  properties: properties(),
}

/** One row per event of a closed run. */
export const workflowHistory: TableDefinition = {
  schema: schemaOf(
    [
      required('namespace', 'string'),
      required('workflow_id', 'string'),
      required('run_id', 'string'),
      required('event_id', 'long'),
      required('event_type', 'string'),
      required('event_data', 'string', 'JSON'),
      required('timestamp', 'timestamptz'),
      required('workflow_type', 'string'),
      optional('task_queue', 'string'),
      required('closed_at', 'timestamptz'),
      required('archive_batch_id', 'string'),
    ],
    [1, 2, 3, 4],
  ),
  spec: byDay(10),
  order: ascending(2, 3, 4),
  properties: properties(),
}

/** Columns of JSON: their files have no bounds for them, which would select nothing and show what was in them. */
export function hasBounds(column: NestedField): boolean {
  return column.doc !== 'JSON'
}

/** Of both tables: the day, in UTC, on which the run closed. A run then lies in one partition. */
export const CLOSED_AT_DAY = 'closed_at_day'

type Column = Omit<NestedField, 'id'>

/** Ids count from 1. */
function schemaOf(columns: readonly Column[], identifierIds: readonly number[]): IcebergSchema {
  return {
    type: 'struct',
    'schema-id': 0,
    'identifier-field-ids': identifierIds,
    fields: columns.map((column, i) => ({ id: i + 1, ...column })),
  }
}

function required(name: string, type: string, doc?: string): Column {
  return { name, required: true, type, ...(doc !== undefined && { doc }) }
}

function optional(name: string, type: string, doc?: string): Column {
  return { ...required(name, type, doc), required: false }
}

function byDay(closedAt: number): PartitionSpec {
  const field = { 'source-id': closedAt, 'field-id': 1000, name: 'closed_at_day', transform: 'day' }
  return { 'spec-id': 0, fields: [field] }
}

function ascending(...columns: number[]): SortOrder {
  const fields = columns.map((id) => ({
    transform: 'identity',
    'source-id': id,
    direction: 'asc' as const,
    'null-order': 'nulls-first' as const,
  }))
  return { 'order-id': 1, fields }
}

function properties(): Record<string, string> {
  return {
    'write.parquet.compression-codec': 'zstd',
    'write.metadata.delete-after-commit.enabled': 'true',
    'write.metadata.previous-versions-max': '100',
    'commit.retry.num-retries': '10',
    'history.expire.max-snapshot-age-ms': '604800000',
  }
}
