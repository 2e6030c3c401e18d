/** Data files added to a table. */
import {
  commit,
  loadTable,
  randomBytes,
  type CommitOptions,
  type Committed,
  type OpenTable,
} from './commit.ts'
import type { DataFile } from './file.ts'
import { ADDED, headerFor, ManifestWriter } from './manifest.ts'
import { manifestsOf, storeManifest, type ListedManifest, type ManifestFile } from './manifests.ts'
import { currentSnapshot, type TableMetadata } from './metadata.ts'
import { manifestLocation } from './names.ts'
import { specOf } from './partition.ts'
import { hasSnapshot, prepareSnapshot, unusedSnapshotId } from './snapshot.ts'
import type { Warehouse } from './warehouse.ts'

export interface AppendOptions extends CommitOptions {
  readonly isDone: (metadata: TableMetadata) => boolean
}

/**
 * Add `files` to `table`, once: however often it is called, and whatever happens to its calls, `options.isDone` keeps it
 * from happening again. The files are stored before.
 */
export async function appendFiles(
  table: OpenTable,
  files: readonly DataFile[],
  options: AppendOptions,
): Promise<Committed> {
  if (files.length === 0) throw new RangeError('an append without files')
  const first = await loadTable(table)
  if (options.isDone(first.metadata)) return { ...first, snapshotId: null }
  options.guard?.(first.metadata)
  const snapshotId = unusedSnapshotId(table, first.metadata)
  const own = await addFiles(table, first.metadata, { files, snapshotId })
  const loaded = await commit(table, first, {
    isDone: (metadata) => hasSnapshot(metadata, snapshotId) || options.isDone(metadata),
    prepare: async (metadata) => {
      options.guard?.(metadata)
      const manifests = [...own, ...(await liveManifests(table.warehouse, metadata))]
      const change = { snapshotId, operation: 'append', added: files, removed: [], options } as const
      return await prepareSnapshot(table, metadata, { change, manifests })
    },
  })
  return { ...loaded, snapshotId: hasSnapshot(loaded.metadata, snapshotId) ? snapshotId : null }
}

/** Store manifests of files that a snapshot adds; all attempts at it use the same. One per partition spec. */
export async function addFiles(
  table: OpenTable,
  metadata: TableMetadata,
  { files, snapshotId }: { readonly files: readonly DataFile[]; readonly snapshotId: bigint },
): Promise<ManifestFile[]> {
  const writers = new Map<number, ManifestWriter>()
  for (const file of files) {
    const spec = specOf(metadata, file.partition)
    const writer =
      writers.get(spec['spec-id']) ?? new ManifestWriter(headerFor(metadata, spec), randomBytes(table))
    writers.set(spec['spec-id'], writer)
    writer.append({ status: ADDED, snapshotId, sequenceNumber: null, fileSequenceNumber: null, file })
  }
  const manifests: ManifestFile[] = []
  for (const writer of writers.values()) {
    const location = manifestLocation(metadata.location, table.uuid())
    manifests.push(await storeManifest(table.warehouse, writer, { location, snapshotId }))
  }
  return manifests
}

/** The manifests of the current snapshot that still list a file: those of nothing but deleted ones end with it. */
export async function liveManifests(
  warehouse: Warehouse,
  metadata: TableMetadata,
): Promise<ListedManifest[]> {
  const current = currentSnapshot(metadata)
  if (current === null) return []
  const manifests = await manifestsOf(warehouse, current)
  return manifests.filter(({ addedFiles, existingFiles }) => addedFiles + existingFiles > 0)
}
