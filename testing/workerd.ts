/** A scheduler that is deployed, locally or not, as a test environment: its debug hooks stand in for time and evictions. */
import { WorkflowClient } from '../shared/client.ts'
import type { ServiceBinding } from '../shared/connection.ts'
import type { Duration } from '../shared/duration.ts'
import { toMs } from '../shared/duration.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { MockableActivities } from './activities.ts'
import type { TestEnvironment } from './environment.ts'
import { realPause } from './platform.ts'

/** What a shard tells where DEBUG_HOOKS is set. */
export interface ShardStats {
  /** How many turns it has made since it woke. */
  readonly turns: number
  /** How many attempts and steps run now. */
  readonly underWay: number
  /** When something falls due by itself, in epoch milliseconds; null: nothing does. */
  readonly nextDueAt: number | null
  /** How far `advance` has put its clock ahead. */
  readonly clockOffsetMs: number
}

/** The service binding to `WorkflowService`, of a scheduler that has the variable DEBUG_HOOKS. */
export interface DebugBinding extends ServiceBinding {
  /** How many shards the namespace has. */
  shardCount(namespace: string): Promise<number>
  /** Drops the object of a workflow from memory, or those of all shards. */
  evict(workflowId?: string, namespace?: string): Promise<void>
  /** Puts the shards' clocks `ms` milliseconds ahead; what falls due happens. */
  advance(ms: number, namespace?: string): Promise<void>
  /** What a shard has done, and has under way. */
  stats(namespace: string, shard: number): Promise<ShardStats>
}

/** Which deployment is tested. */
export interface WorkerdEnvironmentOptions {
  /** The binding that the test has to the scheduler. */
  readonly workflows: DebugBinding
  /** What the activity Worker of the test is made of, in the same isolate; absent, nothing can be mocked. */
  readonly activities?: MockableActivities
  /** Absent: `default`. */
  readonly namespace?: string
  /** How long no shard may have done anything before what is under way is taken to wait for time to pass; 5 s when absent. */
  readonly ioGrace?: Duration
}

/**
 * The interface of `createTestEnvironment` over a real deployment, so that one test file runs both ways: on Node in
 * milliseconds, and in workerd with its storage, Queues and R2. Time that was advanced stays advanced, and goes on.
 *
 * ```ts
 * const env = workerdEnvironment({ workflows: env.WORKFLOWS, activities })
 * ```
 *
 * Errors: `forbidden` where DEBUG_HOOKS is not set; `not_configured` for `crashAfter`: nothing loses a real process.
 */
export function workerdEnvironment(options: WorkerdEnvironmentOptions): TestEnvironment {
  const { workflows, activities, namespace = 'default', ioGrace = '5s' } = options
  const deployment = new Deployment(workflows, { namespace, graceMs: toMs(ioGrace, 'ioGrace') })
  return {
    client: new WorkflowClient(workflows, { namespace }),
    advance: async (by) => await deployment.advance(toMs(by, 'by')),
    settle: async () => void (await deployment.settled()),
    evict: async (workflowId) => await workflows.evict(workflowId, namespace),
    crashAfter: () => {
      throw new WorkflowError(
        'not_configured',
        'only the simulated platform of createTestEnvironment loses a process',
      )
    },
    mockActivity: (definition, fn) => {
      if (!activities) throw new WorkflowError('not_configured', 'workerdEnvironment was given no activities')
      activities.mock(definition, fn)
    },
    dispose: async () => activities?.restore(),
  }
}

const POLL_MS = 2

class Deployment {
  readonly #workflows: DebugBinding
  readonly #namespace: string
  readonly #graceMs: number

  constructor(workflows: DebugBinding, options: { namespace: string; graceMs: number }) {
    this.#workflows = workflows
    this.#namespace = options.namespace
    this.#graceMs = options.graceMs
  }

  async advance(ms: number): Promise<void> {
    let left = ms
    for (let due = await this.#nextDueIn(); due <= left; due = await this.#nextDueIn()) {
      await this.#workflows.advance(due, this.#namespace)
      left -= due
    }
    await this.#workflows.advance(left, this.#namespace)
    await this.settled()
  }

  /** The shards, once nothing is under way, or has moved for a while. */
  async settled(): Promise<ShardStats[]> {
    let before = ''
    let since = Date.now()
    for (;;) {
      const shards = await this.#stats()
      const turns = shards.map((shard) => shard.turns).join()
      if (turns !== before) since = Date.now()
      else if (shards.every(({ underWay }) => underWay === 0) || Date.now() - since >= this.#graceMs)
        return shards
      before = turns
      await realPause(POLL_MS)
    }
  }

  async #nextDueIn(): Promise<number> {
    const shards = await this.settled()
    const waits = shards.map(({ nextDueAt, clockOffsetMs }) =>
      nextDueAt === null ? Infinity : nextDueAt - Date.now() - clockOffsetMs,
    )
    return Math.max(0, Math.min(...waits))
  }

  async #stats(): Promise<ShardStats[]> {
    const shards = await this.#workflows.shardCount(this.#namespace)
    return await Promise.all(
      Array.from({ length: shards }, (_, shard) => this.#workflows.stats(this.#namespace, shard)),
    )
  }
}
