/** Partitions of data files: their type in a manifest, and what a manifest list tells of all those of a manifest. */
import { ArchiveError } from '../error.ts'
import { compareBytes, serialize } from './bounds.ts'
import { optional, record } from './fields.ts'
import type { IcebergSchema, PartitionField, PartitionSpec, TableMetadata } from './metadata.ts'
import type { AvroSchema } from './shape.ts'

/** Of one partition field over the files of a manifest. */
export interface FieldSummary {
  readonly containsNull: boolean
  readonly containsNan: boolean | null
  readonly lower: Uint8Array | null
  readonly upper: Uint8Array | null
}

/** The spec whose fields the partition of a file has: the table's default, or else another of its specs. */
export function specOf(metadata: TableMetadata, partition: Readonly<Record<string, unknown>>): PartitionSpec {
  const specs = metadata['partition-specs']
  const preferred = specs.filter((spec) => spec['spec-id'] === metadata['default-spec-id'])
  const names = Object.keys(partition).toSorted().join()
  const spec = [...preferred, ...specs].find((one) => fieldNames(one).toSorted().join() === names)
  if (spec !== undefined) return spec
  throw new ArchiveError('batch_invalid', metadata.location, `no partition spec has just the fields ${names}`)
}

/** The Avro type of the `partition` of a data file. */
export function partitionType(spec: PartitionSpec, schema: IcebergSchema): AvroSchema {
  const fields = spec.fields.map((field) => optional(field['field-id'], field.name, avroType(field, schema)))
  return record('r102', fields)
}

/** Gathers the summary of one partition field, file by file. */
export class Summary {
  #containsNull = false
  #lower: Uint8Array | null = null
  #upper: Uint8Array | null = null
  #unbounded = false

  add(value: unknown): void {
    if (value === null || value === undefined) {
      this.#containsNull = true
      return
    }
    const bytes = boundOf(value)
    if (bytes === null) this.#unbounded = true
    else this.#widen(bytes, orderOf(value))
  }

  finish(): FieldSummary {
    const [lower, upper] = this.#unbounded ? [null, null] : [this.#lower, this.#upper]
    return { containsNull: this.#containsNull, containsNan: null, lower, upper }
  }

  #widen(bytes: Uint8Array, compare: (a: Uint8Array, b: Uint8Array) => number): void {
    if (this.#lower === null || compare(bytes, this.#lower) < 0) this.#lower = bytes
    if (this.#upper === null || compare(bytes, this.#upper) > 0) this.#upper = bytes
  }
}

function fieldNames(spec: PartitionSpec): string[] {
  return spec.fields.map(({ name }) => name)
}

/** Of the transforms and types that tables here have. Manifests of other specs are rewritten with the type they have. */
function avroType(field: PartitionField, schema: IcebergSchema): AvroSchema {
  switch (field.transform) {
    case 'day':
      return { type: 'int', logicalType: 'date' }
    case 'identity':
      if (schema.fields.some(({ id, type }) => id === field['source-id'] && type === 'string'))
        return 'string'
      break
    default:
  }
  throw new ArchiveError('batch_invalid', field.name, `cannot write partitions by ${field.transform}`)
}

/** Null for types whose serialization or order is not written here: without bounds, readers look into the manifest. */
function boundOf(value: unknown): Uint8Array | null {
  if (typeof value === 'string') return serialize('string', value)
  if (typeof value === 'number' && value === (value | 0)) return serialize('int', value)
  return null
}

function orderOf(value: unknown): (a: Uint8Array, b: Uint8Array) => number {
  return typeof value === 'string' ? compareBytes : (a, b) => int(a) - int(b)
}

function int(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true)
}
