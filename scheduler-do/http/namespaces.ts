/** The shards of a namespace, as the HTTP API asks them: it is a client over its own objects. */
import { Shards } from '../../shared/connection.ts'
import { shardName } from '../../shared/protocol.ts'
import type { ClientApi, Reply, RunRequest, ShardAddress } from '../../shared/protocol.ts'
import { noStore } from '../../shared/store.ts'
import { gathering } from '../../shared/together.ts'
import type { SchedulerConfig } from '../config.ts'

/** A namespace never gets another number of shards. */
const counts = new WeakMap<SchedulerConfig, Map<string, number>>()
const MOST_KNOWN = 1_000

export async function shardsOf(
  config: SchedulerConfig,
  namespace: string,
  connect = ({ shard }: ShardAddress): ClientApi => config.shard(shardName(namespace, shard)),
): Promise<Shards> {
  const known = counts.get(config) ?? new Map<string, number>()
  // Payloads pass as they are: whoever sends them has put large ones in their place, and has the codec.
  const options = { shards: known.get(namespace), store: noStore, coding: null }
  const shards = new Shards(connect, namespace, options)
  if (options.shards === undefined) {
    const { length } = await shards.all()
    if (known.size < MOST_KNOWN) counts.set(config, known.set(namespace, length))
  }
  return shards
}

/** Of these, calls of one moment go in one. */
export function gatheredShards(config: SchedulerConfig, namespace: string): Promise<Shards> {
  const known = new Map<number, ClientApi>()
  return shardsOf(config, namespace, ({ shard }) => {
    const connected = known.get(shard) ?? gathering(() => config.shard(shardName(namespace, shard)))
    known.set(shard, connected)
    return connected
  })
}

/** For what no client asks. A shard says itself what it was asked for that is no longer so; nothing is repeated here. */
export function shardAt(config: SchedulerConfig, { namespace, shard }: ShardAddress) {
  return config.shard(shardName(namespace, shard))
}

/** Whom a route is about. */
export interface Asked {
  readonly config: SchedulerConfig
  readonly namespace: string
  /** Those that several calls of one request share. */
  readonly shards?: Shards
}

/** What the shard at `request.to` says, refusals too: it is asked again only where its object was lost meanwhile. */
export async function answerOf<R extends { to: ShardAddress }, T>(
  shards: Shards,
  request: R,
  verb: (shard: ClientApi, request: R) => Promise<Reply<T>>,
): Promise<Reply<T>> {
  return await shards.ask(request, async (shard, one) => ({ ok: true, value: await verb(shard, one) }))
}

/** The same of the shard that has the workflow, or the schedule, of that id. */
export async function answerFor<F extends object, T>(
  { config, namespace, shards: shared }: Asked,
  id: string,
  ask: { request: F; verb: (shard: ClientApi, request: F & { to: ShardAddress }) => Promise<Reply<T>> },
): Promise<Reply<T>> {
  const shards = shared ?? (await shardsOf(config, namespace))
  return await answerOf(shards, { ...ask.request, to: await shards.of(id) }, ask.verb)
}

/** The run that a route is about: the latest of the workflow id, unless the query names one. */
interface AskedRun extends Asked {
  readonly params: { workflowId: string }
  readonly query: { runId?: string; firstRunId?: string }
}

export async function answerOfRun<F extends object, T>(
  asked: AskedRun,
  fields: F,
  verb: (shard: ClientApi, request: RunRequest & F) => Promise<Reply<T>>,
): Promise<Reply<T>> {
  const { workflowId } = asked.params
  const { runId, firstRunId } = asked.query
  const run = {
    workflowId,
    ...(runId !== undefined && { runId }),
    ...(firstRunId !== undefined && { firstRunId }),
  }
  return await answerFor(asked, workflowId, { request: { ...run, ...fields }, verb })
}
