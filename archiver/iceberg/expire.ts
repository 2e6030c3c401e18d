/**
 * Old snapshots forgotten, and the objects deleted that only they reached.
 *
 * Z1 Nothing is deleted before the commit that removes the snapshots is known to have happened, and then only what no
 *    snapshot of the table as committed reaches. If one of those cannot be read, nothing is deleted.
 * Z2 Nothing is deleted outside the table's location: a file that was only registered there belongs to somebody else.
 * Z3 Killed between the commit and the deletes, the rest is left to the sweep.
 */
import { commit, deleteObjects, loadTable, type Attempt, type OpenTable } from './commit.ts'
import type { DataFile } from './file.ts'
import { daysOf } from './live.ts'
import { DELETED } from './manifest.ts'
import { fetchManifest, manifestsOf, type ListedManifest } from './manifests.ts'
import type { Snapshot, TableMetadata } from './metadata.ts'
import { ifPresent, manifestsOfAll, withoutLive, type Kept } from './reach.ts'
import { expirable, type Retention } from './retention.ts'

export interface ExpiryOptions extends Retention {
  /** Snapshots of one call: 100. */
  readonly limit?: number
}

export interface Expiry {
  readonly snapshots: number
  readonly manifests: number
  readonly dataFiles: number
  /** Whether the limit left some for the next call. */
  readonly more: boolean
}

/** Expire what the retention does not keep, oldest first. */
export async function expireSnapshots(table: OpenTable, options: ExpiryOptions): Promise<Expiry> {
  const { limit = 100, ...retention } = options
  const first = await loadTable(table)
  const all = expirable(first.metadata, retention, table.now())
  const planned = idsOf(all.slice(0, limit))
  const { metadata } = await commit(table, first, {
    isDone: ({ snapshots }) => !snapshots.some((snapshot) => planned.has(snapshot['snapshot-id'])),
    prepare: (current) => {
      const ids = idsOf(expirable(current, retention, table.now()))
      return Promise.resolve(
        removal(
          current,
          [...planned].filter((id) => ids.has(id)),
        ),
      )
    },
  })
  const remaining = idsOf(metadata.snapshots)
  const expired = all.slice(0, limit).filter((snapshot) => !remaining.has(snapshot['snapshot-id']))
  const deleted = await deleteUnreached(table, expired, metadata)
  return { snapshots: expired.length, ...deleted, more: all.length > limit }
}

/** Data files are matched against those that are kept in portions of this size. */
const PORTION = 10_000

function idsOf(snapshots: readonly Snapshot[]): Set<bigint> {
  return new Set(snapshots.map((snapshot) => snapshot['snapshot-id']))
}

/** With every ref asserted to be where it is: one may just be on its way to a snapshot that would go. */
function removal(metadata: TableMetadata, ids: readonly bigint[]): Attempt | null {
  if (ids.length === 0) return null
  const refs = Object.entries(metadata.refs).map(([ref, { 'snapshot-id': id }]) => ({
    type: 'assert-ref-snapshot-id' as const,
    ref,
    'snapshot-id': id,
  }))
  const uuid = { type: 'assert-table-uuid' as const, uuid: metadata['table-uuid'] }
  const updates = [{ action: 'remove-snapshots' as const, 'snapshot-ids': ids }]
  return { request: { requirements: [uuid, ...refs], updates }, objects: [] }
}

async function deleteUnreached(
  { warehouse }: OpenTable,
  expired: readonly Snapshot[],
  metadata: TableMetadata,
): Promise<{ manifests: number; dataFiles: number }> {
  if (expired.length === 0) return { manifests: 0, dataFiles: 0 }
  const newestFirst = metadata.snapshots.toReversed() // most of what is kept is live in the newest
  const reached = await manifestsOfAll(warehouse, newestFirst)
  const gone = new Map<string, ListedManifest>()
  for (const snapshot of expired) {
    const manifests = (await ifPresent(manifestsOf(warehouse, snapshot))) ?? []
    for (const manifest of manifests)
      if (!reached.has(manifest.location)) gone.set(manifest.location, manifest)
  }
  const kept = { metadata, warehouse, manifests: [...reached.values()] }
  const dataFiles = await deleteFiles(gone.values(), kept)
  const lists = expired.map((snapshot) => snapshot['manifest-list'])
  await deleteObjects(warehouse, below(metadata, [...gone.keys(), ...lists]))
  return { manifests: gone.size, dataFiles }
}

/** The files that were live in the `gone` manifests and are live in no `kept` one. */
async function deleteFiles(gone: Iterable<ListedManifest>, kept: Kept): Promise<number> {
  let deleted = 0
  let portion: DataFile[] = []
  for (const manifest of gone) {
    const opened = await ifPresent(fetchManifest(kept.warehouse, manifest))
    for (const { status, file } of opened?.entries() ?? []) {
      if (status !== DELETED) portion.push(file)
      if (portion.length < PORTION) continue
      deleted += await deletePortion(portion, kept)
      portion = []
    }
  }
  return deleted + (await deletePortion(portion, kept))
}

async function deletePortion(files: readonly DataFile[], kept: Kept): Promise<number> {
  const locations = new Set(files.map(({ location }) => location))
  await withoutLive(locations, kept, daysOf(files))
  const own = below(kept.metadata, [...locations])
  await deleteObjects(kept.warehouse, own)
  return own.length
}

function below({ location }: TableMetadata, locations: readonly string[]): string[] {
  return locations.filter((one) => one.startsWith(`${location}/`))
}
