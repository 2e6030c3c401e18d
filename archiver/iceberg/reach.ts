/** What snapshots reach: their manifest lists, those lists' manifests, those manifests' live files. */
import { ArchiveError } from '../error.ts'
import { canHoldDays, type DayRange } from './live.ts'
import { DELETED } from './manifest.ts'
import { fetchManifest, manifestsOf, type ListedManifest } from './manifests.ts'
import type { Snapshot, TableMetadata } from './metadata.ts'
import type { Warehouse } from './warehouse.ts'

/** By location, those of the first snapshots first. Throws when a list cannot be read. */
export async function manifestsOfAll(
  warehouse: Warehouse,
  snapshots: readonly Snapshot[],
): Promise<Map<string, ListedManifest>> {
  const all = new Map<string, ListedManifest>()
  for (let first = 0; first < snapshots.length; first += AT_ONCE) {
    const some = snapshots.slice(first, first + AT_ONCE)
    const lists = await Promise.all(some.map((snapshot) => manifestsOf(warehouse, snapshot)))
    for (const manifest of lists.flat()) all.set(manifest.location, manifest)
  }
  return all
}

export interface Kept {
  readonly metadata: TableMetadata
  readonly warehouse: Warehouse
  readonly manifests: Iterable<ListedManifest>
}

/** Takes from `locations` those of files that are live in one of the `kept` manifests; `days` are those of the files. */
export async function withoutLive(locations: Set<string>, kept: Kept, days?: DayRange): Promise<void> {
  for (const manifest of kept.manifests) {
    if (locations.size === 0) return
    if (!canHoldDays(manifest, kept.metadata, days)) continue
    const { entries } = await fetchManifest(kept.warehouse, manifest)
    for (const { status, file } of entries()) if (status !== DELETED) locations.delete(file.location)
  }
}

/** Null when the object is not there: somebody else has deleted what nothing reaches any more. */
export async function ifPresent<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read
  } catch (error) {
    if (error instanceof ArchiveError && error.fault === 'object_missing') return null
    throw error
  }
}

/** R2 answers six calls of an invocation at a time. */
const AT_ONCE = 6
