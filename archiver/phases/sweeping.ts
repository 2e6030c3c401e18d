/**
 * Payloads that were stored for a start that never came: a folder of objects whose run its shard does not know, a day
 * later. Each shard's folders are looked through once a day, some with every pass.
 */
import { valueOf } from '../answers.ts'
import { deletePrefix } from '../objects.ts'
import { eachShard, log, type LeasedShard, type Pass } from './context.ts'
import { readProgress, writeProgress } from './progress.ts'

export async function sweepPayloads(pass: Pass): Promise<void> {
  await eachShard(pass, pass.shards, (shard) => sweepShard(pass, shard))
}

async function sweepShard(pass: Pass, { to, fence }: LeasedShard): Promise<void> {
  const { namespace, shard } = to
  const prefix = `payload/${namespace}/${shard}/`
  const progress = await readProgress(pass, prefix)
  if (progress === null) return
  const { cursor } = progress
  const listed = await pass.bucket.list({ prefix, delimiter: '/', ...(cursor !== undefined && { cursor }) })
  const folders = listed.delimitedPrefixes
  const runIds = folders.map((folder) => folder.slice(prefix.length, -1))
  const unknown = runIds.length === 0 ? [] : valueOf(await pass.source.unknownRuns({ to, fence, runIds }))
  for (const runId of unknown) await deletePrefix(pass.bucket, `${prefix}${runId}/`)
  await writeProgress(pass, prefix, listed.truncated ? listed.cursor : null)
  if (unknown.length > 0) log(pass, 'archive_payloads_swept', { namespace, shard, runs: unknown.length })
}
