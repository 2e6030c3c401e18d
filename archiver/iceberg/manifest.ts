/**
 * Manifests: files that list data files. Bytes in, entries out, and back; `manifests.ts` has the files' list.
 *
 * I1 A manifest is written for one partition spec and one kind of content, and never changes.
 * I2 What another engine's entries hold that is of no use here (NaN counts, keys, equality ids, partitions of types that
 *    are unknown here) is written again as it was read.
 * I3 An added entry has no sequence number of its own: it has that of the commit, which is known only when that succeeds.
 */
import { ContainerWriter, openContainer } from './avro.ts'
import { entrySchema, namesIn, record } from './fields.ts'
import type { DataFile } from './file.ts'
import type { PartitionField, PartitionSpec, TableMetadata } from './metadata.ts'
import { partitionType, Summary, type FieldSummary } from './partition.ts'
import { fileOf, fileRecord, type StoredFile } from './stored.ts'
import { corrupt, type AvroRecord, type AvroSchema, type FieldNames } from './shape.ts'
import { bigintOrNull, intOf, numberOrNull, recordOf } from './values.ts'

export const EXISTING = 0
export const ADDED = 1
export const DELETED = 2

export interface Entry {
  readonly status: number
  readonly snapshotId: bigint
  /** Null of an added one, until its manifest is committed. */
  readonly sequenceNumber: number | null
  readonly fileSequenceNumber: number | null
  readonly file: DataFile | StoredFile
}

/** What all entries of a manifest have in common. */
export interface ManifestHeader {
  readonly specId: number
  /** 0 when it lists data, 1 when it lists deletes. */
  readonly content: number
  readonly spec: readonly PartitionField[]
  /** JSON of the table's schema when it was written. */
  readonly schema: string
  readonly schemaId: string
  /** Avro type of the partitions. */
  readonly partition: AvroSchema
}

/** What a manifest list has to say of a manifest's entries. */
export interface ManifestCounts {
  readonly addedFiles: number
  readonly existingFiles: number
  readonly deletedFiles: number
  readonly addedRows: number
  readonly existingRows: number
  readonly deletedRows: number
  /** Of its live entries; null when none has one yet. */
  readonly minSequenceNumber: number | null
  readonly partitions: readonly FieldSummary[]
}

/** Of a manifest of data files that are written to the table as it is now. */
export function headerFor(metadata: TableMetadata, spec: PartitionSpec): ManifestHeader {
  const schemaId = metadata['current-schema-id']
  const schema = metadata.schemas.find((one) => one['schema-id'] === schemaId)
  if (schema === undefined) throw corrupt(metadata.location, `its metadata has no schema ${schemaId}`)
  return {
    specId: spec['spec-id'],
    content: 0,
    spec: spec.fields,
    schema: JSON.stringify(schema),
    schemaId: String(schemaId),
    partition: partitionType(spec, schema),
  }
}

/** Builds a manifest, entry by entry. */
export class ManifestWriter {
  readonly header: ManifestHeader
  readonly #container: ContainerWriter
  readonly #files = [0, 0, 0] // by status
  readonly #rows = [0, 0, 0]
  readonly #summaries: readonly { readonly name: string; readonly summary: Summary }[]
  #minSequenceNumber: number | null = null

  /** `sync` is 16 random bytes. */
  constructor(header: ManifestHeader, sync: Uint8Array) {
    this.header = header
    this.#summaries = header.spec.map(({ name }) => ({ name, summary: new Summary() }))
    const metadata = {
      schema: header.schema,
      'schema-id': header.schemaId,
      'partition-spec': JSON.stringify(header.spec),
      'partition-spec-id': String(header.specId),
      'format-version': '2',
      content: header.content === 0 ? 'data' : 'deletes',
    }
    const schema = entrySchema(header.partition)
    this.#container = new ContainerWriter(schema, { metadata, sync, names: namesOf(header.spec) })
  }

  get bytes(): number {
    return this.#container.length
  }

  append(entry: Entry): void {
    const { status, snapshotId, sequenceNumber, fileSequenceNumber, file } = entry
    this.#container.append({
      status,
      snapshot_id: snapshotId,
      sequence_number: sequenceNumber,
      file_sequence_number: fileSequenceNumber,
      data_file: fileRecord(file),
    })
    this.#files[status] = (this.#files[status] ?? 0) + 1
    this.#rows[status] = (this.#rows[status] ?? 0) + file.records
    for (const { name, summary } of this.#summaries) summary.add(file.partition[name])
    if (status === DELETED || sequenceNumber === null) return
    this.#minSequenceNumber = Math.min(sequenceNumber, this.#minSequenceNumber ?? sequenceNumber)
  }

  finish(): { bytes: Uint8Array; counts: ManifestCounts } {
    const [existingFiles = 0, addedFiles = 0, deletedFiles = 0] = this.#files
    const [existingRows = 0, addedRows = 0, deletedRows = 0] = this.#rows
    const counts = { addedFiles, existingFiles, deletedFiles, addedRows, existingRows, deletedRows }
    const partitions = this.#summaries.map(({ summary }) => summary.finish())
    const minSequenceNumber = this.#minSequenceNumber
    return { bytes: this.#container.finish(), counts: { ...counts, minSequenceNumber, partitions } }
  }
}

/** A manifest's place in a list, from which its entries inherit. */
export interface Inherited {
  readonly location: string
  readonly specId: number
  readonly content: number
  readonly sequenceNumber: number
  readonly addedSnapshotId: bigint
}

/** The entries that `bytes` hold, one at a time, their snapshot ids and sequence numbers resolved. */
export function openManifest(
  bytes: Uint8Array,
  list: Inherited,
): { readonly header: ManifestHeader; readonly entries: () => Generator<Entry> } {
  const spec = { fields: [] as readonly PartitionField[] }
  const container = openContainer(bytes, list.location, (metadata) => {
    spec.fields = specIn(metadata, list.location)
    return new Map([...entryNames, ...namesOf(spec.fields)])
  })
  const text = (key: string) => new TextDecoder().decode(container.metadata.get(key))
  const header: ManifestHeader = {
    specId: list.specId,
    content: list.content,
    spec: spec.fields,
    schema: text('schema'),
    schemaId: text('schema-id'),
    partition: partitionIn(container.schema, list.location),
  }
  return { header, entries: () => entriesOf(container.records(), list) }
}

/** Without those of a partition's fields, which are each spec's own. */
const entryNames = namesIn(entrySchema(record('r102', [])))

function namesOf(spec: readonly PartitionField[]): FieldNames {
  return new Map(spec.map((field) => [field['field-id'], field.name]))
}

function* entriesOf(records: Iterable<AvroRecord>, list: Inherited): Generator<Entry> {
  for (const entry of records) {
    const status = intOf(entry, 'status', list.location)
    if (status > DELETED || status < EXISTING) throw corrupt(list.location, `an entry has status ${status}`)
    const inherited = status === ADDED || list.sequenceNumber === 0 ? list.sequenceNumber : null
    yield {
      status,
      snapshotId: bigintOrNull(entry, 'snapshot_id', list.location) ?? list.addedSnapshotId,
      sequenceNumber: numberOrNull(entry, 'sequence_number', list.location) ?? inherited,
      fileSequenceNumber: numberOrNull(entry, 'file_sequence_number', list.location) ?? inherited,
      file: fileOf(recordOf(entry, 'data_file', list.location), list.location),
    }
  }
}

function specIn(metadata: ReadonlyMap<string, Uint8Array>, location: string): readonly PartitionField[] {
  const fields: unknown = parsed(metadata.get('partition-spec'))
  if (!Array.isArray(fields) || !fields.every(isPartitionField)) {
    throw corrupt(location, 'its header has no partition spec')
  }
  return fields
}

function parsed(bytes: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null // as unusable as any other JSON that is no spec
  }
}

function isPartitionField(field: unknown): field is PartitionField {
  const { name, 'field-id': id }: Record<string, unknown> = { ...(field as object) } // spread takes any value
  return typeof name === 'string' && typeof id === 'number'
}

/** The type of `data_file.partition` in a manifest's schema. `compileRecord` has seen that the schema is one. */
function partitionIn(schema: unknown, location: string): AvroSchema {
  const dataFile = fieldType(schema, { id: 2, name: 'data_file' })
  const partition = fieldType(dataFile, { id: 102, name: 'partition' })
  if (partition === null) throw corrupt(location, 'its schema has no partition')
  return partition
}

function fieldType(schema: unknown, wanted: { id: number; name: string }): AvroSchema | null {
  const { fields }: { fields?: unknown } = { ...(schema as object) }
  if (!Array.isArray(fields)) return null
  const field: unknown = fields.find(
    (one: Record<string, unknown>) => one['field-id'] === wanted.id || one['name'] === wanted.name,
  )
  const { type }: { type?: AvroSchema } = { ...(field as object) }
  return type ?? null
}
