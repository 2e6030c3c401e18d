/** One shard by itself on the simulated storage, in a time that stands still until the test moves it. */
import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { realChance } from '../../shared/chance.ts'
import { readConfig } from '../../scheduler-do/config.ts'
import { recover } from '../../scheduler-do/recover.ts'
import { Shard } from '../../scheduler-do/shard.ts'
import { migrateStore } from '../../scheduler-do/store/migrate.ts'
import type { ActivityTaskMessage, StartRequest } from '../../shared/protocol.ts'
import type { Time } from '../../shared/time.ts'
import type { Tracing } from '../../shared/tracing.ts'
import type { AnyWorkflow } from '../../shared/replay/coroutine.ts'
import { drain, world } from '../../testing/platform.ts'
import { migrations } from '../../testing/simulated/migrations.ts'
import { Disk, storageOf } from '../../testing/simulated/storage.ts'

export const to = { namespace: 'default', shard: 0, shards: 1 }

export interface TestShard {
  readonly shard: Shard
  /** Moves the clock; nothing rings by itself. */
  readonly pass: (ms: number) => void
  /** What was sent to the Queue of each task queue, in the order in which it was. */
  readonly sent: [taskQueue: string, tasks: ActivityTaskMessage[]][]
}

export async function testShard(
  workflows: readonly AnyWorkflow[],
  taskQueues: readonly string[] = [],
  {
    bindings = {},
    tracing,
    ratePerSecond,
    after = () => nothing,
  }: {
    bindings?: Record<string, unknown>
    tracing?: Tracing
    ratePerSecond?: number
    after?: Time['after']
  } = {},
): Promise<TestShard> {
  let now = 1_800_000_000_000
  const sent: TestShard['sent'] = []
  const disk = new Disk(new DatabaseSync(':memory:'))
  const storage = storageOf({
    disk,
    alive: () => true,
    committed: nothing,
    alarmChanged: nothing,
    sync: drain,
  })
  const time = { now: () => now, after }
  const runtime = {
    world,
    time,
    callerTime: time,
    letIn: () => Promise.resolve(),
    chance: realChance,
    abortUndoes: false,
    migrations: await migrations(),
    ...(tracing && { tracing }),
    sha256: (content: Uint8Array) => createHash('sha256').update(content).digest('hex'),
    fetch: () => Promise.reject(new Error('a test environment has no network')),
  }
  const env: Record<string, unknown> = { SCHEDULER: { idFromName: nothing }, ...bindings }
  for (const name of taskQueues)
    env[`${name.toUpperCase()}_QUEUE`] = {
      sendBatch: async (messages: { body: ActivityTaskMessage }[]) =>
        void sent.push([name, messages.map(({ body }) => body)]),
    }
  const queues = Object.fromEntries(
    taskQueues.map((name) => [name, ratePerSecond === undefined ? {} : { ratePerSecond }]),
  )
  const config = readConfig({ workflows, taskQueues: queues }, env, runtime)
  await migrateStore(storage, runtime.migrations)
  const shard = new Shard({ storage, abort }, config)
  shard.setAddress(to)
  recover(shard)
  return { shard, sent, pass: (ms) => void (now += ms) }
}

export function startOf(
  workflowType: string,
  workflowId: string,
  input?: StartRequest['input'],
): StartRequest {
  const policies = { idReuse: 'allow', idConflict: 'fail' } as const
  return {
    to,
    workflowId,
    workflowType,
    requestId: workflowId,
    ...policies,
    ...(input !== undefined && { input }),
  }
}

function nothing(): void {}

function abort(reason: string): never {
  throw new Error(reason)
}
