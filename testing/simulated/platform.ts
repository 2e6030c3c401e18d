/**
 * The scheduler Worker with its objects, the queues and an activity Worker, on a simulated platform: their code is what
 * is deployed, and what Cloudflare lends to it is made here.
 */
import { createHash } from 'node:crypto'
import { WorkflowWorker } from '../../activity-worker/index.ts'
import type { QueueBatch } from '../../activity-worker/message.ts'
import { perform } from '../../activity-worker/perform.ts'
import { readConfig } from '../../scheduler-do/config.ts'
import type { SchedulerConfig, SchedulerOptions, TaskQueue } from '../../scheduler-do/config.ts'
import type { Runtime } from '../../scheduler-do/runtime.ts'
import { SchedulerObject } from '../../scheduler-do/scheduler.ts'
import { Service } from '../../scheduler-do/service.ts'
import { realChance } from '../../shared/chance.ts'
import type { Chance } from '../../shared/chance.ts'
import type { Bucket } from '../../shared/bucket.ts'
import type { Time } from '../../shared/time.ts'
import type { ActivitiesApi, PerformReply, PerformRequest } from '../../shared/perform.ts'
import type { AnyWorkflow, Called } from '../../shared/replay/coroutine.ts'
import type { TaskMessage } from '../../shared/task-message.ts'
import type { MockableActivities } from '../activities.ts'
import { outsideTime, world } from '../platform.ts'
import { bucketOn } from './bucket.ts'
import { Calls, invoke } from './calls.ts'
import type { Caller } from './calls.ts'
import { Crashes } from './crashes.ts'
import { migrations } from './migrations.ts'
import { faultless } from './faults.ts'
import type { Faults, Party } from './faults.ts'
import { Life } from './life.ts'
import { SimulatedObject } from './object.ts'
import { Queues } from './queues.ts'
import type { Consume } from './queues.ts'
import { Disk } from './storage.ts'
import { AnyTaskQueue, Performer } from './task-queues.ts'
import { Timeline } from './timeline.ts'
import type { Watched } from './timeline.ts'

export interface PlatformOptions {
  readonly workflows: readonly AnyWorkflow[]
  readonly activities: MockableActivities
  readonly taskQueues: readonly string[] | undefined
  readonly shards: number
  readonly startAt: number
  readonly graceMs: number
}

/** What the platform finds instead of what a new one has. */
export interface Given {
  /** Disks by the names of their objects. */
  readonly disks?: ReadonlyMap<string, Disk>
  readonly schema?: Runtime['migrations']
}

export async function simulatedPlatform(
  options: PlatformOptions,
  given: Given = {},
): Promise<SimulatedPlatform> {
  // Neither is everywhere: the entry of this package is imported in workerd too.
  const { DatabaseSync } = await import('node:sqlite')
  const { disks, schema = await migrations() } = given
  const timeline = new Timeline(options.startAt, options.graceMs)
  const bucket = bucketOn(timeline)
  return new SimulatedPlatform(options, {
    newDisk: (name) => disks?.get(name) ?? new Disk(new DatabaseSync(':memory:')),
    schema,
    timeline,
    faults: faultless,
    chanceOf: () => realChance,
    callerTime: outsideTime,
    bucketOf: () => bucket,
    deployed: () => ({ workflows: options.workflows, env: {}, cdc: false }),
  })
}

/** What a simulation has of its own. */
export interface Means {
  readonly newDisk: (name: string) => Disk
  readonly schema: Runtime['migrations']
  readonly timeline: Timeline
  readonly faults: Faults
  readonly chanceOf: (party: Party | null) => Chance
  /** Null: it is the object's. */
  readonly callerTime: Time | null
  /** The bucket as `caller` holds it. */
  readonly bucketOf: (caller: Caller) => Bucket
  /** The scheduler's code and bindings, as they are when an isolate begins. */
  readonly deployed: (caller: Caller) => Deployed
  /** Whether shards hand attempts to the activity Workers themselves. */
  readonly eager?: boolean
  /** Whether turns go without savepoints, as on the platform; then a commit is seen when its macrotask is over. */
  readonly abortUndoes?: boolean
  readonly tasksPerMessage?: number
  /** Consumers of the other queues than those of activities. */
  readonly consumers?: ReadonlyMap<string, Consume>
}

interface Deployed {
  readonly workflows: readonly AnyWorkflow[]
  readonly env: Readonly<Record<string, unknown>>
  readonly cdc: SchedulerOptions['cdc']
  readonly retention?: NonNullable<SchedulerOptions['retention']>
}

export class SimulatedPlatform {
  readonly timeline: Timeline
  readonly calls: Calls
  readonly crashes = new Crashes(this)
  readonly queues: Queues
  readonly #options: PlatformOptions
  readonly #means: Means
  readonly #objects = new Map<string, SimulatedObject>()
  /** Hears of every transaction that an object commits. */
  onCommit: (object: SimulatedObject) => void = () => {}
  /** Hears of every write that has reached a disk. */
  onWrite: (object: SimulatedObject) => void = () => {}

  constructor(options: PlatformOptions, means: Means) {
    const { timeline, faults } = means
    this.#options = options
    this.#means = means
    this.timeline = timeline
    this.calls = new Calls(timeline, faults)
    this.queues = new Queues(timeline, this.#consumer(), faults)
  }

  get shards(): number {
    return this.#options.shards
  }

  /** Of its objects. */
  get names(): string[] {
    return [...this.#objects.keys()]
  }

  get objects(): IterableIterator<SimulatedObject> {
    return this.#objects.values()
  }

  get bucket(): Bucket {
    return this.#means.bucketOf(null)
  }

  /** The binding SCHEDULER, as `caller` holds it. */
  namespace(caller: Caller) {
    return {
      idFromName: (name: string) => name,
      get: (name: string) => this.calls.stub(this.object(name), caller),
    }
  }

  /** The binding WORKFLOWS, as `caller` holds it. */
  service(caller: Caller = null): Service {
    const service = new Service(this.#config(null))
    const receiver = { receive: (method: string, args: unknown[]) => invoke(service, method, args) }
    return this.calls.stub(receiver, caller) as Service // a stub answers to every name
  }

  /** A binding to what is not the scheduler. */
  stub(target: object, caller: Caller): object {
    return this.calls.stub({ receive: (method, args) => invoke(target, method, args) }, caller)
  }

  end(): void {
    this.timeline.end()
    for (const object of this.#objects.values()) object.end()
  }

  /** By its name; it comes to be when it is first asked for. */
  object(name: string): SimulatedObject {
    const known = this.#objects.get(name)
    if (known) return known
    const object = new SimulatedObject({
      name,
      timeline: this.timeline,
      faults: this.#means.faults,
      disk: this.#means.newDisk(name),
      create: (state, life) => new SchedulerObject(state, this.#config(life)),
      committed: (one) => this.onCommit(one),
      written: (one) => this.onWrite(one),
    })
    this.#objects.set(name, object)
    return object
  }

  /** What a Worker's isolate, or an object's life in it, is configured with. */
  #config(life: Life | null): SchedulerConfig {
    const { env: bindings, cdc, ...deployed } = this.#means.deployed(life)
    const env = {
      SCHEDULER: this.namespace(life),
      ARCHIVE: this.#means.bucketOf(life),
      CDC_QUEUE: this.queues.producer('cdc', life),
      SHARDS: this.#options.shards,
      DEBUG_HOOKS: true,
      TASK_TOKEN_KEYS: 'the-key-of-a-test-environment-alone',
      ...bindings,
    }
    const config = readConfig({ ...deployed, ...(cdc !== undefined && { cdc }) }, env, this.#runtime(life))
    return { ...config, taskQueues: this.#taskQueues(life) }
  }

  #runtime(life: Life | null): Runtime {
    const { chanceOf, callerTime, schema } = this.#means
    const time = life?.time ?? this.timeline
    return {
      world: { ...world, inSteps: (calls) => calls.flatMap((call) => this.#step(call, life)) },
      time,
      chance: chanceOf(life),
      callerTime: callerTime ?? time,
      letIn: () => Promise.resolve(),
      abortUndoes: this.#means.abortUndoes ?? false,
      migrations: schema,
      sha256: (content) => createHash('sha256').update(content).digest('hex'),
      fetch: () => Promise.reject(new Error('a test environment has no network')),
    }
  }

  #step(call: () => Called, life: Life | null): Called[] {
    if (life?.ending) return [{ value: new Promise(() => {}) }]
    life?.acts()
    const called = world.inSteps([call])
    for (const { value } of called.filter((one) => 'value' in one))
      if (isThenable(value)) this.timeline.watch(() => value).catch(() => {}) // the scheduler hears of it
    return called
  }

  #taskQueues(life: Life | null): SchedulerConfig['taskQueues'] {
    const performer = (name: string) => new Performer((request) => this.#performed(name, request))
    const { tasksPerMessage = 1 } = this.#means
    const queueOf = (name: string): TaskQueue => ({
      tasksPerMessage,
      eager: this.#means.eager ? (this.stub(performer(name), life) as ActivitiesApi) : null,
      queue: this.queues.producer(name, life) as unknown as Queue<TaskMessage>, // sendBatch is all that is called
    })
    const { taskQueues } = this.#options
    return taskQueues ? new Map(taskQueues.map((name) => [name, queueOf(name)])) : new AnyTaskQueue(queueOf)
  }

  #consumer(): Consume {
    return async (batch, watched) => {
      const other = this.#means.consumers?.get(batch.queue)
      await (other ? other(batch, watched) : this.#activities(batch, watched))
    }
  }

  async #activities(batch: QueueBatch, watched: Watched): Promise<void> {
    const { isolate, worker, env } = this.#isolate(batch.queue, watched)
    this.#means.faults.at('batch', isolate)
    await Promise.race([worker.queue(batch, env), isolate.loss.promise])
  }

  #performed(taskQueue: string, request: PerformRequest): Promise<PerformReply> {
    return this.timeline.watch(async (watched) => {
      const { isolate, worker, env } = this.#isolate(taskQueue, watched)
      this.#means.faults.at('perform', isolate)
      return await Promise.race([perform(worker, request, { env }), isolate.loss.promise])
    })
  }

  /** An activity Worker, for one batch or one call. */
  #isolate(taskQueue: string, watched: Watched) {
    const { faults, chanceOf, bucketOf } = this.#means
    const isolate = new Life(`worker ${taskQueue}`, { timeline: this.timeline, faults })
    const activities = this.#options.activities.definitions(() => watched.renew())
    const runtime = { time: isolate.time, chance: chanceOf(isolate), tally: () => {} }
    const worker = new WorkflowWorker({ taskQueue, activities }, runtime)
    return { isolate, worker, env: { WORKFLOWS: this.service(isolate), ARCHIVE: bucketOf(isolate) } }
  }
}

/** What began in a life that is over never ends. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
