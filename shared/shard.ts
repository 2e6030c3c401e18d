/** Which shard a workflow belongs to. Pinned by tests: another answer would lose every run there is. */
import murmurhash from 'murmurhash'

/** The shard, from 0, of the `shards` of a namespace that holds `workflowId`: MurmurHash3 (32 bits, seed 0) of its UTF-8. */
export function shardOf(workflowId: string, shards: number): number {
  return shards === 1 ? 0 : murmurhash.v3(workflowId, 0) % shards
}
