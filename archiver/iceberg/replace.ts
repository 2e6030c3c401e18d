/**
 * Data files of a table exchanged for others: compaction, and rows that must go.
 *
 * X1 Every file to be removed is live in the state that the commit builds upon, at every attempt; otherwise the caller
 *    has planned upon a table that is no more, and is told so (`plan_stale`).
 * X2 Manifests without such a file are carried as they are. The others are written again: their other files as existing,
 *    with the sequence numbers they have, the removed ones as deleted.
 */
import { ArchiveError } from '../error.ts'
import { addFiles, liveManifests } from './append.ts'
import {
  commit,
  loadTable,
  randomBytes,
  type CommitOptions,
  type Committed,
  type OpenTable,
} from './commit.ts'
import type { DataFile } from './file.ts'
import { canHoldDays, daysOf, refuseDeletes, type DayRange } from './live.ts'
import { DELETED, EXISTING, ManifestWriter } from './manifest.ts'
import {
  fetchManifest,
  storeManifest,
  type ListedManifest,
  type ManifestFile,
  type OpenManifest,
} from './manifests.ts'
import type { SnapshotOperation, TableMetadata } from './metadata.ts'
import { manifestLocation } from './names.ts'
import { hasSnapshot, prepareSnapshot, unusedSnapshotId } from './snapshot.ts'

export interface Replacement {
  readonly removed: readonly DataFile[]
  /** Stored before; of a `replace` they hold the rows of the removed ones, of a `delete` there are none. */
  readonly added: readonly DataFile[]
  readonly operation: Exclude<SnapshotOperation, 'append'>
}

/** Exchange the files. Throws an `ArchiveError` of `plan_stale` when one to be removed is not in the table any more. */
export async function replaceFiles(
  table: OpenTable,
  replacement: Replacement,
  options: CommitOptions = {},
): Promise<Committed> {
  requireSense(replacement)
  const { added, removed, operation } = replacement
  const first = await loadTable(table)
  if (options.isDone?.(first.metadata) === true) return { ...first, snapshotId: null }
  const snapshotId = unusedSnapshotId(table, first.metadata)
  const rewriting = {
    table,
    removed: byLocation(removed),
    days: daysOf(removed),
    snapshotId,
    done: new Map(),
  }
  let own: readonly ManifestFile[] | null = null
  const loaded = await commit(table, first, {
    isDone: (metadata) => hasSnapshot(metadata, snapshotId) || options.isDone?.(metadata) === true,
    prepare: async (metadata) => {
      options.guard?.(metadata)
      const kept = await withoutRemoved(rewriting, metadata)
      own ??= await addFiles(table, metadata, { files: added, snapshotId })
      const change = { snapshotId, operation, added, removed, options }
      return await prepareSnapshot(table, metadata, { change, manifests: [...own, ...kept] })
    },
  })
  return { ...loaded, snapshotId: hasSnapshot(loaded.metadata, snapshotId) ? snapshotId : null }
}

interface Rewriting {
  readonly table: OpenTable
  readonly removed: ReadonlyMap<string, DataFile>
  /** On which the removed files' runs closed. */
  readonly days: DayRange | undefined
  readonly snapshotId: bigint
  /** What became of the manifests seen so far. They never change, so other attempts use the same. */
  readonly done: Map<string, Rewritten>
}

interface Rewritten {
  readonly manifest: ManifestFile
  /** Locations of the removed files that it listed. */
  readonly removed: readonly string[]
}

function requireSense({ added, removed, operation }: Replacement): void {
  if (removed.length === 0) throw new RangeError('a replacement of no files')
  if (operation === 'delete' && added.length > 0) throw new RangeError('a delete that adds files')
  if (operation === 'replace' && rowsOf(added) !== rowsOf(removed)) {
    throw new ArchiveError(
      'batch_invalid',
      removed[0]?.location ?? '',
      `${rowsOf(removed)} rows would be replaced by ${rowsOf(added)}`,
    )
  }
}

function rowsOf(files: readonly DataFile[]): number {
  return files.reduce((sum, { records }) => sum + records, 0)
}

function byLocation(files: readonly DataFile[]): Map<string, DataFile> {
  return new Map(files.map((file) => [file.location, file]))
}

/** The manifests of the current snapshot, the removed files deleted in them (X1, X2). */
async function withoutRemoved(rewriting: Rewriting, metadata: TableMetadata): Promise<ManifestFile[]> {
  const manifests: ManifestFile[] = []
  const found = new Set<string>()
  for (const listed of await liveManifests(rewriting.table.warehouse, metadata)) {
    refuseDeletes(listed)
    const rewritten = rewriting.done.get(listed.location) ?? (await rewrite(rewriting, metadata, listed))
    rewriting.done.set(listed.location, rewritten)
    manifests.push(rewritten.manifest)
    for (const location of rewritten.removed) found.add(location)
  }
  const gone = [...rewriting.removed.keys()].filter((location) => !found.has(location))
  if (gone.length === 0) return manifests
  throw new ArchiveError(
    'plan_stale',
    metadata.location,
    `${gone.length} files are not in it now, ${gone[0]} for one`,
  )
}

async function rewrite(
  rewriting: Rewriting,
  metadata: TableMetadata,
  listed: ListedManifest,
): Promise<Rewritten> {
  const { table, snapshotId } = rewriting
  if (!canHoldDays(listed, metadata, rewriting.days)) return { manifest: listed, removed: [] }
  const opened = await fetchManifest(table.warehouse, listed)
  const removed = removedOf(opened, rewriting.removed)
  if (removed.length === 0) return { manifest: listed, removed }
  const writer = new ManifestWriter(opened.header, randomBytes(table))
  for (const entry of opened.entries()) {
    if (entry.status === DELETED) continue
    if (rewriting.removed.has(entry.file.location)) writer.append({ ...entry, status: DELETED, snapshotId })
    else writer.append({ ...entry, status: EXISTING })
  }
  const location = manifestLocation(metadata.location, table.uuid())
  return { manifest: await storeManifest(table.warehouse, writer, { location, snapshotId }), removed }
}

function removedOf({ entries }: OpenManifest, removed: ReadonlyMap<string, DataFile>): string[] {
  const found: string[] = []
  for (const { status, file } of entries()) {
    if (status !== DELETED && removed.has(file.location)) found.push(file.location)
  }
  return found
}
