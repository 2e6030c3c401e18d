/**
 * The activity Worker: `export default new WorkflowWorker({ taskQueue: 'orders', activities })` consumes the task queue.
 *
 * Not here but in the Worker's wrangler.toml: the queues it consumes (the task queue, and its dead-letter queue whose
 * name ends in `-dlq`), the service binding WORKFLOWS to the scheduler, and the R2 binding ARCHIVE for payloads above 128 KiB.
 */
import type { ActivityDefinition } from '../shared/activity.ts'
import { bucketOf } from '../shared/bucket.ts'
import type { Bucket } from '../shared/bucket.ts'
import { codingOf } from '../shared/codec.ts'
import type { CodecOptions } from '../shared/codec.ts'
import { activityOf, workflowOf } from '../shared/define.ts'
import type { ActivityFunction } from '../shared/define.ts'
import { toMs } from '../shared/duration.ts'
import type { Duration } from '../shared/duration.ts'
import { WorkerShutdownError, WorkflowError } from '../shared/errors.ts'
import { checkedName, invalid } from '../shared/names.ts'
import { pause, realTime } from '../shared/time.ts'
import type { Time } from '../shared/time.ts'
import type { WorkflowDefinition } from '../shared/workflow.ts'
import { consume } from './consume.ts'
import type { Consumer } from './consume.ts'
import type { Interruption } from './interruption.ts'
import { log } from './log.ts'
import type { QueueBatch } from './message.ts'
import { schedulerIn } from './scheduler.ts'

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
  /** Of one delivered batch, which holds up to 100 messages; unlimited by default. */
  maxConcurrentActivities?: number
  /** How long `shutdown()` waits for running activities; 10 s by default. */
  shutdownGrace?: Duration
}
/* oxlint-enable typescript/no-explicit-any */

type WorkerRuntime = Pick<Consumer, 'time' | 'tally'>

/**
 * The Worker of a task queue. Throws `invalid_argument`, with the option's `path`, for what is no definition.
 *
 * ```ts
 * export default new WorkflowWorker({ taskQueue: 'orders', activities: [reserveInventory, shipOrder] })
 * ```
 */
export class WorkflowWorker {
  readonly #consumer: Omit<Consumer, 'bucket'>
  readonly #graceMs: number
  readonly #batches = new Set<Promise<void>>()
  #stopping = false

  /** The second is for tests that run in a time of their own. */
  constructor(options: WorkerOptions, { time = realTime, tally = log }: Partial<WorkerRuntime> = {}) {
    const { buildId } = options
    options.workflows?.forEach((definition, index) => at(`workflows[${index}]`, () => workflowOf(definition)))
    this.#graceMs = toMs(options.shutdownGrace ?? '10s', 'shutdownGrace')
    this.#consumer = {
      taskQueue: checkedName(options.taskQueue, 'taskQueue'),
      buildId: buildId === undefined ? undefined : checkedName(buildId, 'buildId'),
      activities: activityTable(options.activities ?? []),
      maxConcurrent: checkedLimit(options.maxConcurrentActivities),
      running: new Set<Interruption>(),
      isStopping: () => this.#stopping,
      coding: codingOf(options),
      time,
      tally,
    }
  }

  /** On Workers the platform delivers the batches, so there is nothing to wait for: resolves at once. */
  async run(): Promise<void> {
    if (this.#stopping) throw new WorkerShutdownError('this worker has been shut down: make a new one')
  }

  /**
   * Tells the running activities, whose `cancellation` aborts with a WorkerShutdownError, and waits until they have
   * ended or the grace is over. One that gives in (throws the reason, or an AbortError) is given back: another Worker
   * makes the same attempt at once. One that runs on is no longer reported, and ends by its timeout. Batches that arrive
   * from now on are delivered again, to another Worker.
   */
  async shutdown(): Promise<void> {
    this.#stopping = true
    const { running, time } = this.#consumer
    for (const interruption of running) interruption.interrupt(new WorkerShutdownError())
    await within(time, this.#graceMs, Promise.allSettled(this.#batches))
    for (const interruption of running) interruption.abandon()
  }

  /** The queue handler. An own property: wrangler's bundle copies those of a default export, and no prototype's. */
  readonly queue = async (batch: QueueBatch, env: unknown): Promise<void> => {
    const scheduler = schedulerIn(env)
    const consumed = consume(batch, scheduler, { ...this.#consumer, bucket: bucketIn(env) })
    this.#batches.add(consumed)
    try {
      await consumed
    } finally {
      this.#batches.delete(consumed)
    }
  }
}

function bucketIn(env: unknown): Bucket | null {
  return typeof env === 'object' && env !== null ? bucketOf(Reflect.get(env, 'ARCHIVE')) : null
}

function activityTable(
  definitions: NonNullable<WorkerOptions['activities']>,
): ReadonlyMap<string, ActivityFunction> {
  const table = new Map<string, ActivityFunction>()
  definitions.forEach((definition, index) => {
    const path = `activities[${index}]`
    const { name, fn } = at(path, () => activityOf(definition))
    if (table.has(name))
      throw new WorkflowError('invalid_argument', `two activities are named ${name}`, { path })
    table.set(name, fn)
  })
  return table
}

/** A definition's own error does not know which one of the list it is. */
function at<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof WorkflowError)) throw cause
    throw new WorkflowError(cause.code, `${path}: ${cause.message}`, { cause, path })
  }
}

function checkedLimit(limit: number | undefined): number {
  if (limit === undefined) return Infinity
  if (Number.isSafeInteger(limit) && limit > 0) return limit
  throw invalid('maxConcurrentActivities', 'a whole number above zero', limit)
}

async function within(time: Time, ms: number, done: Promise<unknown>): Promise<void> {
  const over = new AbortController()
  await Promise.race([done, pause(time, ms, over.signal)])
  over.abort()
}
