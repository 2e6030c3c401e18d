/**
 * The two tables of the archive. Field ids are never given to another column; a column that is added is optional and
 * has the next id.
 */
import type { TableDefinition } from './catalog.ts'
import { executionColumns, historyColumns, type Column } from '../columns.ts'
import type { IcebergSchema, PartitionSpec, SortOrder } from './metadata.ts'

/** One row per closed run. */
export const workflowExecutions: TableDefinition = {
  schema: schemaOf(executionColumns, ['namespace', 'workflow_id', 'run_id']),
  spec: byDay(10),
  order: ascending(10, 2),
  properties: properties(),
}

/** One row per event of a closed run. */
export const workflowHistory: TableDefinition = {
  schema: schemaOf(historyColumns, ['namespace', 'workflow_id', 'run_id', 'event_id']),
  spec: byDay(10),
  order: ascending(2, 3, 4),
  properties: properties(),
}

/** Of both tables: the day, in UTC, on which the run closed. A run then lies in one partition. */
export const CLOSED_AT_DAY = 'closed_at_day'

function schemaOf(columns: readonly Column[], identifiers: readonly string[]): IcebergSchema {
  const fields = columns.map(({ id, name, type, required, json }) => ({
    id,
    name,
    required,
    type,
    ...(json && { doc: 'JSON' }),
  }))
  const ids = columns.filter(({ name }) => identifiers.includes(name)).map(({ id }) => id)
  return { type: 'struct', 'schema-id': 0, 'identifier-field-ids': ids, fields }
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
