/**
 * Run ids whose payloads were stored for a start that never came.
 *
 * U1 Only an id that this storage would know is called unknown: of runs from before it was made, a shard that lost its
 *    storage knows nothing, and their payloads are all that is left of them.
 */
import type { UnknownRunsRequest } from '../shared/archive.ts'
import { idTime } from '../shared/ids.ts'
import type { Reply } from '../shared/protocol.ts'
import type { Shard } from './shard.ts'
import { deletionOf } from './store/deletions.ts'
import { readFact } from './store/meta.ts'
import { anyRunRow } from './store/runs.ts'

const DAY_MS = 86_400_000

export async function unknownRuns(shard: Shard, request: UnknownRunsRequest): Promise<Reply<string[]>> {
  const since = readFact(shard.sql, 'archived_since') ?? Infinity
  const before = shard.clock.now() - DAY_MS
  const unknown: string[] = []
  for (const runId of request.runIds) {
    const madeAt = idTime(runId)
    if (madeAt === null || madeAt < since || madeAt >= before) continue
    if (anyRunRow(shard.sql, runId) || deletionOf(shard.sql, runId)) continue
    if ((await shard.segments.find(runId)) === null) unknown.push(runId)
  }
  return { ok: true, value: unknown }
}
