/** Where in its code an open run waits: it is replayed once more, beside the one in memory, noting where calls are made. */
import type { Coroutine } from '../shared/replay/coroutine.ts'
import { replayRun } from './live.ts'
import type { Shard } from './shard.ts'
import { wholeHistory } from './store/history.ts'

/** Its coroutine, with the sites of its pending calls; null when this code cannot replay it. Between two turns only. */
export async function withCallSites(
  shard: Shard,
  run: { workflowId: string; runId: string },
): Promise<Coroutine | null> {
  const history = wholeHistory(shard.sql, run.runId)
  const name = { workflowId: run.workflowId, runId: run.runId, callSites: true }
  const { live, blocked } = await replayRun(shard.workshop, name, { ...history, fresh: false })
  return blocked ? null : live.coroutine
}
