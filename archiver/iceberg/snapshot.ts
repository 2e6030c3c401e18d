/** A new snapshot upon a table's metadata, and the commit that adds it. */
import type { Requirement, Update } from './catalog.ts'
import { newSnapshotId, randomBytes, type Attempt, type CommitOptions, type OpenTable } from './commit.ts'
import type { DataFile } from './file.ts'
import { encodeManifestList, storeObject, type ManifestFile } from './manifests.ts'
import { currentSnapshot, type Snapshot, type SnapshotOperation, type TableMetadata } from './metadata.ts'
import { manifestListLocation } from './names.ts'

export interface Change {
  readonly snapshotId: bigint
  readonly operation: SnapshotOperation
  readonly added: readonly DataFile[]
  readonly removed: readonly DataFile[]
  readonly options: CommitOptions
}

/** Store the list of `manifests`, which are all that the table has after `change`, and make it a commit. */
export async function prepareSnapshot(
  table: OpenTable,
  metadata: TableMetadata,
  { change, manifests }: { readonly change: Change; readonly manifests: readonly ManifestFile[] },
): Promise<Attempt> {
  const parent = currentSnapshot(metadata)
  const sequenceNumber = metadata['last-sequence-number'] + 1
  const list = manifestListLocation(metadata.location, change.snapshotId, table.uuid())
  const bytes = encodeManifestList(manifests, {
    snapshotId: change.snapshotId,
    parentId: parent?.['snapshot-id'] ?? null,
    sequenceNumber,
    sync: randomBytes(table),
  })
  await storeObject(table.warehouse, list, bytes)
  const snapshot: Snapshot = {
    'snapshot-id': change.snapshotId,
    ...(parent !== null && { 'parent-snapshot-id': parent['snapshot-id'] }),
    'sequence-number': sequenceNumber,
    'timestamp-ms': Math.max(table.now(), metadata['last-updated-ms']), // clocks differ; a table's must not go back
    'manifest-list': list,
    summary: summaryOf(change, parent),
    'schema-id': metadata['current-schema-id'],
  }
  const updates = updatesFor(snapshot, change.options)
  return { request: { requirements: requirementsOf(metadata), updates }, objects: [list] }
}

/** One that the table does not have. */
export function unusedSnapshotId(table: OpenTable, metadata: TableMetadata): bigint {
  const id = newSnapshotId(table)
  return hasSnapshot(metadata, id) ? unusedSnapshotId(table, metadata) : id
}

export function hasSnapshot(metadata: TableMetadata, id: bigint): boolean {
  return metadata.snapshots.some((snapshot) => snapshot['snapshot-id'] === id)
}

/** That nothing was committed since `metadata`, of what a snapshot depends on. */
function requirementsOf(metadata: TableMetadata): Requirement[] {
  const current = currentSnapshot(metadata)
  return [
    { type: 'assert-table-uuid', uuid: metadata['table-uuid'] },
    { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': current?.['snapshot-id'] ?? null },
    { type: 'assert-default-spec-id', 'default-spec-id': metadata['default-spec-id'] },
    { type: 'assert-current-schema-id', 'current-schema-id': metadata['current-schema-id'] },
  ]
}

function updatesFor(snapshot: Snapshot, { properties = {} }: CommitOptions): Update[] {
  const id = snapshot['snapshot-id']
  const updates: Update[] = [
    { action: 'add-snapshot', snapshot },
    { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': id },
  ]
  if (Object.keys(properties).length > 0) updates.push({ action: 'set-properties', updates: properties })
  return updates
}

type Summary = Snapshot['summary']

function summaryOf({ operation, added, removed, options }: Change, parent: Snapshot | null): Summary {
  const changed = new Set([...added, ...removed].map(({ partition }) => JSON.stringify(partition)))
  const sums = { added: sumsOf(added), removed: sumsOf(removed) }
  return {
    ...options.summary,
    operation,
    ...countsUnlessZero('added-data-files', sums.added.files),
    ...countsUnlessZero('added-records', sums.added.records),
    ...countsUnlessZero('added-files-size', sums.added.bytes),
    ...countsUnlessZero('deleted-data-files', sums.removed.files),
    ...countsUnlessZero('deleted-records', sums.removed.records),
    ...countsUnlessZero('removed-files-size', sums.removed.bytes),
    'changed-partition-count': String(changed.size),
    ...total('total-data-files', parent, sums.added.files - sums.removed.files),
    ...total('total-records', parent, sums.added.records - sums.removed.records),
    ...total('total-files-size', parent, sums.added.bytes - sums.removed.bytes),
    ...total('total-delete-files', parent, 0),
    ...total('total-position-deletes', parent, 0),
    ...total('total-equality-deletes', parent, 0),
  }
}

function sumsOf(files: readonly DataFile[]): { files: number; records: number; bytes: number } {
  return files.reduce(
    (sums, file) => ({
      files: sums.files + 1,
      records: sums.records + file.records,
      bytes: sums.bytes + file.bytes,
    }),
    { files: 0, records: 0, bytes: 0 },
  )
}

function countsUnlessZero(name: string, count: number): Record<string, string> {
  return count === 0 ? {} : { [name]: String(count) }
}

/** Left out when the parent does not say what it was: other engines may, and a wrong total is worse than none. */
function total(name: string, parent: Snapshot | null, change: number): Record<string, string> {
  const before = parent === null ? '0' : parent.summary[name]
  return before === undefined ? {} : { [name]: String(Number(before) + change) }
}
