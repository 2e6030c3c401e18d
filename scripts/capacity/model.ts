/**
 * What a load takes of the platform, and what that costs. Every number here is either counted from the schema
 * (docs/design/storage.md), measured, or assumed; docs/design/capacity.md says which, and why.
 */
import { mostArchived } from '../fleet/archived.ts'
import { LIMITS, PRICES } from './prices.ts'

export type Lane = 'inline' | 'eager' | 'queue'

export interface Load {
  readonly stepsPerDay: number
  readonly lane: Lane
  readonly stepsPerRun: number
  /** Of the day's mean: what the plan must bear. */
  readonly peak: number
  /** How long archived histories are kept. */
  readonly keepDays: number
  /** As many as the plan needs at the peak, when not said. */
  readonly shards?: number
  /** Of the task queue; 1 when not said. */
  readonly tasksPerMessage?: number
}

export interface Plan {
  readonly stepsPerSecond: number
  /** Each has an archiver of its own. */
  readonly namespaces: number
  /** Of all of them together. */
  readonly shards: number
  readonly queues: number
  readonly consumers: number
  /** Dollars per day, by what is charged. */
  readonly costs: Readonly<Record<string, number>>
  readonly dollarsPerDay: number
  readonly dollarsPerMillionSteps: number
  /** What runs out first when the load grows, and at how many steps a day. */
  readonly next: { readonly limit: string; readonly stepsPerDay: number }
}

const DAY_S = 86_400
const MONTH_DAYS = 30
const MILLION = 1e6

/** Steps a second that one shard is given at the peak: a fraction of what it does locally. */
const SHARD_STEPS_PER_SECOND: Record<Lane, number> = { inline: 2_000, eager: 1_000, queue: 500 }
/** Where the platform's own limits of an account begin: beyond this a plan needs a word with Cloudflare. */
const MOST_QUEUES = 10_000
const MOST_SHARDS = 65_536
/** By the archiver of a namespace whose cron comes each minute. */
const MOST_ARCHIVED = mostArchived(60)
/** Part of a limit that a plan uses. */
const HEADROOM = 0.6

/** Turns of a shard a second, at most: one commit at a time, each waits for the disk. */
const TURNS_PER_SECOND = 50
/** CPU of an activity Worker for one attempt, less the activity itself. */
const ATTEMPT_CPU_MS = 0.1
/** How long an attempt keeps a consumer. */
const ATTEMPT_S = 0.1
const EVENTS_PER_STEP = 2
/** Of change events, as JSON. */
const EVENT_BYTES = 350
/** A message is full at 60 kB, counting two bytes for each character. */
const CDC_MESSAGE_BYTES = 30_000
/** The default of `cdc.linger`. */
const LINGER_S = 0.25
/** Of its messages a second, those that the alarm cuts short. */
const CUT_SHORT = 0.3
/** Of an event in a warm object, and again in the tables. */
const ARCHIVED_EVENT_BYTES = 25
const WARM_OBJECT_BYTES = 256_000
/** Of a closed run and its events in the shard until it is warm. */
const HOT_EVENT_BYTES = 150
const HOT_DAYS = 1

export function planOf(load: Load): Plan {
  const { stepsPerDay, lane, peak } = load
  const mean = stepsPerDay / DAY_S
  const atPeak = mean * peak
  const shards = load.shards ?? Math.max(1, Math.ceil(atPeak / SHARD_STEPS_PER_SECOND[lane]))
  const queued = lane === 'queue' ? atPeak : 0
  const queues = Math.ceil(queued / (LIMITS.queueMessagesPerSecond * HEADROOM))
  const consumers = Math.ceil((queued * ATTEMPT_S) / LIMITS.messagesPerBatch)
  const costs = costsOf(load, shards)
  const dollarsPerDay = Object.values(costs).reduce((sum, cost) => sum + cost, 0)
  return {
    stepsPerSecond: atPeak,
    namespaces: Math.ceil(stepsPerDay / MOST_ARCHIVED),
    shards,
    queues,
    consumers,
    costs,
    dollarsPerDay,
    dollarsPerMillionSteps: (dollarsPerDay / stepsPerDay) * MILLION,
    next: nextLimit(load),
  }
}

function costsOf(load: Load, shards: number): Record<string, number> {
  const { stepsPerDay, keepDays } = load
  const perSecond = stepsPerDay / DAY_S / shards
  // Whatever comes within a turn shares it; a shard that is asked for little has a turn for each.
  const stepsPerTurn = Math.max(1, perSecond / TURNS_PER_SECOND)
  const calls = stepsPerDay / Math.min(LIMITS.messagesPerBatch, stepsPerTurn)
  const active = Math.min(1, perSecond) * DAY_S * shards
  const archivedBytes = stepsPerDay * EVENTS_PER_STEP * ARCHIVED_EVENT_BYTES
  const objects = archivedBytes / WARM_OBJECT_BYTES
  const messages = changeMessages(perSecond, perSecond / stepsPerTurn) * DAY_S * shards
  const { asked, handled, queueMessages } = lanes(load, calls)
  return {
    rows: perMillion(rowsOf(load) + active * ROWS_PER_ACTIVE_SECOND, PRICES.rowsWritten),
    objectRequests: perMillion(asked + active * ALARMS_PER_ACTIVE_SECOND, PRICES.objectRequests),
    objectDuration: perMillion(active * LIMITS.objectMemoryGb, PRICES.objectDuration),
    queues: perMillion(3 * (queueMessages + messages), PRICES.queueOperations),
    workers:
      perMillion(handled, PRICES.workerRequests) +
      perMillion(load.lane === 'inline' ? 0 : stepsPerDay * ATTEMPT_CPU_MS, PRICES.workerCpuMs),
    buckets:
      perMillion(objects * 2, PRICES.bucketWrites) +
      perMillion(objects * 3, PRICES.bucketReads) +
      monthly((2 * archivedBytes * keepDays) / 1e9, PRICES.bucketStorage),
    objectStorage: monthly(
      (stepsPerDay * EVENTS_PER_STEP * HOT_EVENT_BYTES * HOT_DAYS) / 1e9,
      PRICES.objectStorage,
    ),
  }
}

/** Of one shard, a second: the first turn after a message opens the next, which leaves when it is full or the linger over. */
function changeMessages(steps: number, turns: number): number {
  const full = (steps * EVENTS_PER_STEP * EVENT_BYTES) / CDC_MESSAGE_BYTES
  return Math.max(full, Math.min(turns, 1 / (LINGER_S + 1 / turns) + CUT_SHORT))
}

/** The alarm; the position of change events. */
const ROWS_PER_ACTIVE_SECOND = 2
const ALARMS_PER_ACTIVE_SECOND = 1

/** Calls of objects, invocations of Workers and messages that the steps of a lane take. */
function lanes({ lane, stepsPerDay, stepsPerRun, tasksPerMessage = 1 }: Load, calls: number) {
  const starts = stepsPerDay / stepsPerRun
  if (lane === 'inline') return { asked: starts, handled: 0, queueMessages: 0 }
  // The answer of an eager call is its settlement, and the call itself is over a service binding.
  if (lane === 'eager') return { asked: starts, handled: 0, queueMessages: 0 }
  // Only what one turn makes due shares a message.
  const queueMessages = Math.max(stepsPerDay / tasksPerMessage, calls)
  return { asked: starts + 2 * calls, handled: calls, queueMessages }
}

/** From start to warm and out of the shard, deletes included, as docs/design/storage.md counts them. */
function rowsOf({ lane, stepsPerDay, stepsPerRun }: Load): number {
  const start = 4
  const close = 2
  const archived = 1 + 2 // the run's row; at the end of its warm age its row and its id's
  const turn = 2 // the row of its events, and its delete
  // Each takes over the row of the one before. One of the eager lane that is over within a second has none.
  const activities = lane === 'queue' ? stepsPerRun + 1 : 0
  const perRun = start + close + archived + turn + stepsPerRun * turn + activities
  return (stepsPerDay / stepsPerRun) * perRun
}

function nextLimit({ lane, stepsPerDay, peak }: Load): Plan['next'] {
  const bySteps = (perSecond: number): number => (perSecond * DAY_S) / peak
  const limits = [
    { limit: 'what one archiver keeps up with: take another namespace', stepsPerDay: MOST_ARCHIVED },
    {
      limit: '65,536 shards a namespace: take another',
      stepsPerDay: bySteps(MOST_SHARDS * SHARD_STEPS_PER_SECOND[lane]),
    },
    lane === 'queue' && {
      limit: '10,000 Queues an account',
      stepsPerDay: bySteps(MOST_QUEUES * LIMITS.queueMessagesPerSecond * HEADROOM),
    },
  ].filter((limit) => limit !== false)
  const ahead = limits.filter((limit) => limit.stepsPerDay >= stepsPerDay)
  const sorted = (ahead.length > 0 ? ahead : limits).toSorted(
    (one, other) => one.stepsPerDay - other.stepsPerDay,
  )
  return sorted[0] as Plan['next'] // there are two at least
}

/** Of so many GB, a day. */
function monthly(gb: number, price: number): number {
  return (gb * price) / MONTH_DAYS
}

function perMillion(count: number, price: number): number {
  return (count / MILLION) * price
}
