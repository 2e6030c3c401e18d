/** Which shard a workflow belongs to. Pinned by tests: another answer would lose every run there is. */
import { hashOf } from './hash.ts'

/** The shard, from 0, of the `shards` of a namespace that holds `workflowId`. */
export function shardOf(workflowId: string, shards: number): number {
  return shards === 1 ? 0 : hashOf(workflowId) % shards
}
