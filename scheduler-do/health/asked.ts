/** Health over HTTP: one page of one shard a request. */
import type { AskedHealth, ToldHealth } from '../../shared/health.ts'
import { shardName } from '../../shared/protocol.ts'
import type { Reply } from '../../shared/protocol.ts'
import type { SchedulerConfig } from '../config.ts'

export async function askedHealth(
  config: SchedulerConfig,
  { namespace = 'default', shard, ...asked }: AskedHealth,
): Promise<Reply<ToldHealth>> {
  const shards = await config.shard(shardName(namespace, 0)).shardCount(namespace)
  const to = { namespace, shard, shards }
  const reply = await config.shard(shardName(namespace, shard)).health({ ...asked, to })
  return reply.ok ? { ok: true, value: { shards, ...reply.value } } : reply
}
