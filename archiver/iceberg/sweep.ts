/**
 * Objects below a table's location that nothing reaches: of attempts that failed, of passes that were killed.
 *
 * N3 Only objects are deleted that this project's writers name (N1), that are older than a day (or `olderThanMs`), and
 *    that neither the table nor its caller needs. The age is what protects an attempt that is under way.
 * N4 The table is loaded after its objects are listed: what was committed in between is seen. If anything that it reaches
 *    cannot be read, nothing is deleted.
 */
import { deleteObjects, loadTable, type OpenTable } from './commit.ts'
import type { LoadedTable } from './catalog.ts'
import { isMetadataFile, isOwn } from './names.ts'
import { manifestsOfAll, withoutLive } from './reach.ts'

export interface SweepOptions {
  /** 24 hours by default. */
  readonly olderThanMs?: number
  /** Objects looked at in one call: 1,000 by default and at most. */
  readonly limit?: number
  /** Where the call before this one stopped. */
  readonly cursor?: string
  /** Whether the embedded catalog keeps the table: then its metadata files are swept too. */
  readonly metadataFiles?: boolean
  /** Which ones are needed though the table does not reach them: the data files of batches that are still open. */
  readonly isNeeded?: (location: string) => boolean
}

export interface Swept {
  /** Locations of what was deleted. */
  readonly deleted: readonly string[]
  /** For the next call; null when all was looked at. */
  readonly cursor: string | null
}

export async function sweepOrphans(table: OpenTable, options: SweepOptions = {}): Promise<Swept> {
  const { location } = (await loadTable(table)).metadata
  const { candidates, cursor } = await listOld(table, location, options)
  if (candidates.size > 0) {
    const loaded = await loadTable(table)
    if (loaded.metadata.location !== location) return { deleted: [], cursor: null }
    await withoutReached(table, candidates, loaded)
  }
  await deleteObjects(table.warehouse, candidates)
  return { deleted: [...candidates], cursor }
}

const DAY_MS = 86_400_000

async function listOld(
  { warehouse, now }: OpenTable,
  location: string,
  options: SweepOptions,
): Promise<{ candidates: Set<string>; cursor: string | null }> {
  const {
    olderThanMs = DAY_MS,
    limit = 1_000,
    cursor,
    metadataFiles = false,
    isNeeded = () => false,
  } = options
  const before = now() - olderThanMs
  const listed = await warehouse.bucket.list({
    prefix: `${warehouse.keyOf(location)}/`,
    limit,
    ...(cursor !== undefined && { cursor }),
  })
  const candidates = new Set<string>()
  for (const { key, uploaded } of listed.objects) {
    const object = warehouse.locationOf(key)
    const mayGo = (isOwn(object) || (metadataFiles && isMetadataFile(object))) && !isNeeded(object)
    if (mayGo && uploaded.getTime() < before) candidates.add(object)
  }
  return { candidates, cursor: listed.truncated ? listed.cursor : null }
}

/** Takes from `candidates` what the table reaches, the newest snapshot first: most of it is there. */
async function withoutReached(
  { warehouse }: OpenTable,
  candidates: Set<string>,
  { metadata, metadataLocation }: LoadedTable,
): Promise<void> {
  candidates.delete(metadataLocation)
  for (const entry of metadata['metadata-log']) candidates.delete(entry['metadata-file'])
  for (const snapshot of metadata.snapshots) candidates.delete(snapshot['manifest-list'])
  if (candidates.size === 0) return
  const manifests = await manifestsOfAll(warehouse, metadata.snapshots.toReversed())
  for (const manifestLocation of manifests.keys()) candidates.delete(manifestLocation)
  await withoutLive(candidates, { metadata, warehouse, manifests: manifests.values() })
}
