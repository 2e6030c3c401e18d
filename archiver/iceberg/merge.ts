/**
 * Many small manifests made few: each append adds one, and every reader and every commit goes through the list of all.
 * Files, their sequence numbers and the totals stay as they are.
 */
import { liveManifests } from './append.ts'
import { deserialize } from './bounds.ts'
import { commit, loadTable, randomBytes, type Committed, type OpenTable } from './commit.ts'
import { DELETED, EXISTING, ManifestWriter } from './manifest.ts'
import { fetchManifest, storeManifest, type ListedManifest, type ManifestFile } from './manifests.ts'
import type { TableMetadata } from './metadata.ts'
import { manifestLocation } from './names.ts'
import { hasSnapshot, prepareSnapshot, unusedSnapshotId } from './snapshot.ts'

export interface MergeOptions {
  /** Nothing is done while the table has no more manifests than this: 100. */
  readonly above?: number
  /** Of a manifest that is made: 2 MiB, some thousand files. */
  readonly targetBytes?: number
}

/** Merge the manifests of neighbouring days, when there are too many. `snapshotId` is null when nothing was done. */
export async function mergeManifests(table: OpenTable, options: MergeOptions = {}): Promise<Committed> {
  const { above = 100, targetBytes = 2 * 1024 * 1024 } = options
  const first = await loadTable(table)
  const snapshotId = unusedSnapshotId(table, first.metadata)
  const merging: Merging = { table, snapshotId, done: new Map() }
  const loaded = await commit(table, first, {
    isDone: (metadata) => hasSnapshot(metadata, snapshotId),
    prepare: async (metadata) => {
      const listed = await liveManifests(table.warehouse, metadata)
      const bins = listed.length > above ? binsOf(listed, targetBytes) : []
      if (!bins.some(({ length }) => length > 1)) return null
      const manifests = await merged(merging, metadata, bins)
      const summary = countsOf(listed, manifests)
      const change = {
        snapshotId,
        operation: 'replace',
        added: [],
        removed: [],
        options: { summary },
      } as const
      return await prepareSnapshot(table, metadata, { change, manifests })
    },
  })
  return { ...loaded, snapshotId: hasSnapshot(loaded.metadata, snapshotId) ? snapshotId : null }
}

interface Merging {
  readonly table: OpenTable
  readonly snapshotId: bigint
  /** By the locations of what was merged: other attempts use the same. */
  readonly done: Map<string, ManifestFile>
}

/** What one call reads at most; the next one goes on. */
const MOST_READ = 400

/** Neighbours of one spec by their first day, so that readers can still skip by day. Deletes stand alone. */
function binsOf(listed: readonly ListedManifest[], targetBytes: number): ListedManifest[][] {
  const inOrder = listed.toSorted((a, b) => a.specId - b.specId || firstDay(a) - firstDay(b))
  const bins: ListedManifest[][] = []
  let bytes = 0
  let read = 0
  for (const manifest of inOrder) {
    const bin = bins.at(-1)
    bytes += manifest.bytes
    const fits = bytes <= targetBytes && read < MOST_READ && areAlike(manifest, bin?.[0])
    if (bin !== undefined && fits) {
      bin.push(manifest)
      read += bin.length === 2 ? 2 : 1
    } else {
      bins.push([manifest])
      bytes = manifest.bytes
    }
  }
  return bins
}

function firstDay({ partitions }: ListedManifest): number {
  const lower = partitions[0]?.lower
  return lower?.length === 4 ? Number(deserialize('date', lower)) : 0
}

function areAlike(a: ListedManifest, b: ListedManifest | undefined): boolean {
  return a.content === 0 && b?.content === 0 && a.specId === b.specId
}

async function merged(
  merging: Merging,
  metadata: TableMetadata,
  bins: readonly (readonly ListedManifest[])[],
): Promise<ManifestFile[]> {
  const manifests: ManifestFile[] = []
  for (const bin of bins) {
    const [only] = bin
    if (only !== undefined && bin.length === 1) {
      manifests.push(only)
      continue
    }
    const key = bin.map(({ location }) => location).join()
    const manifest = merging.done.get(key) ?? (await mergeBin(merging, metadata, bin))
    merging.done.set(key, manifest)
    manifests.push(manifest)
  }
  return manifests
}

async function mergeBin(
  { table, snapshotId }: Merging,
  metadata: TableMetadata,
  bin: readonly ListedManifest[],
): Promise<ManifestFile> {
  let writer: ManifestWriter | null = null
  for (const listed of bin) {
    const { header, entries } = await fetchManifest(table.warehouse, listed)
    writer ??= new ManifestWriter(header, randomBytes(table))
    for (const entry of entries()) {
      if (entry.status !== DELETED) writer.append({ ...entry, status: EXISTING })
    }
  }
  if (writer === null) throw new RangeError('nothing to merge')
  const location = manifestLocation(metadata.location, table.uuid())
  return await storeManifest(table.warehouse, writer, { location, snapshotId })
}

/** As other engines report it. */
function countsOf(
  listed: readonly ListedManifest[],
  manifests: readonly ManifestFile[],
): Record<string, string> {
  const before = new Set(listed.map(({ location }) => location))
  const kept = manifests.filter(({ location }) => before.has(location)).length
  return {
    'manifests-created': String(manifests.length - kept),
    'manifests-kept': String(kept),
    'manifests-replaced': String(listed.length - kept),
  }
}
