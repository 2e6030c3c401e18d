/** A poll of a pull task queue, over all shards of a namespace. */
import { WorkflowError } from '../../shared/errors.ts'
import { PROTOCOL_VERSION, shardName } from '../../shared/protocol.ts'
import type { Reply, ShardAddress } from '../../shared/protocol.ts'
import type { Poll, PulledTask, PullReply, PullRequest } from '../../shared/pull.ts'
import type { SchedulerConfig } from '../config.ts'
import { errorFacts, log } from '../log.ts'
import { signedGrant } from '../task-tokens.ts'
import { shardsOf } from './namespaces.ts'
import type { Asked } from './namespaces.ts'

/** Up to `limit` tasks, as soon as there is one. */
export async function pollTasks(
  { config, namespace }: Asked,
  taskQueue: string,
  { limit, waitMs, again, ...who }: Poll,
): Promise<Reply<PulledTask[]>> {
  if (config.taskQueues.get(taskQueue)?.queue !== null) throw notPulled(config, taskQueue)
  const shards = await (await shardsOf(config, namespace)).all()
  const request = { ...who, v: PROTOCOL_VERSION, taskQueue, limit }
  const found = await take(config, shards, { ...request, ...(again === true && { again }) })
  if (found.length > 0 || waitMs === 0) return { ok: true, value: found }
  const waits = shards.map((to) => asked(config, { ...request, to, waitMs }))
  const told = await Promise.race(waits)
  // Where too many wait already, to poll again at once would be no wait at all.
  if (!told.ok && told.code === 'overloaded') return told
  return { ok: true, value: told.ok && told.value.offered ? await take(config, shards, request) : [] }
}

type Taking = Omit<PullRequest, 'to'>

/** From one shard after the other, so that no more is granted than was asked for; from another one first each time. */
async function take(
  config: SchedulerConfig,
  shards: readonly ShardAddress[],
  request: Taking,
): Promise<PulledTask[]> {
  const { claimId, again } = request
  const first = Math.floor(config.runtime.chance.draw() * shards.length)
  const found: PulledTask[] = []
  for (const to of [...shards.slice(first), ...shards.slice(0, first)]) {
    const limit = Math.max(0, request.limit - found.length)
    if (limit === 0 && again !== true) break
    const answer = await asked(config, { ...request, to, limit })
    const tasks = answer.ok ? answer.value.tasks : []
    for (const { task, grant } of tasks)
      found.push({ task, grant: signedGrant(config.taskTokens, grant, { ...task, claimId }) })
  }
  return found
}

/** A shard that does not answer has nothing to give: the next poll asks it again. */
async function asked(config: SchedulerConfig, request: PullRequest): Promise<Reply<PullReply>> {
  const { namespace, shard } = request.to
  try {
    const reply = await config.shard(shardName(namespace, shard)).pull(request)
    if (!reply.ok) log('poll_refused', { shard, code: reply.code, error: reply.message })
    return reply
  } catch (error) {
    log('poll_failed', { shard, ...errorFacts(error) })
    return { ok: true, value: { tasks: [], offered: false } }
  }
}

function notPulled(config: SchedulerConfig, taskQueue: string): WorkflowError {
  const pulled = [...config.taskQueues].filter(([, { queue }]) => queue === null).map(([name]) => name)
  const message = `no task queue ${taskQueue} is configured with pull: true; those that are: ${pulled.join(', ') || 'none'}`
  return new WorkflowError('unknown_task_queue', message, { path: 'taskQueue' })
}
