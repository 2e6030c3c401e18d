/**
 * From warm to cold: which batches the cold tables lack.
 *
 * C1 Batches become cold in the order of their numbers. One with a deleted run stops those behind it until it is purged.
 * C2 What has been offered may be cold: the pass can be lost between its commit and its mark.
 */
import type { ColdCandidates, ColdCandidatesRequest, MarkColdRequest } from '../shared/archive.ts'
import type { Reply } from '../shared/protocol.ts'
import type { Shard } from './shard.ts'
import { coolable, markBatchesCold, positions, setPositions } from './store/batches.ts'
import { batchesToPurge } from './store/deletions.ts'

export function coldCandidates(shard: Shard, request: ColdCandidatesRequest): Reply<ColdCandidates> {
  const { sql } = shard
  const all = coolable(sql)
  const deleted = batchesToPurge(sql)
  const batches: ColdCandidates['batches'] = []
  let bytes = 0
  for (const batch of all) {
    const more = batch.objects.reduce((sum, object) => sum + object.bytes, 0)
    if (deleted.has(batch.number) || (batches.length > 0 && bytes + more > request.maxBytes)) break
    batches.push(batch)
    bytes += more
  }
  const last = batches.at(-1)?.number ?? 0
  if (last > positions(sql).offered) setPositions(sql, { offered: last })
  return { ok: true, value: { batches, more: all.length - batches.length } }
}

export function markCold(shard: Shard, { upTo }: MarkColdRequest): Reply<null> {
  const { sql } = shard
  const { cooled, offered } = positions(sql)
  if (upTo <= cooled) return { ok: true, value: null }
  shard.transaction(() => {
    markBatchesCold(sql, upTo)
    setPositions(sql, { cooled: upTo, offered: Math.max(offered, upTo) })
  })
  return { ok: true, value: null }
}
