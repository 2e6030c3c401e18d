/** Runs whose change could not be stored. */
import { errorFacts, log } from './log.ts'
import type { Shard } from './shard.ts'
import { runRow, setBlocked } from './store/runs.ts'

export function blockRuns(shard: Shard, runIds: readonly string[], reason: string): void {
  const { sql, clock } = shard
  try {
    for (const runId of runIds) {
      if (runRow(sql, runId)) setBlocked(sql, runId, { code: 'blocked', reason, since: clock.now() })
    }
  } catch (error) {
    // A disk that is full takes no word about it either; the caller is told all the same.
    log('block_failed', errorFacts(error))
  }
}
