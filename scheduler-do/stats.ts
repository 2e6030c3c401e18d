/** Figures of a shard, out of its memory and the few rows that say what memory does not. */
import type { LeaseStats, ShardArchiveStats, ShardStats, TaskQueueStats } from '../shared/stats.ts'
import { isOpen } from '../shared/protocol.ts'
import type { Reply } from '../shared/protocol.ts'
import type { Shard } from './shard.ts'
import { positions } from './store/batches.ts'
import { readFact } from './store/meta.ts'
import {
  batchCounts,
  deletionsPending,
  garbageCount,
  heldRuns,
  segmentedRuns,
  waitingBatches,
} from './store/stats.ts'

export function shardStats(shard: Shard): Reply<ShardStats> {
  const { sql, memory, census, changeEvents, address } = shard
  const { statuses, blocked } = census.runs
  const sequence = memory.positions.sequence - 1
  const open = [...statuses].filter(([status]) => isOpen(status))
  const value = {
    shard: address.shard,
    since: census.since,
    runs: Object.fromEntries(statuses),
    openRuns: open.reduce((sum, [, count]) => sum + count, 0),
    blockedRuns: blocked,
    liveRuns: memory.runs.size,
    databaseBytes: sql.databaseSize,
    turns: shard.turns,
    turnDurations: { counts: [...shard.admission.durations.counts], sumMs: shard.admission.durations.sumMs },
    rowsWritten: sql.rowsWritten,
    inputsWaiting: shard.waiting,
    refused: shard.admission.refusedInAll,
    sequence,
    cdcLag: changeEvents && sequence - changeEvents.position,
    events: Object.fromEntries(census.events),
    taskQueues: taskQueues(shard),
    archive: archiveStats(shard),
  }
  return { ok: true, value }
}

/** Of those that are configured, and of those that only tasks know of. */
function taskQueues({ memory, config, clock }: Shard): Record<string, TaskQueueStats> {
  const now = clock.now()
  const queues = new Map<string, TaskQueueStats>()
  for (const name of config.taskQueues.keys()) queues.set(name, { pending: 0, running: 0, delayed: 0 })
  for (const { taskQueue, claim, dueAt, awaitsKey } of memory.tasks.values()) {
    const queue = queues.get(taskQueue) ?? { pending: 0, running: 0, delayed: 0 }
    queues.set(taskQueue, queue)
    if (claim) queue.running += 1
    else if (awaitsKey || dueAt > now) queue.delayed += 1
    else {
      queue.pending += 1
      queue.oldestDueAt = Math.min(queue.oldestDueAt ?? Infinity, dueAt)
    }
  }
  return Object.fromEntries(queues)
}

function archiveStats({ sql }: Shard): ShardArchiveStats {
  const batches = batchCounts(sql)
  const { lastBatch, cooled } = positions(sql)
  return {
    warmRuns: batches.get('warm')?.runs ?? 0,
    coldRuns: (batches.get('cold')?.runs ?? 0) + segmentedRuns(sql),
    lastBatch,
    cooledBatch: cooled,
    openBatches: batches.get('open')?.batches ?? 0,
    waiting: waitingBatches(sql),
    heldRuns: heldRuns(sql),
    pendingDeletions: deletionsPending(sql),
    garbageKeys: garbageCount(sql),
  }
}

/** Of the object that keeps the lease. */
export function leaseStats({ sql, clock }: Shard): Reply<LeaseStats> {
  const lease = readFact(sql, 'archive_lease')
  const isHeld = lease && lease.holder !== null && lease.until > clock.now()
  const { fence = 0, beganAt = null, endedAt = null }: Partial<LeaseStats> = lease ?? {}
  return { ok: true, value: { fence, heldUntil: isHeld ? lease.until : null, beganAt, endedAt } }
}
