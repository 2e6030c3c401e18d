/** A poll of a pull task queue, over all shards of a namespace. */
import { WorkflowError } from '../shared/errors.ts'
import { PROTOCOL_VERSION, shardName } from '../shared/protocol.ts'
import type { Reply, ShardAddress } from '../shared/protocol.ts'
import type { Poll, PulledTask } from '../shared/pull.ts'
import type { SchedulerConfig } from './config.ts'
import { errorFacts, log } from './log.ts'
import { signedGrant } from './task-tokens.ts'

/** Up to `limit` tasks, as soon as there is one. */
export async function pollTasks(
  config: SchedulerConfig,
  taskQueue: string,
  poll: Poll,
): Promise<Reply<PulledTask[]>> {
  const known = config.taskQueues.get(taskQueue)
  if (known?.queue !== null) throw notPulled(config, taskQueue)
  const shards = await shardsOf(config, poll.namespace ?? 'default')
  const found = await take(config, shards, { taskQueue, poll })
  if (found.length > 0 || poll.waitMs === 0) return { ok: true, value: found }
  const waits = shards.map((to) =>
    asked(config, to, { taskQueue, poll: { ...poll, limit: 0, again: false } }),
  )
  await Promise.race(waits)
  return { ok: true, value: await take(config, shards, { taskQueue, poll: { ...poll, again: false } }) }
}

interface Asked {
  taskQueue: string
  poll: Poll
}

/** From one shard after the other, so that no more is granted than was asked for; from another one first each time. */
async function take(
  config: SchedulerConfig,
  shards: readonly ShardAddress[],
  { taskQueue, poll }: Asked,
): Promise<PulledTask[]> {
  const first = Math.floor(Math.random() * shards.length)
  const found: PulledTask[] = []
  for (const to of [...shards.slice(first), ...shards.slice(0, first)]) {
    const limit = poll.limit - found.length
    if (limit <= 0 && poll.again !== true) break
    const { taskTokens } = config
    for (const one of await asked(config, to, { taskQueue, poll: { ...poll, limit: Math.max(0, limit) } }))
      found.push({
        ...one,
        grant: await signedGrant(taskTokens, one.grant, { to, claimId: poll.claimId, ...one.task }),
      })
  }
  return found
}

/** A shard that does not answer has nothing to give: the next poll asks it again. */
async function asked(
  config: SchedulerConfig,
  to: ShardAddress,
  { taskQueue, poll }: Asked,
): Promise<PulledTask[]> {
  const { claimId, poller, limit, waitMs, again = false } = poll
  const shard = config.shard(shardName(to.namespace, to.shard))
  try {
    const reply = await shard.pull({
      v: PROTOCOL_VERSION,
      to,
      taskQueue,
      claimId,
      poller,
      limit,
      waitMs,
      again,
    })
    return reply.ok ? reply.value : []
  } catch (error) {
    log('poll_failed', { shard: to.shard, ...errorFacts(error) })
    return []
  }
}

async function shardsOf(config: SchedulerConfig, namespace: string): Promise<ShardAddress[]> {
  const shards = await config.shard(shardName(namespace, 0)).shardCount(namespace)
  return Array.from({ length: shards }, (_, shard) => ({ namespace, shard, shards }))
}

function notPulled(config: SchedulerConfig, taskQueue: string): WorkflowError {
  const pulled = [...config.taskQueues].filter(([, { queue }]) => queue === null).map(([name]) => name)
  const message = `no task queue ${taskQueue} is configured with pull: true; those that are: ${pulled.join(', ') || 'none'}`
  return new WorkflowError('unknown_task_queue', message, { path: 'taskQueue' })
}
