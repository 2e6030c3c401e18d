/** The Avro schemas of manifests and manifest lists, with the field ids that the Iceberg specification gives. */
import type { AvroSchema, FieldNames } from './shape.ts'

/** Of a manifest whose files have partitions of the Avro type `partition`. */
export function entrySchema(partition: AvroSchema): AvroSchema {
  return record('manifest_entry', [
    field(0, 'status', 'int'),
    optional(1, 'snapshot_id', 'long'),
    optional(3, 'sequence_number', 'long'),
    optional(4, 'file_sequence_number', 'long'),
    field(2, 'data_file', dataFileSchema(partition)),
  ])
}

export const manifestFileSchema: AvroSchema = record('manifest_file', [
  field(500, 'manifest_path', 'string'),
  field(501, 'manifest_length', 'long'),
  field(502, 'partition_spec_id', 'int'),
  field(517, 'content', 'int'),
  field(515, 'sequence_number', 'long'),
  field(516, 'min_sequence_number', 'long'),
  field(503, 'added_snapshot_id', 'long'),
  field(504, 'added_files_count', 'int'),
  field(505, 'existing_files_count', 'int'),
  field(506, 'deleted_files_count', 'int'),
  field(512, 'added_rows_count', 'long'),
  field(513, 'existing_rows_count', 'long'),
  field(514, 'deleted_rows_count', 'long'),
  optional(507, 'partitions', {
    type: 'array',
    'element-id': 508,
    items: record('r508', [
      field(509, 'contains_null', 'boolean'),
      optional(518, 'contains_nan', 'boolean'),
      optional(510, 'lower_bound', 'bytes'),
      optional(511, 'upper_bound', 'bytes'),
    ]),
  }),
  optional(519, 'key_metadata', 'bytes'),
])

/** The name of each field of `schema` that has an id. */
export function namesIn(schema: AvroSchema): FieldNames {
  const names = new Map<number, string>()
  collect(schema, names)
  return names
}

export function record(name: string, fields: readonly AvroSchema[]): AvroSchema {
  return { type: 'record', name, fields }
}

export function optional(id: number, name: string, type: AvroSchema): AvroSchema {
  return { name, type: ['null', type], default: null, 'field-id': id }
}

function dataFileSchema(partition: AvroSchema): AvroSchema {
  return record('r2', [
    field(134, 'content', 'int'),
    field(100, 'file_path', 'string'),
    field(101, 'file_format', 'string'),
    field(102, 'partition', partition),
    field(103, 'record_count', 'long'),
    field(104, 'file_size_in_bytes', 'long'),
    optional(108, 'column_sizes', byColumn(117, 118, 'long')),
    optional(109, 'value_counts', byColumn(119, 120, 'long')),
    optional(110, 'null_value_counts', byColumn(121, 122, 'long')),
    optional(137, 'nan_value_counts', byColumn(138, 139, 'long')),
    optional(125, 'lower_bounds', byColumn(126, 127, 'bytes')),
    optional(128, 'upper_bounds', byColumn(129, 130, 'bytes')),
    optional(131, 'key_metadata', 'bytes'),
    optional(132, 'split_offsets', { type: 'array', items: 'long', 'element-id': 133 }),
    optional(135, 'equality_ids', { type: 'array', items: 'int', 'element-id': 136 }),
    optional(140, 'sort_order_id', 'int'),
  ])
}

function field(id: number, name: string, type: AvroSchema): AvroSchema {
  return { name, type, 'field-id': id }
}

/** Avro's maps have string keys only; Iceberg's by field id are arrays of pairs. */
function byColumn(keyId: number, valueId: number, type: AvroSchema): AvroSchema {
  const pair = record(`k${keyId}_v${valueId}`, [field(keyId, 'key', 'int'), field(valueId, 'value', type)])
  return { type: 'array', logicalType: 'map', items: pair }
}

function collect(schema: unknown, names: Map<number, string>): void {
  if (Array.isArray(schema)) for (const branch of schema) collect(branch, names)
  if (typeof schema !== 'object' || schema === null) return
  const { name, type, items, fields, 'field-id': id }: Record<string, unknown> = { ...schema }
  if (typeof id === 'number' && typeof name === 'string') names.set(id, name)
  for (const part of [type, items, fields]) collect(part, names)
}
