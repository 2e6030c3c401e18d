/** What the Worker was given, checked once per isolate: a problem is reported with the line that mends it. */
import { bucketOf } from '../shared/bucket.ts'
import type { Bucket } from '../shared/bucket.ts'
import { codingOf } from '../shared/codec.ts'
import type { CodecOptions, Coding } from '../shared/codec.ts'
import { toMs } from '../shared/duration.ts'
import type { Duration } from '../shared/duration.ts'
import { WorkflowError } from '../shared/errors.ts'
import { checkedFields, checkedName, invalid } from '../shared/names.ts'
import type { ArchiveApi } from '../shared/archive.ts'
import type { ReplayApi } from '../shared/description.ts'
import type { ArchiveReader } from '../shared/archive-reader.ts'
import type { ShardApi } from '../shared/protocol.ts'
import type { TaskMessage } from '../shared/task-message.ts'
import type { HealthApi } from '../shared/health.ts'
import type { ActivitiesApi } from '../shared/perform.ts'
import type { PullApi } from '../shared/pull.ts'
import type { StatsApi } from '../shared/stats.ts'
import type { TogetherApi } from '../shared/together.ts'
import { TaskTokens } from './task-tokens.ts'
import { declaredAttributes } from './attributes.ts'
import type { AttributeTypes, SearchAttributeType } from './attributes.ts'
import { Auth } from './auth.ts'
import type { AuthOptions } from './auth.ts'
import { isDataset } from './metrics.ts'
import type { MetricsDataset } from './metrics.ts'
import { Retention } from './retention.ts'
import type { RetentionOptions } from './retention.ts'
import type { Runtime } from './runtime.ts'
import { Versions } from './versions.ts'
import type { VersionOptions } from './versions.ts'

/** How the activities of a task queue reach their Workers. */
export interface TaskQueueConfig {
  /** The name of the Queue binding; absent: `<TASK_QUEUE>_QUEUE`. */
  queue?: string
  /**
   * The name of the service binding to the entrypoint `Activities` of the Worker that consumes the Queue
   * (`activitiesEntrypoint` of `perdure/worker`): attempts are handed to it right after the commit, and go by the Queue
   * only where it fails or has no room. Absent: `<TASK_QUEUE>_ACTIVITIES`, where it exists.
   */
  eager?: string
  /** No Queue: Workers on Node take the tasks over HTTP (`new WorkflowWorker(...).run({ url, token })`). */
  pull?: true
  /** How many attempts are sent, or offered, a second; the shards share it evenly. Absent: no limit. */
  ratePerSecond?: number
  /**
   * How many tasks that fall due together in a shard may share a message of the Queue, up to 60 kB of them: 1 to 100, 1
   * when absent. Fewer messages cost less; what shares one runs in one Worker.
   */
  tasksPerMessage?: number
}

/** A task queue as it is configured. */
export interface TaskQueue {
  /** Null: its tasks are taken. */
  readonly queue: Queue<TaskMessage> | null
  /** Null: all of them go by the Queue, or are taken. */
  readonly eager: ActivitiesApi | null
  readonly ratePerSecond?: number
  /** Absent: 1. */
  readonly tasksPerMessage?: number
}

/** What a scheduler Worker is made of. */
export interface SchedulerOptions extends VersionOptions, CodecOptions {
  /**
   * Search attributes by name, at most 20: `{ customerId: 'keyword', total: 'number' }`. A run started with one of
   * another type is refused. Each but `keywords` has an index, which writes a row more for every run that has the
   * attribute; undeclared ones are found as well, by looking at every run that the rest of the filter leaves.
   */
  searchAttributes?: Record<string, SearchAttributeType>
  /** By name, what workflows and starts call them by. Absent: one, `default`. */
  taskQueues?: Record<string, TaskQueueConfig>
  /** How many shards a new namespace gets (default 8, or the variable SHARDS). Fixed for a namespace once used. */
  shards?: number
  /** How long closed runs stay in each tier. */
  retention?: RetentionOptions
  /** The Queue binding that change events go to (default CDC_QUEUE, where it exists); false sends none. */
  cdc?:
    | {
        /** The name of the binding. */
        queue?: string
        /**
         * How long a change event waits at most for others, so that they share a message: each costs three operations
         * of a Queue. At most a second; 250 ms when absent. What fills a message does not wait.
         */
        linger?: Duration
      }
    | false
  /** Whom the HTTP API answers; without any of it, and without the secret API_TOKEN, the API is off. */
  auth?: AuthOptions
}

export interface SchedulerConfig {
  readonly runtime: Runtime
  readonly versions: Versions
  /** What the payloads of this scheduler are behind; null: nothing. */
  readonly coding: Coding | null
  readonly searchAttributes: AttributeTypes
  readonly taskQueues: ReadonlyMap<string, TaskQueue>
  /** Where `perdure dev` runs SQL over the archive; null: nowhere, as it is in production. */
  readonly sqlUrl: string | null
  /** Null: no change events are sent. */
  readonly cdc: { readonly queue: Queue<unknown>; readonly lingerMs: number } | null
  /** Where metrics of workflow code go; null: to the log. */
  readonly metrics: MetricsDataset | null
  readonly archive: ArchiveReader | null
  /** Where payloads above 128 KiB go. */
  readonly bucket: Bucket | null
  readonly shards: number
  readonly retention: Retention
  /** Of one shard's database: above it, no run is started. */
  readonly maxDatabaseBytes: number
  /** The id of the Worker's version; `dev` where nothing tells it. */
  readonly release: string
  readonly taskTokens: TaskTokens
  /** Of the HTTP API. */
  readonly auth: Auth
  readonly debugHooks: boolean
  readonly redispatchOnWake: boolean
  shard(name: string): ShardVerbs
}

export type ShardVerbs = ShardApi & ArchiveApi & PullApi & HealthApi & ReplayApi & StatsApi & TogetherApi

const DEFAULT_SHARDS = 8
const DEFAULT_LINGER_MS = 250
const MAX_LINGER_MS = 1_000
/** The platform's limit is 10 GB; what is left is for what must still be written when archiving is behind. */
const MAX_DATABASE_BYTES = 9_000_000_000

/** What an environment must hold, by name. */
export type Env = Record<string, unknown>

export function readConfig(options: SchedulerOptions, env: Env, runtime: Runtime): SchedulerConfig {
  const namespace = schedulerBinding(env)
  const release = releaseOf(env)
  const archive = env['ARCHIVE_SERVICE']
  return {
    runtime,
    versions: new Versions(options, release),
    coding: codingOf(options),
    searchAttributes: declaredAttributes(options.searchAttributes),
    taskQueues: taskQueues(options.taskQueues ?? { default: {} }, env),
    cdc: changeEventsTo(options.cdc, env),
    metrics: isDataset(env['METRICS']) ? env['METRICS'] : null,
    archive: archive === undefined ? null : (archive as ArchiveReader), // a service binding answers by its entrypoint
    sqlUrl: onThisMachine(env['SQL_URL']),
    bucket: bucketOf(env['ARCHIVE']),
    shards: shardCount(options.shards ?? env['SHARDS'] ?? DEFAULT_SHARDS),
    retention: new Retention(options.retention),
    maxDatabaseBytes: MAX_DATABASE_BYTES,
    release,
    taskTokens: new TaskTokens(env['TASK_TOKEN_KEYS']),
    auth: new Auth(options.auth ?? {}, env, runtime),
    debugHooks: flag(env, 'DEBUG_HOOKS'),
    redispatchOnWake: flag(env, 'REDISPATCH_ON_WAKE'),
    shard: (name) => namespace.get(namespace.idFromName(name)) as unknown as ShardVerbs, // RPC stubs answer by method name
  }
}

function taskQueues(configured: Record<string, TaskQueueConfig>, env: Env): Map<string, TaskQueue> {
  const known = new Map<string, TaskQueue>()
  for (const [name, given] of Object.entries(checkedFields(configured, 'taskQueues'))) {
    checkedName(name, 'taskQueues')
    const config = checkedFields(given, `taskQueues.${name}`) as TaskQueueConfig // each field is checked where it is used
    const queue = config.pull === true ? null : boundQueue(name, config, env)
    if (queue !== undefined)
      known.set(name, {
        queue,
        eager: boundEager(name, config, env),
        ...rateOf(name, config),
        ...tasksOf(name, config),
      })
  }
  return known
}

function rateOf(name: string, { ratePerSecond }: TaskQueueConfig): { ratePerSecond?: number } {
  if (ratePerSecond === undefined) return {}
  if (typeof ratePerSecond === 'number' && ratePerSecond > 0 && ratePerSecond < Infinity)
    return { ratePerSecond }
  throw invalid(`taskQueues.${name}.ratePerSecond`, 'a number above zero', ratePerSecond)
}

const MOST_TASKS = 100

function tasksOf(
  name: string,
  { tasksPerMessage: most, pull }: TaskQueueConfig,
): { tasksPerMessage?: number } {
  if (most === undefined) return {}
  const path = `taskQueues.${name}.tasksPerMessage`
  if (pull === true) throw invalid(path, 'absent where tasks are taken', most)
  if (Number.isInteger(most) && most >= 1 && most <= MOST_TASKS) return { tasksPerMessage: most }
  throw invalid(path, `a whole number from 1 to ${MOST_TASKS}`, most)
}

/** The Queue of a task queue. Undefined for a `default` that nobody asked for by name: inline steps need none. */
function boundQueue(name: string, config: TaskQueueConfig, env: Env): Queue<TaskMessage> | undefined {
  const binding = config.queue ?? bindingName(name, 'QUEUE')
  const queue = env[binding]
  if (isQueue(queue)) return queue
  if (name === 'default' && config.queue === undefined) return undefined
  throw missing(binding, `[[queues.producers]]\nbinding = "${binding}"\nqueue = "${name}"`)
}

/** The Worker that a task queue's attempts are handed to. */
function boundEager(name: string, { eager, pull }: TaskQueueConfig, env: Env): ActivitiesApi | null {
  if (pull === true && eager !== undefined)
    throw invalid(`taskQueues.${name}.eager`, 'absent where tasks are taken', eager)
  const binding = eager ?? bindingName(name, 'ACTIVITIES')
  const worker = pull === true ? undefined : env[binding]
  // A stub answers to every name; whether the other side does shows when it is called.
  if ((typeof worker === 'object' && worker !== null) || typeof worker === 'function')
    return worker as ActivitiesApi
  if (eager === undefined) return null
  throw missing(
    binding,
    `[[services]]\nbinding = "${binding}"\nservice = "${name}"   # the activity Worker's name\nentrypoint = "Activities"`,
  )
}

function bindingName(taskQueue: string, suffix: string): string {
  return `${taskQueue.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_${suffix}`
}

function changeEventsTo(cdc: SchedulerOptions['cdc'], env: Env): SchedulerConfig['cdc'] {
  if (cdc === false) return null
  const { queue: name, linger = DEFAULT_LINGER_MS } = cdc ?? {}
  const binding = name ?? 'CDC_QUEUE'
  const lingerMs = toMs(linger, 'cdc.linger')
  // By then the alarm sends what waits.
  if (lingerMs > MAX_LINGER_MS) throw invalid('cdc.linger', 'a second at most', linger)
  const queue = env[binding]
  if (isQueue(queue)) return { queue, lingerMs }
  if (name === undefined) return null
  throw missing(binding, `[[queues.producers]]\nbinding = "${binding}"\nqueue = "perdure-cdc"`)
}

function isQueue(value: unknown): value is Queue<unknown> {
  return typeof value === 'object' && value !== null && 'sendBatch' in value
}

function schedulerBinding(env: Env): DurableObjectNamespace {
  const namespace = env['SCHEDULER']
  if (typeof namespace === 'object' && namespace !== null && 'idFromName' in namespace)
    return namespace as DurableObjectNamespace
  const lines =
    '[[durable_objects.bindings]]\nname = "SCHEDULER"\nclass_name = "Scheduler"\n\n[exports.Scheduler]\ntype = "durable-object"\nstorage = "sqlite"'
  throw missing('SCHEDULER', lines)
}

function missing(binding: string, lines: string): WorkflowError {
  return new WorkflowError(
    'not_configured',
    `binding ${binding} is missing or of the wrong kind; add to wrangler.toml:\n\n${lines}\n`,
    {
      path: binding,
    },
  )
}

function shardCount(value: unknown): number {
  const count = typeof value === 'string' ? Number(value) : value
  if (typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= 65_536) return count
  throw invalid('SHARDS', 'a whole number from 1 to 65,536', value)
}

function releaseOf(env: Env): string {
  const metadata = env['CF_VERSION_METADATA']
  const id: unknown =
    typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'id') : undefined
  return typeof id === 'string' && id !== '' ? id : 'dev'
}

function flag(env: Env, name: string): boolean {
  const value = env[name]
  return value === true || value === 'true' || value === '1'
}

/** Statements go to nobody else. */
function onThisMachine(url: unknown): string | null {
  return typeof url === 'string' && url.startsWith('http://127.0.0.1:') ? url : null
}
