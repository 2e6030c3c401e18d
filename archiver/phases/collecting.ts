/** Keys that nothing refers to any more: gone from R2 first, then from the shard's list of them. */
import { valueOf } from '../answers.ts'
import { deletePrefix } from '../objects.ts'
import { eachShard, type LeasedShard, type Pass } from './context.ts'

/** What R2 deletes with one call. */
const MAX_KEYS = 1_000

export async function collect(pass: Pass): Promise<void> {
  await eachShard(pass, pass.shards, async (shard) => {
    while (pass.now() < pass.deadline) if (!(await collectSome(pass, shard))) return
  })
}

/** Whether there was anything. */
async function collectSome(pass: Pass, { to, fence }: LeasedShard): Promise<boolean> {
  const keys = valueOf(await pass.source.garbage({ to, fence, maxKeys: MAX_KEYS }))
  if (keys.length === 0) return false
  for (const prefix of keys.filter(isPrefix)) await deletePrefix(pass.bucket, prefix)
  const whole = keys.filter((key) => !isPrefix(key))
  if (whole.length > 0) await pass.bucket.delete(whole)
  valueOf(await pass.source.collected({ to, fence, keys }))
  pass.summary.collectedKeys += keys.length
  return true
}

/** The name of an object never ends so. */
function isPrefix(key: string): boolean {
  return key.endsWith('/') || key.endsWith('-')
}
