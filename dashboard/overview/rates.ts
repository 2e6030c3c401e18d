/** Rates out of what shards count: each counts from its own wake. */
import type { ShardStats } from '../../shared/stats.ts'
import type { Sample } from '../api/stats.ts'

type Counter = (shard: ShardStats) => number

/** A second between each sample and the one before it; null for the first. */
export function ratesOf(samples: readonly Sample[], counter: Counter): (number | null)[] {
  return samples.map((sample, place) => {
    const before = samples[place - 1]
    return before ? rate(before, sample, counter) : null
  })
}

function rate(before: Sample, after: Sample, counter: Counter): number {
  const known = new Map(before.stats.shards.map((shard) => [shard.shard, shard]))
  const counted = after.stats.shards.reduce((sum, shard) => {
    const earlier = known.get(shard.shard)
    // One that has woken since then counts anew.
    return sum + counter(shard) - (earlier?.since === shard.since ? counter(earlier) : 0)
  }, 0)
  return (counted * 1_000) / Math.max(1, after.at - before.at)
}

/** The value below which the share `at` of them lies; null of none. */
export function quantile(values: readonly number[], at: number): number | null {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.ceil(sorted.length * at) - 1] ?? null
}
