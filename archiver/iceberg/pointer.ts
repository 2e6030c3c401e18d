/**
 * The object that says which metadata file of a table is current, and its swap.
 *
 * P1 `version-hint.text` holds the file's name without its ending. Its swap, if its etag is still the one that was read,
 *    is the commit. An etag cannot come back: the name has a uuid in it.
 * P2 A metadata file is written once, under a name nobody else uses, before the swap that makes it current.
 * P3 A swap that throws may have happened. The pointer and the current file's log tell, unless the pointer is as it was:
 *    then the put may still be on its way, and the commit is unknown.
 * P4 A file is deleted only after the pointer was read and seen to be past it, by a swap of its own or of another.
 */
import { ArchiveError } from '../error.ts'
import { CommitConflict, CommitUnknown } from './catalog.ts'
import type { LoadedTable } from './catalog.ts'
import { parseMetadata, printMetadata } from './json.ts'
import type { TableMetadata } from './metadata.ts'
import type { Warehouse } from './warehouse.ts'

export interface Store {
  readonly warehouse: Warehouse
  readonly newId: () => string
  readonly log: (line: string) => void
}

export interface Current extends Hint {
  readonly loaded: LoadedTable
}

interface Hint {
  readonly stem: string
  readonly etag: string
}

export interface Publication {
  /** The key of the table's folder. */
  readonly folder: string
  /** What `metadata` was made from; null for a new table. */
  readonly base: Current | null
  readonly metadata: TableMetadata
  /** Metadata files that nothing names any more afterwards. */
  readonly dropped: readonly string[]
}

export function hintKey(folder: string): string {
  return `${folder}/metadata/version-hint.text`
}

/** Null when there is no such table. */
export async function currentOf(store: Store, folder: string): Promise<Current | null> {
  const { bucket } = store.warehouse
  let missing: string | null = null
  while (true) {
    const hint = await hintOf(store, folder)
    if (hint === null) return null
    const key = metadataKey(folder, hint.stem)
    const file = await bucket.get(key)
    if (file !== null) {
      const metadata = parseMetadata(await file.text(), key)
      const metadataLocation = store.warehouse.locationOf(key)
      return { ...hint, loaded: { metadata, metadataLocation } }
    }
    // Between the two reads, other commits may have made the file an old one and deleted it.
    if (missing === key) throw new ArchiveError('object_missing', key, 'the pointer of its table names it')
    missing = key
  }
}

/** Make `metadata` the current one, or throw what K2 says. */
export async function publish(store: Store, publication: Publication): Promise<LoadedTable> {
  const { folder, base, metadata } = publication
  const version = base === null ? 0 : versionOf(base.stem) + 1
  const stem = `${String(version).padStart(5, '0')}-${store.newId()}`
  const key = metadataKey(folder, stem)
  await store.warehouse.bucket.put(key, printMetadata(metadata), {
    onlyIf: { etagDoesNotMatch: '*' },
    httpMetadata: { contentType: 'application/json' },
  })
  await swap(store, publication, stem)
  await deleteDropped(store, publication)
  return { metadata, metadataLocation: store.warehouse.locationOf(key) }
}

const RETRY_AFTER_MS = 1_000 // R2 takes one write per second and key

async function swap(store: Store, publication: Publication, stem: string): Promise<void> {
  const { folder, base } = publication
  let failure: unknown
  try {
    const swapped = await store.warehouse.bucket.put(hintKey(folder), stem, {
      onlyIf: base === null ? { etagDoesNotMatch: '*' } : { etagMatches: base.etag },
      httpMetadata: { contentType: 'text/plain' },
    })
    if (swapped !== null) return
  } catch (error) {
    failure = error
  }
  const tooOften = isRateLimit(failure)
  const verdict = await verdictOn(store, publication, stem).catch((error: unknown) => {
    throw new CommitUnknown(`the pointer of ${folder} could not be read after its swap failed`, error)
  })
  if (verdict === 'current') return
  if (verdict === 'unknown' && failure !== undefined && !tooOften)
    throw new CommitUnknown(`the swap of the pointer of ${folder} failed`, failure)
  await deleteFiles(store, [metadataKey(folder, stem)])
  throw tooOften
    ? new CommitConflict(`R2 refused to write the pointer of ${folder} again so soon`, {
        retryAfterMs: RETRY_AFTER_MS,
        cause: failure,
      })
    : new CommitConflict(`another commit of ${folder} came first`)
}

/** Whether `stem` became current (and may be past by now), or never will, or that cannot be told yet. */
async function verdictOn(
  store: Store,
  { folder, base }: Publication,
  stem: string,
): Promise<'current' | 'lost' | 'unknown'> {
  const hint = await hintOf(store, folder)
  if (hint?.stem === stem) return 'current'
  if (hint === null || hint.etag === base?.etag) return 'unknown'
  // One version follows another, so the one with this number, if it is not `stem`, has its place.
  if (versionOf(hint.stem) === versionOf(stem)) return 'lost'
  const current = await currentOf(store, folder)
  const log = current?.loaded.metadata['metadata-log'].map((entry) => stemOf(entry['metadata-file'])) ?? []
  if (log.includes(stem)) return 'current'
  return log.some((other) => versionOf(other) === versionOf(stem)) ? 'lost' : 'unknown'
}

async function hintOf({ warehouse }: Store, folder: string): Promise<Hint | null> {
  const hint = await warehouse.bucket.get(hintKey(folder))
  return hint === null ? null : { stem: (await hint.text()).trim(), etag: hint.etag }
}

async function deleteDropped(store: Store, { folder, metadata, dropped }: Publication): Promise<void> {
  if (metadata.properties['write.metadata.delete-after-commit.enabled'] !== 'true') return
  const own = store.warehouse.locationOf(`${folder}/metadata/`)
  const keys = dropped
    .filter((location) => location.startsWith(own) && location.endsWith(ENDING))
    .map((location) => store.warehouse.keyOf(location))
  await deleteFiles(store, keys)
}

/** What became of the commit is decided by now, and a file that stays is found by the orphan sweep. */
async function deleteFiles({ warehouse, log }: Store, keys: string[]): Promise<void> {
  if (keys.length === 0) return
  await warehouse.bucket.delete(keys).catch((error: unknown) => {
    log(`could not delete ${keys.join(', ')}: ${String(error)}`)
  })
}

/** 10058 is R2's code for status 429; the binding puts it into the message. */
function isRateLimit(error: unknown): boolean {
  return error instanceof Error && /\(10058\)|concurrent request rate/.test(error.message)
}

const ENDING = '.metadata.json'

function metadataKey(folder: string, stem: string): string {
  return `${folder}/metadata/${stem}${ENDING}`
}

function stemOf(location: string): string {
  return location.slice(location.lastIndexOf('/') + 1).replace(ENDING, '')
}

function versionOf(stem: string): number {
  return Number.parseInt(stem, 10)
}
