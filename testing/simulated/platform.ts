/**
 * The scheduler Worker with its objects, the queues and an activity Worker, on a simulated platform: their code is what
 * is deployed, and what Cloudflare lends to it is made here.
 */
import { createHash } from 'node:crypto'
import { WorkflowWorker } from '../../activity-worker/index.ts'
import { readConfig } from '../../scheduler-do/config.ts'
import type { SchedulerConfig, TaskQueue } from '../../scheduler-do/config.ts'
import type { Runtime } from '../../scheduler-do/runtime.ts'
import { SchedulerObject } from '../../scheduler-do/scheduler.ts'
import { Service } from '../../scheduler-do/service.ts'
import type { Bucket } from '../../shared/bucket.ts'
import type { ActivityTaskMessage } from '../../shared/protocol.ts'
import type { AnyWorkflow } from '../../shared/replay/coroutine.ts'
import type { MockableActivities } from '../activities.ts'
import { outsideTime, world } from '../platform.ts'
import { bucketOn } from './bucket.ts'
import { Calls, invoke } from './calls.ts'
import type { Caller } from './calls.ts'
import { Crashes } from './crashes.ts'
import { migrations } from './migrations.ts'
import { SimulatedObject } from './object.ts'
import type { Life } from './object.ts'
import { Queues } from './queues.ts'
import type { Consume } from './queues.ts'
import { Disk } from './storage.ts'
import { Timeline } from './timeline.ts'

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
  const diskOf = (name: string): Disk => disks?.get(name) ?? new Disk(new DatabaseSync(':memory:'))
  return new SimulatedPlatform(options, { diskOf, schema })
}

interface Means {
  readonly diskOf: (name: string) => Disk
  readonly schema: Runtime['migrations']
}

export class SimulatedPlatform {
  readonly timeline: Timeline
  readonly bucket: Bucket
  readonly calls: Calls
  readonly queues: Queues
  readonly crashes = new Crashes(this)
  readonly #options: PlatformOptions
  readonly #means: Means
  readonly #objects = new Map<string, SimulatedObject>()
  readonly #workerEnv: { WORKFLOWS: Service; ARCHIVE: Bucket }
  /** Hears of every transaction that an object commits. */
  onCommit: (object: SimulatedObject) => void = () => {}

  constructor(options: PlatformOptions, means: Means) {
    this.#options = options
    this.#means = means
    this.timeline = new Timeline(options.startAt, options.graceMs)
    this.bucket = bucketOn(this.timeline)
    this.calls = new Calls(this.timeline)
    this.queues = new Queues(this.timeline, this.#consumer())
    this.#workerEnv = { WORKFLOWS: this.service(), ARCHIVE: this.bucket }
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

  /** The binding SCHEDULER, as `caller` holds it. */
  namespace(caller: Caller) {
    return {
      idFromName: (name: string) => name,
      get: (name: string) => this.calls.stub(this.object(name), caller),
    }
  }

  /** The binding WORKFLOWS. */
  service(): Service {
    const service = new Service(this.#config(null))
    const receiver = { receive: (method: string, args: unknown[]) => invoke(service, method, args) }
    return this.calls.stub(receiver, null) as Service // a stub answers to every name
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
      timeline: this.timeline,
      disk: this.#means.diskOf(name),
      create: (state, life) => new SchedulerObject(state, this.#config(life)),
      committed: (one) => this.onCommit(one),
    })
    this.#objects.set(name, object)
    return object
  }

  /** What a Worker's isolate, or an object's life in it, is configured with. */
  #config(life: Life | null): SchedulerConfig {
    const { workflows, shards } = this.#options
    const env = {
      SCHEDULER: this.namespace(life),
      ARCHIVE: this.bucket,
      SHARDS: shards,
      DEBUG_HOOKS: true,
      TASK_TOKEN_KEYS: 'the-key-of-a-test-environment-alone',
    }
    const config = readConfig({ workflows, cdc: false }, env, this.#runtime(life))
    return { ...config, taskQueues: this.#taskQueues(life) }
  }

  #runtime(life: Life | null): Runtime {
    return {
      world: { ...world, inStep: (fn) => (life?.ending ? ended(fn) : this.#step(fn)) },
      time: life?.time ?? this.timeline,
      callerTime: outsideTime,
      migrations: this.#means.schema,
      sha256: (content) => createHash('sha256').update(content).digest('hex'),
    }
  }

  #step<T>(fn: () => T): T {
    const result = world.inStep(fn)
    if (isThenable(result)) this.timeline.watch(() => result).catch(() => {}) // the scheduler hears of it
    return result
  }

  #taskQueues(life: Life | null): SchedulerConfig['taskQueues'] {
    const queueOf = (name: string): TaskQueue => ({
      queue: this.queues.producer(name, life) as unknown as Queue<ActivityTaskMessage>, // sendBatch is all that is called
    })
    const { taskQueues } = this.#options
    return taskQueues ? new Map(taskQueues.map((name) => [name, queueOf(name)])) : new AnyTaskQueue(queueOf)
  }

  #consumer(): Consume {
    return async (batch, watched) => {
      const taskQueue = batch.queue
      const activities = this.#options.activities.definitions(() => watched.renew())
      const runtime = { time: this.timeline, tally: () => {} }
      await new WorkflowWorker({ taskQueue, activities }, runtime).queue(batch, this.#workerEnv)
    }
  }
}

/** What began in a life that is over never ends. */
function ended<T>(_fn: () => T): T {
  return new Promise(() => {}) as T // a step's end is awaited where it has one
}

/** Task queues of every name, made when they are first used. */
class AnyTaskQueue extends Map<string, TaskQueue> {
  readonly #make: (name: string) => TaskQueue

  constructor(make: (name: string) => TaskQueue) {
    super()
    this.#make = make
  }

  override has(): boolean {
    return true
  }

  override get(name: string): TaskQueue {
    const queue = super.get(name) ?? this.#make(name)
    this.set(name, queue)
    return queue
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
