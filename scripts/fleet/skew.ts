/** How uneven the shards are loaded when some workflow ids are asked for more than others. */
import { shardOf } from '../../shared/shard.ts'

export interface Skew {
  readonly shards: number
  /** Of Zipf's law: the id of rank k is asked for in proportion to 1 / k^exponent; 0: all alike. */
  readonly exponent: number
  /** The busiest shard, in means. */
  readonly hottest: number
  /** The part of all that the busiest id is asked for. */
  readonly topId: number
  /** How many shards' work the namespace does when its busiest shard is full. */
  readonly worth: number
}

export function skewsOf(shards: number, exponents: readonly number[], ids: number): Skew[] {
  const shardOfRank = Array.from({ length: ids }, (_, rank) => shardOf(`order-${rank + 1}`, shards))
  return exponents.map((exponent) => {
    const load = new Float64Array(shards)
    let total = 0
    for (const [index, shard] of shardOfRank.entries()) {
      const weight = (index + 1) ** -exponent
      load[shard] = (load[shard] ?? 0) + weight
      total += weight
    }
    const most = load.reduce((one, other) => Math.max(one, other), 0) / total
    return { shards, exponent, hottest: most * shards, topId: 1 / total, worth: 1 / most }
  })
}
