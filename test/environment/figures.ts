/** Figures of a shard, made up. */
import type { ShardStats } from '../../shared/stats.ts'

export function figures(shard: number): ShardStats {
  return {
    shard,
    since: 1_000,
    runs: { running: 3, paused: 1, completed: 5 },
    openRuns: 4,
    blockedRuns: 1,
    liveRuns: 2,
    databaseBytes: 8_192,
    turns: 20,
    turnDurations: { counts: [4, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], sumMs: 10_512 },
    rowsWritten: 90,
    inputsWaiting: 0,
    refused: 7,
    sequence: 60,
    cdcLag: 2,
    events: { workflow_started: 9, workflow_completed: 5 },
    taskQueues: {
      default: { pending: 2, running: 1, delayed: 0, oldestDueAt: 5_000 + shard },
      'two "words"\\': { pending: 0, running: 0, delayed: 4 },
    },
    archive: {
      warmRuns: 10,
      coldRuns: 100,
      lastBatch: 3,
      cooledBatch: 2,
      openBatches: 0,
      waiting: { batches: 1, runs: 10, bytes: 2_048, since: 4_000 - shard },
      heldRuns: 0,
      pendingDeletions: 0,
      garbageKeys: 0,
    },
  }
}
