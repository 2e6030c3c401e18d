/**
 * The activity Worker: `export default new WorkflowWorker({ taskQueue: 'orders', activities })` consumes the task queue.
 *
 * Not here but in the Worker's wrangler.toml: the queues it consumes (the task queue, and its dead-letter queue whose
 * name ends in `-dlq`), the service binding WORKFLOWS to the scheduler, and the R2 binding ARCHIVE for payloads above 128 KiB.
 */
import type { ActivityDefinition } from '../shared/activity.ts'
import { bucketOf } from '../shared/bucket.ts'
import type { Bucket } from '../shared/bucket.ts'
import { realChance } from '../shared/chance.ts'
import { codingOf } from '../shared/codec.ts'
import type { CodecOptions } from '../shared/codec.ts'
import { activityOf, workflowOf } from '../shared/define.ts'
import type { ActivityFunction } from '../shared/define.ts'
import { toMs } from '../shared/duration.ts'
import type { Duration } from '../shared/duration.ts'
import { WorkerShutdownError, WorkflowError } from '../shared/errors.ts'
import { about, checkedName, checkedWhole } from '../shared/names.ts'
import type { HttpConnection } from '../shared/http.ts'
import { realTime, within } from '../shared/time.ts'
import { whereTraced } from '../shared/tracing.ts'
import type { TracedContext } from '../shared/tracing.ts'
import type { WorkflowDefinition } from '../shared/workflow.ts'
import { consume } from './consume.ts'
import type { Consumer } from './carry-out.ts'
import { log } from './log.ts'
import type { QueueBatch } from './message.ts'
import { schedulerIn } from './scheduler.ts'
import { Slots } from './slots.ts'

/* oxlint-disable typescript/no-explicit-any -- definitions of any input, result and messages */
/** What an activity Worker is made of. */
export interface WorkerOptions extends CodecOptions {
  /** The name by which workflows call for it. */
  taskQueue: string
  /** Their code runs in the scheduler; listing them here checks that they are what they should be. */
  workflows?: readonly WorkflowDefinition<any, any, any>[]
  /** What it runs; no two of one name. Another name is failed as `unknown_activity`, and retried by its policy. */
  activities?: readonly ActivityDefinition<any, any, any>[]
  /** Names the release in the logs. */
  buildId?: string
  /**
   * How many activities run at a time in this worker (of a Cloudflare Worker: in each isolate), in all delivered batches
   * together. What waits is not claimed yet. Default: no limit on Workers, 100 with `run(connection)`.
   */
  maxConcurrentActivities?: number
  /** How long `shutdown()` waits for running activities; 10 s by default. */
  shutdownGrace?: Duration
}
/* oxlint-enable typescript/no-explicit-any */

/** What the platform gives to a handler or an entrypoint. */
export interface WorkerGiven {
  readonly env: unknown
  readonly ctx?: TracedContext | undefined
}

type WorkerRuntime = Pick<Consumer, 'time' | 'chance' | 'tally'>

/**
 * The Worker of a task queue. Throws `invalid_argument`, with the option's `path`, for what is no definition.
 *
 * ```ts
 * export default new WorkflowWorker({ taskQueue: 'orders', activities: [reserveInventory, shipOrder] })
 * ```
 */
export class WorkflowWorker {
  readonly #consumer: Omit<Consumer, 'bucket' | 'tracing' | 'limitMs'>
  readonly #graceMs: number
  readonly #batches = new Set<Promise<unknown>>()
  readonly #stop = new AbortController()

  /** The second is for tests that run in a time of their own. */
  constructor(options: WorkerOptions, runtime: Partial<WorkerRuntime> = {}) {
    const { buildId, maxConcurrentActivities: most } = options
    const maxConcurrent = most === undefined ? Infinity : checkedWhole(most, 'maxConcurrentActivities')
    options.workflows?.forEach((definition, index) => {
      const path = `workflows[${index}]`
      about(path, () => workflowOf(definition), path)
    })
    this.#graceMs = toMs(options.shutdownGrace ?? '10s', 'shutdownGrace')
    this.#consumer = {
      taskQueue: checkedName(options.taskQueue, 'taskQueue'),
      buildId: buildId === undefined ? undefined : checkedName(buildId, 'buildId'),
      activities: activityTable(options.activities ?? []),
      maxConcurrent,
      slots: new Slots(maxConcurrent),
      running: new Set(),
      isStopping: () => this.#stop.signal.aborted,
      coding: codingOf(options),
      time: realTime,
      chance: realChance,
      tally: log,
      ...runtime,
    }
  }

  /**
   * On Workers the platform delivers the batches, so there is nothing to wait for: resolves at once. With a connection,
   * on Node, it takes the tasks of a pull task queue (`taskQueues: { gpu: { pull: true } }`) over HTTP until `shutdown()`,
   * up to `maxConcurrentActivities` at a time. An activity may run for as long as its timeouts say. Rejects where the
   * scheduler refuses: `unauthorized`, `not_configured` (the HTTP API is off), `unknown_task_queue`.
   *
   * ```ts
   * const worker = new WorkflowWorker({ taskQueue: 'gpu', activities: [render] })
   * process.once('SIGTERM', () => worker.shutdown())
   * await worker.run({ url: 'https://perdure-scheduler.example.workers.dev', token: process.env.API_TOKEN })
   * ```
   */
  async run(connection?: HttpConnection): Promise<void> {
    const { signal } = this.#stop
    if (signal.aborted) throw new WorkerShutdownError('this worker has been shut down: make a new one')
    if (connection === undefined) return
    // Wrangler puts a Worker's name here when it bundles, and leaves out what only others run.
    if (navigator.userAgent !== 'Cloudflare-Workers') {
      const { pull } = await import('./pull.ts')
      await this.#tracked(pull(connection, this.#consumer, signal))
      return
    }
    throw new WorkflowError(
      'not_configured',
      'a Worker is given its tasks by a Queue: run() polls on Node only',
    )
  }

  /**
   * Tells the running activities, whose `cancellation` aborts with a WorkerShutdownError, and waits until they have
   * ended or the grace is over. One that gives in (throws the reason, or an AbortError) is given back: another Worker
   * makes the same attempt at once. One that runs on is no longer reported, and ends by its timeout. Batches that arrive
   * from now on are delivered again, to another Worker.
   */
  async shutdown(): Promise<void> {
    this.#stop.abort(new WorkerShutdownError())
    const { running, time } = this.#consumer
    for (const interruption of running) interruption.interrupt(new WorkerShutdownError())
    await within(time, this.#graceMs, Promise.allSettled(this.#batches))
    for (const interruption of running) interruption.abandon()
  }

  /** The queue handler. An own property: wrangler's bundle copies those of a default export, and no prototype's. */
  readonly queue = async (batch: QueueBatch, env: unknown, ctx?: TracedContext): Promise<void> => {
    const scheduler = schedulerIn(env)
    const consumer = this.#consumerIn({ env, ctx }, CONSUMER_LIMIT_MS)
    await this.#tracked(consume(batch, scheduler, consumer))
  }

  /** For `activitiesEntrypoint(worker)`: what carries out the attempts of a call, with what it is given. A shutdown waits for it. */
  async called<T>(given: WorkerGiven, work: (consumer: Consumer) => Promise<T>): Promise<T> {
    return await this.#tracked(work(this.#consumerIn(given, Infinity)))
  }

  #consumerIn({ env, ctx }: WorkerGiven, limitMs: number): Consumer {
    return { ...this.#consumer, bucket: bucketIn(env), tracing: whereTraced(ctx?.tracing), limitMs }
  }

  /** A shutdown waits for it. */
  async #tracked<T>(work: Promise<T>): Promise<T> {
    this.#batches.add(work)
    try {
      return await work
    } finally {
      this.#batches.delete(work)
    }
  }
}

/** The platform ends a consumer after 15 minutes: the rest is for the settlement. */
const CONSUMER_LIMIT_MS = 14 * 60_000

function bucketIn(env: unknown): Bucket | null {
  return typeof env === 'object' && env !== null ? bucketOf(Reflect.get(env, 'ARCHIVE')) : null
}

function activityTable(
  definitions: NonNullable<WorkerOptions['activities']>,
): ReadonlyMap<string, ActivityFunction> {
  const table = new Map<string, ActivityFunction>()
  definitions.forEach((definition, index) => {
    const path = `activities[${index}]`
    const { name, fn } = about(path, () => activityOf(definition), path)
    if (table.has(name))
      throw new WorkflowError('invalid_argument', `two activities are named ${name}`, { path })
    table.set(name, fn)
  })
  return table
}
