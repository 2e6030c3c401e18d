/** Shards that lose their storage, and what R2 keeps of them. */
import { abort, inStorage } from '../scheduler-do/storage.ts'
import { bucket } from './buckets.ts'

/** Everything but its address. */
export async function loseStorage(shard: number): Promise<void> {
  await inStorage(shard, ({ sql }) => {
    for (const table of ['workflows', 'workflow_ids', 'history', 'archive_batches'])
      sql.exec(`DELETE FROM ${table}`)
    sql.exec(`DELETE FROM meta WHERE key = 'archive_positions'`)
  })
  await abort(shard)
}

export async function warmKeys(shard: number): Promise<string[]> {
  const { objects } = await bucket.list({ prefix: `warm/default/${shard}/` })
  return objects.map(({ key }) => key)
}
