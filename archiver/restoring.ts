/**
 * `POST /archive/rebuild` with `{ namespace, shard, cursor? }`: restores some batches of a shard that lost its storage,
 * and says where the next call goes on. `npm run rebuild` calls it until there are none left.
 */
import { WorkflowError } from '../shared/errors.ts'
import { checkedNamespace } from '../shared/names.ts'
import { valueOf } from './answers.ts'
import { lastBatchIn, loadTables } from './cold/tier.ts'
import { bucketOf, coldTierOf, sourceOf, type ArchiverEnv } from './config.ts'
import { endpoint } from './endpoint.ts'
import type { LeasedShard } from './phases/context.ts'
import { rebuild, type Rebuilt } from './rebuild.ts'

/** What one call may take. */
const TTL_MS = 120_000

export async function restore(request: Request, env: ArchiverEnv): Promise<Response> {
  const work = async (): Promise<object> => await restoreSome(askedOf(await request.text()), env)
  return await endpoint(request, env, { method: 'POST', scope: 'admin', work })
}

interface Asked {
  readonly namespace: string
  readonly shard: number
  readonly cursor?: string
}

async function restoreSome(asked: Asked, env: ArchiverEnv): Promise<Rebuilt & { shards: number }> {
  const source = sourceOf(env)
  const { namespace, shard, cursor } = asked
  const shards = await source.shardCount(namespace)
  const holder = crypto.randomUUID()
  const { fence } = valueOf(await source.acquireArchive({ namespace, holder, ttlMs: TTL_MS }))
  try {
    const to = { namespace, shard, shards }
    const rebuilt = await rebuild({ bucket: bucketOf(env), source }, { to, fence }, cursor)
    if (rebuilt.cursor === undefined) await numberAbove(env, { to, fence })
    return { shards, ...rebuilt }
  } finally {
    valueOf(await source.releaseArchive({ namespace, holder }))
  }
}

/** Batches that are only in the cold tables any more have used up their numbers, too. */
async function numberAbove(env: ArchiverEnv, { to, fence }: LeasedShard): Promise<void> {
  const number = lastBatchIn(await loadTables(coldTierOf(env)), to)
  if (number > 0) valueOf(await sourceOf(env).restoreArchive({ to, fence, number, objects: [], runs: [] }))
}

function askedOf(text: string): Asked {
  const body: unknown = parsed(text)
  if (typeof body !== 'object' || body === null) throw wrong('the body', 'a JSON object')
  const { shard, cursor, ...rest }: { namespace?: unknown; shard?: unknown; cursor?: unknown } = body
  const namespace = checkedNamespace(rest.namespace)
  if (typeof shard !== 'number' || !Number.isSafeInteger(shard) || shard < 0) throw wrong('shard', 'a number')
  if (cursor === undefined) return { namespace, shard }
  if (typeof cursor !== 'string') throw wrong('cursor', 'that of an answer')
  return { namespace, shard, cursor }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new WorkflowError('invalid_argument', 'the body is not JSON', { cause })
  }
}

function wrong(path: string, expected: string): WorkflowError {
  return new WorkflowError('invalid_argument', `${path} must be ${expected}`, { path })
}
