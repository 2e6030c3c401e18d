/** A table of two columns partitioned by day, and what engines add to one. */
import { applyUpdates, newMetadata } from '../../../archiver/iceberg/updates.ts'
import type { TableDefinition, Update } from '../../../archiver/iceberg/catalog.ts'
import type { Snapshot, TableMetadata } from '../../../archiver/iceberg/metadata.ts'

export const noon = Date.UTC(2026, 10, 24, 12)
/** A snapshot id as other engines draw them, beyond what a double can hold. */
export const foreignId = 7_213_948_571_203_948_571n

export const definition: TableDefinition = {
  schema: {
    type: 'struct',
    'schema-id': 0,
    'identifier-field-ids': [1],
    fields: [
      { id: 1, name: 'workflow_id', required: true, type: 'string' },
      { id: 2, name: 'closed_at', required: true, type: 'timestamptz' },
    ],
  },
  spec: {
    'spec-id': 0,
    fields: [{ 'source-id': 2, 'field-id': 1000, name: 'closed_at_day', transform: 'day' }],
  },
  order: {
    'order-id': 1,
    fields: [{ transform: 'identity', 'source-id': 1, direction: 'asc', 'null-order': 'nulls-first' }],
  },
  properties: { 'write.parquet.compression-codec': 'zstd' },
}

export const created: TableMetadata = newMetadata(definition, {
  uuid: '6f6c8d2e-0000-4000-8000-000000000001',
  location: 's3://perdure-archive/iceberg/durable/history',
  now: noon,
})

export function snapshotOf(id: bigint, sequence: number, parent?: bigint): Snapshot {
  return {
    'snapshot-id': id,
    ...(parent === undefined ? {} : { 'parent-snapshot-id': parent }),
    'sequence-number': sequence,
    'timestamp-ms': noon + sequence * 1_000,
    'manifest-list': `s3://perdure-archive/iceberg/durable/history/metadata/snap-${id}.avro`,
    summary: { operation: 'append', 'added-records': '3' },
    'schema-id': 0,
  }
}

export function appended(id: bigint, sequence: number, parent?: bigint): Update[] {
  return [
    { action: 'add-snapshot', snapshot: snapshotOf(id, sequence, parent) },
    { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': id },
  ]
}

/** `metadata` after one commit of `updates`. */
export function after(metadata: TableMetadata, ...updates: Update[]): TableMetadata {
  return applyUpdates(metadata, updates, { now: noon, previousLocation: 's3://previous.metadata.json' })
    .metadata
}
