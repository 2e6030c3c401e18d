import { defineArchiver, type ArchiverEnv } from '../../archiver/index.ts'
import { WorkerEntrypoint } from 'cloudflare:workers'
import { WorkflowWorker } from '../../activity-worker/index.ts'
import { perform } from '../../activity-worker/perform.ts'
import { defineScheduler } from '../../scheduler-do/index.ts'
import type { SchedulerOptions } from '../../scheduler-do/index.ts'
import type { WorkflowCdcEvent } from '../../shared/cdc.ts'
import type { PayloadCodec } from '../../shared/codec.ts'
import type { PerformReply, PerformRequest } from '../../shared/perform.ts'
import {
  activities,
  changeEvents,
  dataPoints,
  deployment,
  faults,
  file,
  invocations,
  objects,
  workflows,
} from './registry.ts'

const options: SchedulerOptions = {
  workflows,
  taskQueues: {
    default: {},
    nobody: {},
    orders: {},
    pulled: { pull: true },
    paced: { pull: true, ratePerSecond: 2 },
    eager: { queue: 'DEFAULT_QUEUE' },
    together: { queue: 'DEFAULT_QUEUE', tasksPerMessage: 10 },
  },
  searchAttributes: {
    customerId: 'keyword',
    total: 'number',
    express: 'boolean',
    promisedFor: 'date',
    labels: 'keywords',
  },
  // What is archived must have been told: no test waits for that.
  cdc: { linger: 0 },
  // A workflow's name says how its runs are kept.
  retention: {
    hot: 0,
    cold: false,
    types: {
      staysHot: { hot: '1h' },
      goesCold: { cold: true },
      alsoGoesCold: { cold: true },
      expires: { cold: true, warm: 0 },
      alsoExpires: { cold: true, warm: 0 },
      parentExpires: { cold: true, warm: 0 },
      childExpires: { cold: true, warm: 0 },
    },
  },
}
/** The test's deployment is read by every object that wakes. */
const scheduler = defineScheduler(Object.assign(deployment, options))

const archiver = defineArchiver()

export class Scheduler extends scheduler.Scheduler {
  constructor(ctx: DurableObjectState, env: Record<string, unknown>) {
    const ARCHIVE = faults.noArchive ? undefined : faultyBucket(env['ARCHIVE'] as R2Bucket)
    const METRICS = { writeDataPoint: (point: AnalyticsEngineDataPoint) => void dataPoints.push(point) }
    objects.set(ctx.id.name ?? '', ctx)
    const pass = (place: string): void => faults.pass(place, ctx)
    const DEFAULT_QUEUE = passing('tasks', env['DEFAULT_QUEUE'] as Queue, pass)
    const CDC_QUEUE = passing('change events', faultySink(env['CDC_QUEUE'] as Queue), pass)
    super(ctx, faults.waking({ ...env, ARCHIVE, DEFAULT_QUEUE, CDC_QUEUE, METRICS }, ctx))
  }

  static {
    type Verb = (this: Scheduler, ...given: unknown[]) => Promise<unknown>
    const verbs = Object.getPrototypeOf(Scheduler.prototype) as Record<string, Verb>
    for (const name of Object.getOwnPropertyNames(verbs)) {
      const verb = verbs[name]!
      if (name === 'constructor') continue
      const passed: Verb = async function (...given) {
        faults.pass(`before ${name}`, this.ctx)
        const answer = await verb.apply(this, given)
        faults.pass(`after ${name}`, this.ctx)
        return answer
      }
      Object.defineProperty(Scheduler.prototype, name, { value: passed })
    }
  }
}
export class WorkflowService extends scheduler.WorkflowService {}
export class ArchiveService extends archiver.ArchiveService {}
export class Activities extends WorkerEntrypoint {
  async perform(request: PerformRequest): Promise<PerformReply> {
    return await perform(consumer(), request, { env: this.env, ctx: this.ctx })
  }
}

export class Apart extends WorkerEntrypoint {
  override async fetch(request: Request): Promise<Response> {
    const work = invocations.get(new URL(request.url).pathname)
    return Response.json((await work?.()) ?? null)
  }
}

/** What was sent before is of another test file. */
const loadedAt = Date.now()
/** Of each deployment one. */
let worker: { codec: PayloadCodec | undefined; consumer: WorkflowWorker } | undefined

export default {
  fetch: (request: Request, env: Record<string, unknown>) => scheduler.handler.fetch(request, env),
  scheduled: (controller: ScheduledController, env: { WORKFLOWS: unknown }, ctx: ExecutionContext) =>
    archiver.handler.scheduled(controller, env as ArchiverEnv, ctx), // what wrangler.toml and vitest.config.ts bind
  async queue({ queue, messages: all }: MessageBatch<unknown>, env: unknown): Promise<void> {
    const messages = all.filter(({ timestamp }) => timestamp.getTime() >= loadedAt)
    if (queue === 'cdc') {
      for (const message of messages)
        changeEvents.push(...(message.body as { events: WorkflowCdcEvent[] }).events)
      return
    }
    if (faults.loseMessages) return
    // An activity that never ends would hold the queue for the files that come after.
    await Promise.race([consumer().queue({ queue, messages }, env), file.over()])
  },
}

/** Made when a test has registered its activities. */
function consumer(): WorkflowWorker {
  const { codec, encodeFailures } = deployment
  if (!worker || worker.codec !== codec) {
    const coding = codec ? { codec, encodeFailures: encodeFailures === true } : {}
    worker = { codec, consumer: new WorkflowWorker({ taskQueue: 'default', activities, ...coding }) }
  }
  return worker.consumer
}

function faultyBucket(bucket: R2Bucket): R2Bucket {
  return new Proxy(bucket, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...given: unknown[]) => Promise<unknown>
      return async (...given: unknown[]) => {
        faults.archive(String(name))
        return await method.apply(target, given)
      }
    },
  })
}

type Producer = Pick<Queue, 'sendBatch'>

function passing(name: string, queue: Producer, pass: (place: string) => void): Producer {
  return {
    sendBatch: async (messages, how) => {
      pass(`before ${name} are sent`)
      const answer = await queue.sendBatch(messages, how)
      pass(`after ${name} are sent`)
      return answer
    },
  }
}

function faultySink(queue: Queue): Producer {
  return {
    sendBatch: async (messages) => {
      if (faults.sinkIsDown) throw new Error('the sink is down')
      return await queue.sendBatch(messages)
    },
  }
}
