/** Manifest lists, one per snapshot, and the objects that hold them and the manifests they name. */
import { ArchiveError } from '../error.ts'
import { ContainerWriter, openContainer } from './avro.ts'
import { manifestFileSchema, namesIn } from './fields.ts'
import { openManifest, type ManifestCounts, type ManifestWriter } from './manifest.ts'
import type { Snapshot } from './metadata.ts'
import type { FieldSummary } from './partition.ts'
import { corrupt, type AvroRecord, type AvroValue } from './shape.ts'
import {
  arrayOrNull,
  asRecord,
  bigintOrNull,
  bytesOrNull,
  intOf,
  intOrZero,
  textOf,
  unlessEmpty,
} from './values.ts'
import type { Warehouse } from './warehouse.ts'

/** A manifest, as a manifest list describes it. */
export interface ManifestFile extends ManifestCounts {
  readonly location: string
  readonly bytes: number
  readonly specId: number
  readonly content: number
  /** Null of a manifest whose commit has not happened (I3). */
  readonly sequenceNumber: number | null
  readonly addedSnapshotId: bigint
  readonly keyMetadata: Uint8Array | null
}

/** A manifest in a list that was read. */
export interface ListedManifest extends ManifestFile {
  readonly sequenceNumber: number
  readonly minSequenceNumber: number
}

export type OpenManifest = ReturnType<typeof openManifest>

export interface ListOf {
  readonly snapshotId: bigint
  readonly parentId: bigint | null
  readonly sequenceNumber: number
  /** 16 random bytes. */
  readonly sync: Uint8Array
}

/** A manifest list; manifests without a sequence number get that of the snapshot. */
export function encodeManifestList(manifests: readonly ManifestFile[], list: ListOf): Uint8Array {
  const metadata = {
    'snapshot-id': String(list.snapshotId),
    'parent-snapshot-id': list.parentId === null ? 'null' : String(list.parentId),
    'sequence-number': String(list.sequenceNumber),
    'format-version': '2',
  }
  const container = new ContainerWriter(manifestFileSchema, { metadata, sync: list.sync })
  for (const manifest of manifests) container.append(listRecord(manifest, list.sequenceNumber))
  return container.finish()
}

export function decodeManifestList(bytes: Uint8Array, location: string): ListedManifest[] {
  const records = openContainer(bytes, location, () => listNames).records()
  return Array.from(records, (record) => listed(record, location))
}

/** The manifests of a snapshot. */
export async function manifestsOf(warehouse: Warehouse, snapshot: Snapshot): Promise<ListedManifest[]> {
  const location = snapshot['manifest-list']
  return decodeManifestList(await fetchObject(warehouse, location), location)
}

export async function fetchManifest(warehouse: Warehouse, manifest: ListedManifest): Promise<OpenManifest> {
  const bytes = await fetchObject(warehouse, manifest.location)
  if (bytes.length === manifest.bytes) return openManifest(bytes, manifest)
  throw corrupt(manifest.location, `it has ${bytes.length} bytes, not ${manifest.bytes}`)
}

/** Store what `writer` holds, under a location that nothing was stored under before. */
export async function storeManifest(
  warehouse: Warehouse,
  writer: ManifestWriter,
  at: { readonly location: string; readonly snapshotId: bigint },
): Promise<ManifestFile> {
  const { bytes, counts } = writer.finish()
  await storeObject(warehouse, at.location, bytes)
  const { specId, content } = writer.header
  return {
    ...counts,
    location: at.location,
    bytes: bytes.length,
    specId,
    content,
    sequenceNumber: null,
    addedSnapshotId: at.snapshotId,
    keyMetadata: null,
  }
}

export async function storeObject(warehouse: Warehouse, location: string, bytes: Uint8Array): Promise<void> {
  await warehouse.bucket.put(warehouse.keyOf(location), bytes, {
    httpMetadata: { contentType: 'avro/binary' },
  })
}

const listNames = namesIn(manifestFileSchema)
/** Of a manifest or a list. Engines aim at manifests of 8 MB. */
const MOST_BYTES = 64 * 1024 * 1024

async function fetchObject(warehouse: Warehouse, location: string): Promise<Uint8Array> {
  const object = await warehouse.bucket.get(warehouse.keyOf(location))
  if (object === null) throw new ArchiveError('object_missing', location, 'R2 has no such object')
  if (object.size > MOST_BYTES) {
    await object.body.cancel()
    throw corrupt(location, `it has ${object.size} bytes; at most ${MOST_BYTES} can be read`)
  }
  return new Uint8Array(await object.arrayBuffer())
}

function listRecord(manifest: ManifestFile, sequenceNumber: number): AvroRecord {
  return {
    manifest_path: manifest.location,
    manifest_length: manifest.bytes,
    partition_spec_id: manifest.specId,
    content: manifest.content,
    sequence_number: manifest.sequenceNumber ?? sequenceNumber,
    min_sequence_number: manifest.minSequenceNumber ?? sequenceNumber,
    added_snapshot_id: manifest.addedSnapshotId,
    added_files_count: manifest.addedFiles,
    existing_files_count: manifest.existingFiles,
    deleted_files_count: manifest.deletedFiles,
    added_rows_count: manifest.addedRows,
    existing_rows_count: manifest.existingRows,
    deleted_rows_count: manifest.deletedRows,
    partitions: unlessEmpty(
      manifest.partitions.map(({ containsNull, containsNan, lower, upper }) => ({
        contains_null: containsNull,
        contains_nan: containsNan,
        lower_bound: lower,
        upper_bound: upper,
      })),
    ),
    key_metadata: manifest.keyMetadata,
  }
}

function listed(record: AvroRecord, location: string): ListedManifest {
  const number = (name: string) => intOf(record, name, location)
  const snapshotId = bigintOrNull(record, 'added_snapshot_id', location)
  if (snapshotId === null) throw corrupt(location, 'a manifest has no added_snapshot_id')
  return {
    location: textOf(record, 'manifest_path', location),
    bytes: number('manifest_length'),
    specId: number('partition_spec_id'),
    content: intOrZero(record, 'content', location),
    sequenceNumber: intOrZero(record, 'sequence_number', location),
    minSequenceNumber: intOrZero(record, 'min_sequence_number', location),
    addedSnapshotId: snapshotId,
    addedFiles: number('added_files_count'),
    existingFiles: number('existing_files_count'),
    deletedFiles: number('deleted_files_count'),
    addedRows: number('added_rows_count'),
    existingRows: number('existing_rows_count'),
    deletedRows: number('deleted_rows_count'),
    partitions: (arrayOrNull(record, 'partitions', location) ?? []).map((item) => summaryOf(item, location)),
    keyMetadata: bytesOrNull(record, 'key_metadata', location),
  }
}

function summaryOf(item: AvroValue, location: string): FieldSummary {
  const summary = asRecord(item)
  if (summary === null) throw corrupt(location, 'a summary of partitions is no record')
  return {
    containsNull: summary['contains_null'] !== false,
    containsNan: typeof summary['contains_nan'] === 'boolean' ? summary['contains_nan'] : null,
    lower: bytesOrNull(summary, 'lower_bound', location),
    upper: bytesOrNull(summary, 'upper_bound', location),
  }
}
