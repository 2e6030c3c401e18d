/** Figures of a namespace: how many runs there are, what waits, and how far the archiver is. */
import type { HistoryEventType } from './core/events.ts'
import type { Reply, RunStatus, ShardAddress } from './protocol.ts'

export interface StatsRequest {
  to: ShardAddress
}

/** Of one shard. What is counted is counted since the shard woke; everything else is as it is now. */
export interface ShardStats {
  shard: number
  /** Epoch ms: when it woke. */
  since: number
  /** Runs of the hot tier by their status. */
  runs: Partial<Record<RunStatus, number>>
  openRuns: number
  /** Of the open ones, those whose code cannot go on until another version is deployed. */
  blockedRuns: number
  /** Runs in memory. */
  liveRuns: number
  databaseBytes: number
  /** Turns committed. */
  turns: number
  /** Of turns that others waited for: from the begin of one to the begin of the next. Absent: an older release counts none. */
  turnDurations?: DurationStats
  /** Rows written, those of indexes included. */
  rowsWritten: number
  /** Requests that wait for their turn. */
  inputsWaiting: number
  /** Requests refused as `overloaded`. */
  refused: number
  /** The number of the last event. */
  sequence: number
  /** Events that have not reached the Queue of change events; null: there is none. */
  cdcLag: number | null
  /** Events committed, by type. */
  events: Partial<Record<HistoryEventType, number>>
  taskQueues: Record<string, TaskQueueStats>
  archive: ShardArchiveStats
}

/** What each of the counts holds at most; the last has no bound. */
export const DURATION_BOUNDS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000] as const

export interface DurationStats {
  /** Of each bound, and beyond the last: how many took no longer, and longer than the bound before. */
  counts: number[]
  sumMs: number
}

/** Of the activities of a task queue that have not ended. */
export interface TaskQueueStats {
  /** Due, and not begun. */
  pending: number
  /** Begun by a Worker. */
  running: number
  /** Not due yet: they wait for a retry, or for their concurrency key. */
  delayed: number
  /** Epoch ms: since when the one that waits longest is due; absent: none is pending. */
  oldestDueAt?: number
}

/** Of what has left the hot tier, and of what leaves it. */
export interface ShardArchiveStats {
  warmRuns: number
  coldRuns: number
  /** The last batch that the archiver was given. */
  lastBatch: number
  /** The last batch that both cold tables hold. */
  cooledBatch: number
  /** Batches that the archiver has not confirmed. */
  openBatches: number
  /** Warm batches that are to be cold and are not yet. */
  waiting: WaitingBatches
  /** Runs that could not be archived, and are tried again. */
  heldRuns: number
  /** Deleted runs that are not gone from every tier. */
  pendingDeletions: number
  /** Keys in R2 that the next passes delete. */
  garbageKeys: number
}

export interface WaitingBatches {
  batches: number
  runs: number
  /** Of their objects. */
  bytes: number
  /** Epoch ms: when the first of them became warm; absent: there is none. */
  since?: number
}

/** Who archives the namespace. */
export interface LeaseStats {
  /** Rises with every pass. */
  fence: number
  /** Epoch ms: until when a pass has it; null: none does. */
  heldUntil: number | null
  /** Epoch ms: when the last pass began and ended; null: not known. */
  beganAt: number | null
  endedAt: number | null
}

export interface StatsApi {
  shardStats(request: StatsRequest): Promise<Reply<ShardStats>>
  leaseStats(request: { namespace: string }): Promise<Reply<LeaseStats>>
}

/** Of all shards together. */
export interface NamespaceStats {
  namespace: string
  /** Of the hot tier, by status. */
  runs: Partial<Record<RunStatus, number>>
  blockedRuns: number
  taskQueues: Record<string, TaskQueueStats>
  tiers: { hot: number; warm: number; cold: number }
  archiver: LeaseStats & { waiting: WaitingBatches; heldRuns: number }
  shards: ShardStats[]
}

export function namespaceStats(
  namespace: string,
  shards: readonly ShardStats[],
  lease: LeaseStats,
): NamespaceStats {
  const total = (of: (shard: ShardStats) => number): number => shards.reduce((sum, one) => sum + of(one), 0)
  const runs: NamespaceStats['runs'] = {}
  const taskQueues: NamespaceStats['taskQueues'] = {}
  for (const shard of shards) {
    for (const [status, count] of Object.entries(shard.runs) as [RunStatus, number][])
      // its keys are statuses
      runs[status] = (runs[status] ?? 0) + count
    for (const [name, queue] of Object.entries(shard.taskQueues))
      taskQueues[name] = together(taskQueues[name], queue)
  }
  const hot = Object.values(runs).reduce((sum, count) => sum + count, 0)
  return {
    namespace,
    runs,
    blockedRuns: total((shard) => shard.blockedRuns),
    taskQueues,
    tiers: {
      hot,
      warm: total(({ archive }) => archive.warmRuns),
      cold: total(({ archive }) => archive.coldRuns),
    },
    archiver: {
      ...lease,
      waiting: shards.map(({ archive }) => archive.waiting).reduce(waitingTogether, NONE_WAITING),
      heldRuns: total(({ archive }) => archive.heldRuns),
    },
    shards: [...shards],
  }
}

const NONE_WAITING: WaitingBatches = { batches: 0, runs: 0, bytes: 0 }

function waitingTogether(one: WaitingBatches, other: WaitingBatches): WaitingBatches {
  const since = earliest(one.since, other.since)
  return {
    batches: one.batches + other.batches,
    runs: one.runs + other.runs,
    bytes: one.bytes + other.bytes,
    ...(since !== undefined && { since }),
  }
}

/** Undefined where both are. */
function earliest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || (other !== undefined && other < one) ? other : one
}

function together(one: TaskQueueStats | undefined, other: TaskQueueStats): TaskQueueStats {
  if (!one) return other
  const oldestDueAt = earliest(one.oldestDueAt, other.oldestDueAt)
  return {
    pending: one.pending + other.pending,
    running: one.running + other.running,
    delayed: one.delayed + other.delayed,
    ...(oldestDueAt !== undefined && { oldestDueAt }),
  }
}
