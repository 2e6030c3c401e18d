/** Runs whose change could not be stored: tried again, at first soon, then ever more rarely. */
import { dueKey } from './keys.ts'
import { errorFacts, log } from './log.ts'
import type { Shard } from './shard.ts'
import { runRow, setBlocked } from './store/runs.ts'

const CODE = 'blocked'
/** Before the first try. Later ones come when the run has been blocked for twice as long as at the one before. */
export const RETRY_MS = 10_000
const LONGEST_MS = 3_600_000

export function blockRuns(shard: Shard, runIds: readonly string[], reason: string): void {
  for (const runId of runIds) {
    const blockedMs = block(shard, runId, reason)
    if (blockedMs === null) continue
    const pauseMs = Math.min(Math.max(blockedMs, RETRY_MS), LONGEST_MS)
    shard.memory.deadlines.set(dueKey({ kind: 'blocked', runId }), shard.clock.now() + pauseMs)
  }
  shard.census.forget()
  shard.alarm.arm()
}

/** For how long the run has been blocked; null where there is none. */
function block({ sql, clock }: Shard, runId: string, reason: string): number | null {
  try {
    const row = runRow(sql, runId)
    if (!row) return null
    const since = row.blocked?.code === CODE ? row.blocked.since : clock.now()
    setBlocked(sql, runId, { code: CODE, reason, since })
    return clock.now() - since
  } catch (error) {
    // A disk that is full takes no word about it either; the caller is told all the same.
    log('block_failed', errorFacts(error))
    return 0
  }
}
