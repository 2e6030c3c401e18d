/** The whole engine in a test: the scheduler and the activity Worker that are deployed, in time that the test moves. */
import type { ActivityContext, ActivityDefinition } from '../shared/activity.ts'
import { WorkflowClient } from '../shared/client.ts'
import { isEventType } from '../shared/core/events.ts'
import type { Duration, Instant } from '../shared/duration.ts'
import { toEpochMs, toMs } from '../shared/duration.ts'
import type { HistoryEventType } from '../shared/info.ts'
import type { Loose } from '../shared/message.ts'
import { invalid } from '../shared/names.ts'
import type { AnyWorkflow } from '../shared/replay/coroutine.ts'
import { MockableActivities } from './activities.ts'
import type { Given, SimulatedPlatform } from './simulated/platform.ts'

/** What a test has of the engine, simulated or deployed. */
export interface TestEnvironment {
  /** What the test starts workflows with. */
  readonly client: WorkflowClient
  /**
   * Moves time ahead. Whatever falls due meanwhile happens in the order of its time, each with all that follows from it
   * before the next: timers, retries, timeouts, alarms.
   */
  advance(by: Duration): Promise<void>
  /** Resolves when nothing more can happen before time passes. */
  settle(): Promise<void>
  /** Drops what lives in memory, as an eviction would: of one workflow, or everything. */
  evict(workflowId?: string): Promise<void>
  /**
   * Loses the process right after the `n`th event of this type, counted from now (1 when absent), is committed: memory
   * is gone, messages that were to follow are not sent, callers are told that the object was reset. Then it wakes.
   */
  crashAfter(eventType: Loose<HistoryEventType>, n?: number): void
  /** What stands in for an activity from its next call on. Errors: `unknown_activity` where it is none of `activities`. */
  mockActivity<I, O>(
    definition: ActivityDefinition<I, O>,
    fn: (input: I, ctx: ActivityContext) => O | Promise<O>,
  ): void
  /** Nothing happens any more, and all that was stored is gone. */
  dispose(): Promise<void>
}

/** What runs in the environment. */
export interface TestEnvironmentOptions {
  /** Those that may be started. */
  readonly workflows: readonly AnyWorkflow[]
  /** They run as they are unless `mockActivity` says otherwise. */
  /* oxlint-disable-next-line typescript/no-explicit-any -- definitions of any input and result */
  readonly activities?: readonly ActivityDefinition<any, any, any>[]
  /** When time begins; absent, now. */
  readonly startTime?: Instant
  /** The only task queues there are; absent, there is one of every name that is asked for. */
  readonly taskQueues?: readonly string[]
  /** Of the namespace; 2 when absent, so that some messages cross from one to another. */
  readonly shards?: number
  /**
   * How long, in real time, `settle` and `advance` wait for an activity or a step that has neither ended nor asked
   * anything of the engine: it may wait for real IO, or for time to pass. 100 ms when absent.
   */
  readonly ioGrace?: Duration
}

/**
 * Runs workflows and activities in memory, in a time that stands still until the test moves it: months take
 * milliseconds. It is the production scheduler and the production activity Worker on a simulated platform; needs Node 22.16.
 *
 * ```ts
 * const env = await createTestEnvironment({ workflows: [order], activities: [reserve] })
 * const handle = await env.client.start(order, { workflowId: 'order-1', input })
 * await env.advance('24h')
 * expect(await handle.result()).toEqual({ status: 'cancelled' })
 * ```
 *
 * Errors: `invalid_argument` for what is no definition, or has another's name.
 */
export async function createTestEnvironment(options: TestEnvironmentOptions): Promise<TestEnvironment> {
  return (await environmentWithPlatform(options)).env
}

/** The environment, and what it stands on. */
export async function environmentWithPlatform(
  options: TestEnvironmentOptions,
  given: Given = {},
): Promise<{ env: TestEnvironment; platform: SimulatedPlatform }> {
  const { workflows, taskQueues, shards = 2, ioGrace = 100, startTime = Date.now() } = options
  // The engine is loaded by those who run it: histories are replayed without it, in workerd too.
  const { simulatedPlatform } = await import('./simulated/platform.ts')
  const activities = new MockableActivities(options.activities ?? [])
  const [startAt, graceMs] = [toEpochMs(startTime, 'startTime'), toMs(ioGrace, 'ioGrace')]
  const platform = await simulatedPlatform(
    { workflows, activities, taskQueues, shards, startAt, graceMs },
    given,
  )
  return { env: environmentOn(platform, activities), platform }
}

function environmentOn(platform: SimulatedPlatform, activities: MockableActivities): TestEnvironment {
  const service = platform.service()
  const { timeline, bucket, crashes } = platform
  return {
    client: new WorkflowClient(platform.namespace(null), { archive: bucket }),
    advance: (by) => timeline.advance(toMs(by, 'by')),
    settle: () => timeline.settle(),
    evict: (workflowId) => service.evict(workflowId),
    crashAfter: (eventType, n = 1) => crashes.after(checkedType(eventType), checkedCount(n)),
    mockActivity: (definition, fn) => activities.mock(definition, fn),
    dispose: async () => platform.end(),
  }
}

function checkedType(type: string): string {
  if (isEventType(type)) return type
  throw invalid('eventType', 'the type of an event of history', type)
}

function checkedCount(n: number): number {
  if (Number.isSafeInteger(n) && n > 0) return n
  throw invalid('n', 'a whole number above zero', n)
}
