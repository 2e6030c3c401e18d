/**
 * The end of the warm tier: runs that are cold and past their warm age leave their shard, which keeps a segment in R2
 * that still knows them. Their warm objects become garbage with the confirmation.
 */
import type { Expiry } from '../../shared/archive.ts'
import { valueOf } from '../answers.ts'
import { deleteLeftovers, putVerified } from '../objects.ts'
import { eachShard, log, type LeasedShard, type Pass } from './context.ts'

/** One segment: what a lookup fetches. */
const MAX_RUNS = 1_000

export async function expire(pass: Pass): Promise<void> {
  if (pass.cold === null) return
  await eachShard(pass, pass.shards, async (shard) => {
    while (pass.now() < pass.deadline) {
      const { to, fence } = shard
      const expiry = valueOf(await pass.source.proposeExpiry({ to, fence, maxRuns: MAX_RUNS }))
      if (expiry === null) return
      await store(pass, shard, expiry)
    }
  })
}

async function store(pass: Pass, { to, fence }: LeasedShard, { segment, rows }: Expiry): Promise<void> {
  const { namespace, shard } = to
  const prefix = `segments/${encodeURIComponent(namespace)}/${shard}/${segment}-`
  await deleteLeftovers(pass.bucket, prefix, fence)
  const object = `${prefix}${fence}.json`
  const bytes = new TextEncoder().encode(JSON.stringify(rows))
  const metadata = { rows: String(rows.length) }
  const { etag } = await putVerified(pass.bucket, object, {
    bytes,
    contentType: 'application/json',
    metadata,
  })
  valueOf(await pass.source.confirmExpiry({ to, fence, segment, object, etag, bytes: bytes.length }))
  pass.summary.expiredRuns += rows.length
  log(pass, 'archive_segment', { namespace, shard, segment, runs: rows.length, bytes: bytes.length })
}
