/**
 * Who a shard is. The count of a namespace is fixed by its shard 0 at first use; every other shard asks it once, before
 * its first write. What is meant for another shard, or comes with another count, is refused.
 */
import { isName } from '../shared/names.ts'
import type { Refusal, ShardAddress } from '../shared/protocol.ts'
import { shardName } from '../shared/protocol.ts'
import type { Shard } from './shard.ts'

export async function admitAddress(shard: Shard, to: ShardAddress): Promise<Refusal | null> {
  const known = shard.knownAddress
  if (known) return sameAddress(known, to) ? null : mismatch(known, to)
  const invalid = invalidAddress(to)
  if (invalid) return invalid
  const shards =
    to.shard === 0
      ? shard.config.shards
      : await shard.config.shard(shardName(to.namespace, 0)).shardCount(to.namespace)
  const own = { namespace: to.namespace, shard: to.shard, shards }
  if (to.shards !== shards || to.shard >= shards) return mismatch(own, to)
  // Another request may have settled it while shard 0 was asked.
  if (!shard.knownAddress) settle(shard, own)
  return null
}

/** The answer of shard 0: what it was first used with, whatever the Worker is configured with today. */
export function ownShardCount(shard: Shard, namespace: string): number {
  if (!shard.knownAddress) settle(shard, { namespace, shard: 0, shards: shard.config.shards })
  return shard.address.shards
}

function settle(shard: Shard, own: ShardAddress): void {
  shard.setAddress(own)
  takeMemory(shard)
}

/** What an earlier life of the shard held in this isolate is free again. */
export function takeMemory({ memory, knownAddress: own }: Shard): void {
  if (own) memory.runs.belongTo(shardName(own.namespace, own.shard))
}

function sameAddress(one: ShardAddress, other: ShardAddress): boolean {
  return one.namespace === other.namespace && one.shard === other.shard && one.shards === other.shards
}

function invalidAddress(to: ShardAddress): Refusal | null {
  const { namespace, shard, shards } = to
  const whole = Number.isInteger(shard) && Number.isInteger(shards) && shard >= 0 && shards >= 1
  if (whole && isName(namespace)) return null
  return {
    ok: false,
    code: 'invalid_argument',
    message: 'the request names no possible shard',
    facts: { path: 'to' },
  }
}

function mismatch(own: ShardAddress, to: ShardAddress): Refusal {
  const here = `${shardName(own.namespace, own.shard)} of ${own.shards} shards`
  const asked = `${shardName(to.namespace, to.shard)} of ${to.shards}`
  const message = `this is ${here}, and the request is for ${asked}: the shard count of a namespace never changes`
  return { ok: false, code: 'shard_count_mismatch', message, facts: { shards: own.shards } }
}
