/**
 * Deleted runs, taken out of every tier: out of the tables first, then out of the warm objects and segments, and only
 * then does the shard forget them.
 *
 * G1 An object that holds other runs is written anew without the deleted ones, under another key; the shard repoints
 *    those runs and gives the old key up in one transaction.
 * G2 Done twice, it is done once: what does not hold the run any more is left as it is.
 * G3 A pass writes under keys of its own, and deletes what earlier ones wrote instead of the same object and could not confirm.
 */
import { SNAPSHOT_RETENTION_MS, type Purge, type WarmPiece } from '../../shared/archive.ts'
import { valueOf } from '../answers.ts'
import { removeRuns } from '../cold/remove.ts'
import { attempted, eachShard, failed, log, type LeasedShard, type Pass } from './context.ts'
import { rewriteSegments, rewriteWarm } from '../rewrite.ts'

/** Of one shard and pass: deletions are rare, and each may rewrite an object. */
const MAX_RUNS = 100

export async function purge(pass: Pass): Promise<void> {
  const asked = new Map<LeasedShard, Purge['runs']>()
  await eachShard(pass, pass.shards, async (shard) => {
    const { to, fence } = shard
    const { runs } = valueOf(await pass.source.proposePurge({ to, fence, maxRuns: MAX_RUNS }))
    if (runs.length > 0) asked.set(shard, runs)
  })
  if (asked.size === 0) return
  try {
    const goneBy = await purgeCold(pass, [...asked.values()].flat())
    for (const [shard, runs] of asked) {
      await attempted(pass, shard, () => purgeShard(pass, shard, { runs, goneBy }))
    }
  } catch (error) {
    failed(pass, { table: 'history, executions' }, error)
  }
}

/** By run id, when the last snapshot that names it will be gone. */
async function purgeCold(pass: Pass, runs: Purge['runs']): Promise<ReadonlyMap<string, number>> {
  if (pass.cold === null) return new Map()
  const removed = await removeRuns(pass.cold, runs, pass.newId)
  const by = pass.now() + SNAPSHOT_RETENTION_MS
  return new Map(Array.from(removed, (runId) => [runId, by]))
}

async function purgeShard(
  pass: Pass,
  { to, fence }: LeasedShard,
  { runs, goneBy }: { runs: Purge['runs']; goneBy: ReadonlyMap<string, number> },
): Promise<void> {
  const runIds = runs.map(({ runId }) => runId)
  const context = { bucket: pass.bucket, fence, limits: pass.limits }
  const warm = await rewriteWarm(context, objectsOf(runs), new Set(runIds))
  const segments = await rewriteSegments(context, segmentsOf(runs), new Set(runIds))
  const dates = runIds.flatMap((runId) => goneBy.get(runId) ?? [])
  const coldGoneBy = dates.length === 0 ? null : Math.max(...dates)
  valueOf(await pass.source.confirmPurge({ to, fence, runIds, ...warm, segments, coldGoneBy }))
  pass.summary.purgedRuns += runIds.length
  log(pass, 'archive_purged', { namespace: to.namespace, shard: to.shard, runs: runIds.length })
}

function objectsOf(runs: Purge['runs']): WarmPiece[] {
  const pieces = runs.flatMap(({ warm }) => warm ?? [])
  return [...new Map(pieces.map((piece) => [piece.object, piece])).values()]
}

function segmentsOf(runs: Purge['runs']): { object: string; etag: string }[] {
  const segments = runs.flatMap(({ segment }) => segment ?? [])
  return [...new Map(segments.map((segment) => [segment.object, segment])).values()]
}
