/**
 * A closed run is deleted: from then on every read answers as if it had never been. What is left of it goes at once
 * where nothing else names it, and with the archiver's next passes where something does.
 */
import { SNAPSHOT_RETENTION_MS } from '../shared/archive.ts'
import type { ClosedStatus } from '../shared/core/events.ts'
import type { DeleteReply, DeleteRequest, Refusal, Reply } from '../shared/protocol.ts'
import { named, purgeHot, toldOf } from './purge.ts'
import type { Shard } from './shard.ts'
import { batchRow, positions } from './store/batches.ts'
import { deletionOf, putDeletion } from './store/deletions.ts'
import type { DeletionRow } from './store/deletions.ts'
import { deleteId, idRow, setLatest } from './store/ids.ts'
import { lastRunBetween, runRow } from './store/runs.ts'
import type { RunRow } from './store/runs.ts'
import { storedSegments } from './store/segments.ts'
import { notFound } from './target.ts'

/** By when a purge has run, at the latest, unless archiving is behind. */
const PASS_MS = 86_400_000

export async function remove(shard: Shard, request: DeleteRequest): Promise<Reply<DeleteReply>> {
  const again = deletedBefore(shard, request)
  if (again) return again
  const row = runRow(shard.sql, request.runId)
  const located = row ? null : await shard.segments.locate(request.runId)
  const run = row ?? located?.row
  if (!run || run.workflowId !== request.workflowId) return notFound(request)
  if (run.completedAt === null) return runs(run)
  const latest = isLatest(shard, run)
  const previous = latest ? await previousRun(shard, run) : null
  const reply = await shard.read(async () => {
    // While segments were read, another delete may have come, the run may have moved, and its id may have a new run.
    const same = runRow(shard.sql, run.runId)?.tier === row?.tier && isLatest(shard, run) === latest
    const before = deletedBefore(shard, request)
    if (before) return before
    if (!same || (previous && !stillThere(shard, previous))) return null
    return removeNow(shard, { run, segment: located?.segment.number ?? null, previous })
  })
  return reply ?? (await remove(shard, request))
}

function deletedBefore(shard: Shard, { workflowId, runId }: DeleteRequest): Reply<DeleteReply> | null {
  const deletion = deletionOf(shard.sql, runId)
  if (deletion?.workflowId !== workflowId) return null
  return { ok: true, value: { coldGoneBy: deletion.coldGoneBy } }
}

function runs({ workflowId, runId }: RunRow): Refusal {
  const message = `run ${runId} of workflow ${workflowId} is running: cancel or terminate it first`
  return { ok: false, code: 'workflow_running', message, facts: { workflowId, runId } }
}

interface Previous {
  runId: string
  /** How it ended, where only a segment knows it. */
  status: ClosedStatus | null
}

function isLatest(shard: Shard, { workflowId, runId }: RunRow): boolean {
  return idRow(shard.sql, workflowId)?.runId === runId
}

/** The run that was the latest of its id before this one; null when there is none. */
async function previousRun(shard: Shard, { workflowId, runId }: RunRow): Promise<Previous | null> {
  const id = idRow(shard.sql, workflowId)
  if (!id || id.firstRunId === runId) return null
  const found = lastRunBetween(shard.sql, workflowId, { from: id.firstRunId, before: runId })
  let best: Previous | null = found === null ? null : { runId: found, status: null }
  for (const segment of storedSegments(shard.sql).toReversed()) {
    if (segment.maxRunId < id.firstRunId || segment.minRunId >= runId) continue
    if (best && segment.maxRunId < best.runId) continue
    for (const row of await shard.segments.rowsOf(segment)) {
      const older = row.workflowId === workflowId && row.runId < runId && !deletionOf(shard.sql, row.runId)
      if (older && (!best || row.runId > best.runId)) best = { runId: row.runId, status: row.status }
    }
  }
  return best
}

function stillThere(shard: Shard, previous: Previous): boolean {
  const row = runRow(shard.sql, previous.runId)
  return previous.status === null ? row !== undefined : !row && !deletionOf(shard.sql, previous.runId)
}

function removeNow(
  shard: Shard,
  { run, segment, previous }: { run: RunRow; segment: number | null; previous: Previous | null },
): Reply<DeleteReply> {
  const { sql } = shard
  const { workflowId, runId } = run
  const coldGoneBy = promised(shard, run)
  const closedAt = run.completedAt ?? 0
  const deletion: DeletionRow = { runId, workflowId, closedAt, segment, coldGoneBy, forgetAt: null }
  const alone = run.tier === 'hot' && !named(shard, runId)
  shard.transaction(() => {
    putDeletion(sql, deletion)
    if (isLatest(shard, run)) {
      if (previous) setLatest(sql, { workflowId, ...previous })
      else deleteId(sql, workflowId)
    }
    if (alone && toldOf(shard, run.closedSequence)) purgeHot(shard, deletion)
  })
  return { ok: true, value: { coldGoneBy } }
}

/** Null where the cold tier cannot have the run. What was offered to it may be there, marked or not. */
function promised(shard: Shard, run: RunRow): number | null {
  const { sql, clock } = shard
  const batch = run.archiveBatch === null ? null : batchRow(sql, run.archiveBatch)
  const maybe = batch?.cold === true && batch.number <= positions(sql).offered
  return run.tier === 'cold' || maybe ? clock.now() + PASS_MS + SNAPSHOT_RETENTION_MS : null
}
