/** The row of the run that a request asks about: one by its id, the latest of a chain, or the latest of the workflow id. */
import type { RunRequest } from '../shared/protocol.ts'
import type { Shard } from './shard.ts'
import { latestRunId } from './store/ids.ts'
import { runRow } from './store/runs.ts'
import type { RunRow } from './store/runs.ts'
import { firstOf } from './target.ts'

export async function requestedRun(shard: Shard, request: RunRequest): Promise<RunRow | null> {
  return rowNow(shard, request) ?? (await rowElsewhere(shard, request))
}

/** Its row, if it has one and no more than that is needed to know it. */
export function rowNow(shard: Shard, { workflowId, runId, firstRunId }: RunRequest): RunRow | null {
  if (runId !== undefined) return rowOf(shard, workflowId, runId)
  const latestId = latestRunId(shard.sql, workflowId)
  const latest = latestId === undefined ? null : rowOf(shard, workflowId, latestId)
  return latest && isOf(latest, firstRunId) ? latest : null
}

/** The same, of runs whose rows are gone, and of a chain that is not the latest of its id. */
export async function rowElsewhere(
  shard: Shard,
  { workflowId, runId, firstRunId }: RunRequest,
): Promise<RunRow | null> {
  if (runId !== undefined) return await found(shard, workflowId, runId)
  const latestId = latestRunId(shard.sql, workflowId)
  const latest = latestId === undefined ? null : await found(shard, workflowId, latestId)
  if (firstRunId === undefined || (latest && isOf(latest, firstRunId))) return latest
  return await lastOfChain(shard, workflowId, firstRunId)
}

/** Another workflow has the id by now: the chain is followed run by run. */
async function lastOfChain(shard: Shard, workflowId: string, firstRunId: string): Promise<RunRow | null> {
  let last = await found(shard, workflowId, firstRunId)
  for (let next = last; next !== null;) {
    last = next
    next = last.nextRunId === undefined ? null : await found(shard, workflowId, last.nextRunId)
  }
  return last
}

async function found(shard: Shard, workflowId: string, runId: string): Promise<RunRow | null> {
  const row = rowOf(shard, workflowId, runId) ?? (await shard.segments.find(runId))
  return row?.workflowId === workflowId ? row : null
}

function rowOf(shard: Shard, workflowId: string, runId: string): RunRow | null {
  const row = runRow(shard.sql, runId)
  return row?.workflowId === workflowId ? row : null
}

function isOf(run: RunRow, firstRunId: string | undefined): boolean {
  return firstRunId === undefined || firstOf(run) === firstRunId
}
