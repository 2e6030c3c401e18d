/** Health over HTTP: one page of one shard a request. */
import * as z from 'zod/mini'
import type { AskedHealth, ToldHealth } from '../../shared/health.ts'
import { shardName } from '../../shared/protocol.ts'
import type { Reply } from '../../shared/protocol.ts'
import type { SchedulerConfig } from '../config.ts'
import { namespace as namespaceShape, whole } from '../shapes.ts'
import type { Shape } from '../shapes.ts'

const MAX_CURSOR = 2_000

const page = {
  cursor: z.exactOptional(z.string().check(z.maxLength(MAX_CURSOR))),
  repair: z.exactOptional(z.boolean()),
}

/** Of one shard; without a cursor, from its beginning. */
export const healthBody: Shape<AskedHealth> = z.object({
  namespace: z.exactOptional(namespaceShape),
  shard: whole(0),
  ...page,
})

export async function askedHealth(
  config: SchedulerConfig,
  { namespace = 'default', shard, ...asked }: AskedHealth,
): Promise<Reply<ToldHealth>> {
  const shards = await config.shard(shardName(namespace, 0)).shardCount(namespace)
  const to = { namespace, shard, shards }
  const reply = await config.shard(shardName(namespace, shard)).health({ ...asked, to })
  return reply.ok ? { ok: true, value: { shards, ...reply.value } } : reply
}
