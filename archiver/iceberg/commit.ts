/**
 * Commits to a table, repeated until they have happened or cannot.
 *
 * Y1 Before every attempt the table is loaded and asked whether the commit has happened already. An attempt whose
 *    end is unknown is settled by that: it and the next one assert the same parent, so that at most one of them happens.
 * Y2 Objects of an attempt are deleted only when it is certain that it did not happen; those of others are swept later.
 */
import { ArchiveError } from '../error.ts'
import {
  CatalogRefusal,
  CommitConflict,
  CommitUnknown,
  type Catalog,
  type CommitRequest,
  type LoadedTable,
  type TableName,
} from './catalog.ts'
import type { TableMetadata } from './metadata.ts'
import type { Warehouse } from './warehouse.ts'

/** A table, and what the world gives to whoever works on it. */
export interface OpenTable {
  readonly catalog: Catalog
  readonly warehouse: Warehouse
  readonly name: TableName
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  /** In [0, 1): spreads the attempts of those who met. */
  readonly random: () => number
  /** `crypto.randomUUID`: names of objects, snapshot ids. */
  readonly uuid: () => string
}

/** What the caller of a commit adds to it. */
export interface CommitOptions {
  /** Added to the snapshot's summary. */
  readonly summary?: Readonly<Record<string, string>>
  /** Properties of the table that are set in the same commit. */
  readonly properties?: Readonly<Record<string, string>>
  /** Whether it has happened already, perhaps in a call that did not live to hear of it. */
  readonly isDone?: (metadata: TableMetadata) => boolean
  /** Throws what is to be thrown when it must not happen any more. Asked before every attempt. */
  readonly guard?: (metadata: TableMetadata) => void
}

export interface Committed extends LoadedTable {
  /** Null when nothing was to do: it had happened before this call. */
  readonly snapshotId: bigint | null
}

export interface Attempt {
  readonly request: CommitRequest
  /** Locations of the objects that only this attempt names. */
  readonly objects: readonly string[]
}

export interface Intent {
  readonly isDone: (metadata: TableMetadata) => boolean
  /** The commit upon `metadata`, its objects stored; null when there is nothing to do. */
  readonly prepare: (metadata: TableMetadata) => Promise<Attempt | null>
}

/** The table as it is once the commit has happened. `first` is what the caller loaded to prepare for it. */
export async function commit(table: OpenTable, first: LoadedTable, intent: Intent): Promise<LoadedTable> {
  let loaded = first
  let waited = 0
  for (let attempt = 1; ; attempt++) {
    if (intent.isDone(loaded.metadata)) return loaded
    const prepared = await intent.prepare(loaded.metadata)
    if (prepared === null) return loaded
    const outcome = await tryOnce(table, prepared)
    if ('committed' in outcome) return outcome.committed
    const pause = pauseAfter(outcome.failed, attempt, table.random())
    waited += pause
    if (attempt === ATTEMPTS || waited > PATIENCE_MS) return await lastLook(table, intent, outcome.failed)
    await table.sleep(pause)
    loaded = await loadTable(table)
  }
}

export async function loadTable(table: OpenTable): Promise<LoadedTable> {
  const loaded = await table.catalog.load(table.name)
  if (loaded !== null) return loaded
  const name = [...table.name.namespace, table.name.name].join('.')
  throw new ArchiveError('object_missing', name, 'the catalog has no such table')
}

export async function deleteObjects(warehouse: Warehouse, locations: Iterable<string>): Promise<void> {
  const keys = Array.from(locations, (location) => warehouse.keyOf(location))
  for (let first = 0; first < keys.length; first += DELETED_AT_ONCE) {
    await warehouse.bucket.delete(keys.slice(first, first + DELETED_AT_ONCE))
  }
}

/** 16 random bytes, for Avro's markers. */
export function randomBytes(table: OpenTable): Uint8Array {
  const hex = table.uuid().replaceAll('-', '')
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))
}

/** Below 2^53, so that it survives readers that know only doubles. */
export function newSnapshotId(table: OpenTable): bigint {
  const hex = table.uuid().replaceAll('-', '')
  return BigInt(`0x${hex.slice(-13)}`) + 1n // 52 bits, and not 0
}

/** With ten writers at once, each commit fails two or three times. */
const ATTEMPTS = 20
const PATIENCE_MS = 180_000
const SHORTEST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 10_000
/** R2's own limit. */
const DELETED_AT_ONCE = 1_000

type Failed = CommitConflict | CommitUnknown

async function tryOnce(
  { catalog, warehouse, name }: OpenTable,
  { request, objects }: Attempt,
): Promise<{ committed: LoadedTable } | { failed: Failed }> {
  try {
    return { committed: await catalog.commit(name, request) }
  } catch (error) {
    if (error instanceof CommitConflict || error instanceof CatalogRefusal) {
      await deleteObjects(warehouse, objects)
    }
    if (error instanceof CommitConflict || error instanceof CommitUnknown) return { failed: error }
    throw error
  }
}

function pauseAfter(failed: Failed, attempt: number, random: number): number {
  const least = failed instanceof CommitConflict ? failed.retryAfterMs : 0
  return least + random * Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** attempt)
}

async function lastLook(table: OpenTable, intent: Intent, failed: Failed): Promise<LoadedTable> {
  const loaded = await loadTable(table)
  if (intent.isDone(loaded.metadata)) return loaded
  throw failed
}
