/**
 * What crosses between a shard and the archiver, and where an archived run lies.
 *
 * A1 Everything that the archiver asks of a shard carries the fencing number of its lease; a shard refuses a lower one
 *    than it has seen (`lease_lost`), so of two archivers that both believe they work, only the later one can change anything.
 * A2 Batches of a shard are numbered from 1 without a gap. One is open at a time; it is persisted before it is shown, its
 *    content never changes, and it is shown again until it is confirmed or rejected.
 * A3 Deleting is last: what an R2 object held is somewhere else before its key becomes garbage.
 */
import type { Reply, ShardAddress } from './protocol.ts'
import type { Payload } from './payload.ts'
import type { RunLinks } from './core/chain-events.ts'
import type { ClosedStatus, RunLink } from './core/events.ts'
import type { EventNumbers } from './core/numbers.ts'

/**
 * How long snapshots of the cold tables are kept: what is deleted from them is gone when the last snapshot that names it
 * has expired.
 */
export const SNAPSHOT_RETENTION_MS = 7 * 86_400_000

// ---- the lease, kept by the object `<namespace>/archive` ----

export interface AcquireArchiveRequest {
  namespace: string
  /** Random, one per pass: the same holder renews its lease. */
  holder: string
  ttlMs: number
}

export interface ArchiveLease {
  /** Rises with every new holder. */
  fence: number
  /** Epoch ms of the object's clock. */
  until: number
}

/** A request of the pass that holds the lease. */
export interface Fenced {
  to: ShardAddress
  fence: number
}

// ---- hot to warm ----

export interface ProposeArchiveRequest extends Fenced {
  maxRuns: number
  /** Of history JSON. A run above it is proposed alone, and its events come by pages. */
  maxBytes: number
}

/** A closed run on its way to the archive. */
export interface ProposedRun {
  workflowId: string
  runId: string
  workflowType: string
  taskQueue: string
  closedAt: number
  /** How many events there are in all. */
  historyLength: number
  /** JSON arrays of events, from the first on, in order. */
  events: string[]
  /** Where `archivePage` goes on; absent when all are here. */
  nextEvent?: number
}

export interface ArchiveBatch {
  namespace: string
  shard: number
  number: number
  /** The fencing number of the pass that opened it: under another one, objects of it may be left over. */
  openedBy: number
  /** Whether a batch of the shard was confirmed before: until then it may have lost its storage, and count anew. */
  numbered: boolean
  /** Sorted by (workflowId, runId) in the order of their UTF-8 bytes. */
  runs: ProposedRun[]
  /** Closed runs past their hot retention that are not in this batch. */
  backlog: number
}

/** Where the warm objects of a shard, and of one of its batches, lie. */
export function warmPrefix({ namespace, shard }: { namespace: string; shard: number }): string {
  return `warm/${encodeURIComponent(namespace)}/${shard}/`
}

export function warmBatchPrefix(batch: { namespace: string; shard: number; number: number }): string {
  return `${warmPrefix(batch)}${batch.number}-`
}

/** `<shard>-<number>`: unique in a namespace. */
export function batchIdOf({ shard, number }: { shard: number; number: number }): string {
  return `${shard}-${number}`
}

export interface ArchivePageRequest extends Fenced {
  number: number
  runId: string
  fromEvent: number
  maxBytes: number
}

export interface ArchivePage {
  events: string[]
  nextEvent?: number
}

/** Rows of one run in one warm object. */
export interface WarmPiece {
  object: string
  etag: string
  rowGroupFirst: number
  rowGroupCount: number
  /** Rows before the piece's first row, counted within the row groups named. */
  rowOffset: number
  rowCount: number
}

/** Where a run lies: one piece, or for a run too large for one object several, in the order of its events. */
export type WarmLocator = WarmPiece[]

export interface WarmObject {
  object: string
  etag: string
  bytes: number
  rows: number
  /** Epoch ms: when the first and the last of its runs closed. */
  minClosedAt: number
  maxClosedAt: number
}

export interface ConfirmArchiveRequest extends Fenced {
  number: number
  objects: WarmObject[]
  locators: { runId: string; locator: WarmLocator }[]
}

/** Runs that cannot be archived: their batch is void, and each of them is tried again later, alone. */
export interface RejectArchiveRequest extends Fenced {
  number: number
  rejected: { runId: string; reason: string }[]
}

// ---- warm to cold ----

export interface ColdCandidatesRequest extends Fenced {
  /** How many bytes of objects, at least one batch. */
  maxBytes: number
}

/** Warm batches that are to be cold and are not yet marked so, in order. Void batches are none. */
export interface ColdCandidates {
  batches: { number: number; objects: WarmObject[] }[]
  /** How many more there are. */
  more: number
}

export interface MarkColdRequest extends Fenced {
  /** Both tables hold every batch up to this one. */
  upTo: number
}

// ---- warm objects at their end ----

export interface ProposeExpiryRequest extends Fenced {
  maxRuns: number
}

/** A run as its shard knew it, when only the cold tier and a segment still do. */
export interface SegmentRow extends RunLinks {
  workflowId: string
  runId: string
  workflowType: string
  status: ClosedStatus
  taskQueue: string
  startedAt: number
  closedAt: number
  parent?: RunLink
  memo: Record<string, Payload>
  searchAttributes: Record<string, Payload>
  version: string
  requestId: string
  historyLength: number
  historyBytes: number
  /** Absent of runs that left the hot tier before it was kept. */
  eventNumbers?: EventNumbers
}

/** Cold runs past their warm age; proposed again until confirmed. */
export interface Expiry {
  segment: number
  /** Sorted by run id. */
  rows: SegmentRow[]
}

export interface ConfirmExpiryRequest extends Fenced {
  segment: number
  object: string
  etag: string
  bytes: number
}

// ---- deletion of runs everywhere ----

export interface ProposePurgeRequest extends Fenced {
  maxRuns: number
}

export interface Purge {
  runs: {
    workflowId: string
    runId: string
    closedAt: number
    /** Absent when no warm object holds it any more. */
    warm?: WarmLocator
    /** The segment that names it. */
    segment?: { object: string; etag: string }
  }[]
}

export interface ConfirmPurgeRequest extends Fenced {
  runIds: string[]
  /** Objects written anew without the runs; null when nothing was left in one. */
  objects: { was: string; is: WarmObject | null }[]
  /** Of the runs that stay. */
  locators: { runId: string; locator: WarmLocator }[]
  segments: { was: string; is: { object: string; etag: string; bytes: number } | null }[]
  /** By when the last snapshot that names them is gone; null when cold never had them. */
  coldGoneBy: number | null
}

// ---- a shard that lost its storage ----

/** Batches as their warm objects say; what the shard already knows is left as it is. */
export interface RestoreArchiveRequest extends Fenced {
  number: number
  objects: WarmObject[]
  runs: { row: SegmentRow; locator: WarmLocator }[]
}

// ---- keys to delete ----

export interface GarbageRequest extends Fenced {
  maxKeys: number
}

export interface CollectedRequest extends Fenced {
  keys: string[]
}

export type UnknownRunsRequest = Fenced & { runIds: string[] }

/** What the archiver asks of a shard, and of the object that keeps the lease. */
export interface ArchiveApi {
  acquireArchive(request: AcquireArchiveRequest): Promise<Reply<ArchiveLease>>
  releaseArchive(request: { namespace: string; holder: string }): Promise<Reply<null>>
  proposeArchive(request: ProposeArchiveRequest): Promise<Reply<ArchiveBatch | null>>
  archivePage(request: ArchivePageRequest): Promise<Reply<ArchivePage>>
  confirmArchive(request: ConfirmArchiveRequest): Promise<Reply<null>>
  rejectArchive(request: RejectArchiveRequest): Promise<Reply<null>>
  coldCandidates(request: ColdCandidatesRequest): Promise<Reply<ColdCandidates>>
  markCold(request: MarkColdRequest): Promise<Reply<null>>
  proposeExpiry(request: ProposeExpiryRequest): Promise<Reply<Expiry | null>>
  confirmExpiry(request: ConfirmExpiryRequest): Promise<Reply<null>>
  proposePurge(request: ProposePurgeRequest): Promise<Reply<Purge>>
  confirmPurge(request: ConfirmPurgeRequest): Promise<Reply<null>>
  restoreArchive(request: RestoreArchiveRequest): Promise<Reply<null>>
  /** Keys of R2 objects that nothing refers to any more, or prefixes of such keys, which end in `/` or `-`. */
  garbage(request: GarbageRequest): Promise<Reply<string[]>>
  collected(request: CollectedRequest): Promise<Reply<null>>
  /** Those of the ids that no run has, and that a start could have got here more than a day ago. */
  unknownRuns(request: UnknownRunsRequest): Promise<Reply<string[]>>
}
