/** What clients are told of a run, made from what the shard says. */
import { isSearchAttribute } from './attributes.ts'
import type { SearchAttribute, SearchAttributes } from './attributes.ts'
import type { HistoryEvent as StoredEvent } from './core/events.ts'
import type { SerializedError } from './errors.ts'
import { decodePayload } from './payload.ts'
import type { Payload } from './payload.ts'
import type { PendingActivity, RunDescription, RunSummary, WaitingFor } from './description.ts'
import type { HistoryPage, RunStatus } from './protocol.ts'

/**
 * `running` or `paused` while it is open; then `completed`, `failed`, `cancelled`, `terminated`, `timed_out` or
 * `continued_as_new`.
 */
export type WorkflowStatus = RunStatus

/** One run, as `list` gives it. */
export interface WorkflowSummary {
  /** In the caller's terms; runs that follow one another have the same. */
  workflowId: string
  /** A ULID, made when the run began. */
  runId: string
  /** The name that the workflow was defined with. */
  workflowType: string
  /** Running, or how it ended. */
  status: WorkflowStatus
  /** Of its activities. */
  taskQueue: string
  /** Absent where it had none. */
  input?: unknown
  /** Of a completed run. */
  result?: unknown
  /** Of a run that did not complete: the failure that ended it. */
  error?: SerializedError
  /** When it was recorded; with a `startDelay`, its first turn is later. */
  startedAt: Date
  /** Absent while it is open. */
  completedAt?: Date
  /** The code cannot go on until a compatible version is deployed. */
  blocked?: {
    /** An `ErrorCode`, such as `nondeterminism`. */
    code: string
    /** For people: what does not fit, and what to do. */
    reason: string
    /** When it was first found so. */
    since: Date
    /** The event at which code and history differ, where it is one. */
    eventId?: number
  }
  /** How many events are recorded. */
  historyEvents: number
  /** Their length as JSON. */
  historyBytes: number
  /** Where it lies: in its shard, or archived in a warm object or the tables of the cold tier. */
  tier: 'hot' | 'warm' | 'cold'
  /** The version of the workflows that it began on. */
  version: string
  /** The workflow's notes for people, as started and upserted. */
  memo: Record<string, unknown>
  /** What it is found by, as started and upserted. */
  searchAttributes: SearchAttributes
}

/** One run, as `describe` gives it: also what it waits for. */
export interface WorkflowInfo extends WorkflowSummary {
  /** The workflow whose child it is. */
  parent?: {
    /** The parent's workflow id. */
    workflowId: string
    /** The run that started it. */
    runId: string
  }
  /** The schedule that began it. */
  schedule?: {
    /** Its id. */
    scheduleId: string
    /** The time that the run is for. */
    scheduledAt: Date
  }
  /** What its code awaits. */
  waitingFor: readonly {
    /** What kind of call is awaited. */
    kind: 'activity' | 'timer' | 'signal' | 'child' | 'condition' | 'step'
    /** The activity's type, the signal's or step's name, the child's workflow id. */
    name: string
    /** When the wait began. */
    since: Date
    /** When it ends by itself, where it does. */
    until?: Date
    /** Where the code called it, as a line of a stack: `order (file:///src/workflows.ts:12:20)`; with `callSites` only. */
    at?: string
  }[]
  /** Activities that were called and have not ended, and steps of which an attempt has failed. */
  pendingActivities: readonly {
    /** As `ctx.activityId`. */
    activityId: string
    /** The name that the activity was defined with, or the step's. */
    activityType: string
    /** The one that is under way or comes next, from 1. */
    attempt: number
    /** While it waits for a retry. */
    nextAttemptAt?: Date
    /** Why the attempt before failed. Of a step, unless its object was lost since. */
    lastError?: SerializedError
  }[]
}

/** What an event says has happened, in the past tense: `activity_completed`. */
export type HistoryEventType = StoredEvent['type']

/** One event of a run's history, numbered from 1; `data` is what was recorded with it, decoded. */
export interface HistoryEvent {
  /** Its place in the run's history, from 1. */
  eventId: number
  /** What happened. */
  type: HistoryEventType
  /** When the turn that recorded it took place. */
  timestamp: Date
  /** What was recorded with it, decoded. */
  data: unknown
}

export function summaryOf(run: RunSummary): WorkflowSummary {
  return {
    workflowId: run.workflowId,
    runId: run.runId,
    workflowType: run.workflowType,
    status: run.status,
    taskQueue: run.taskQueue,
    ...(run.input !== undefined && { input: decodePayload(run.input) }),
    ...(run.result !== undefined && { result: decodePayload(run.result) }),
    ...(run.error !== undefined && { error: run.error }),
    startedAt: new Date(run.startedAt),
    ...(run.completedAt !== undefined && { completedAt: new Date(run.completedAt) }),
    ...(run.blocked !== undefined && { blocked: { ...run.blocked, since: new Date(run.blocked.since) } }),
    historyEvents: run.historyEvents,
    historyBytes: run.historyBytes,
    tier: run.tier,
    version: run.version,
    memo: decodeFields(run.memo),
    searchAttributes: attributesOf(run.searchAttributes),
  }
}

export function infoOf(run: RunDescription): WorkflowInfo {
  return {
    ...summaryOf(run),
    ...(run.parent !== undefined && { parent: run.parent }),
    ...(run.schedule !== undefined && {
      schedule: { ...run.schedule, scheduledAt: new Date(run.schedule.scheduledAt) },
    }),
    waitingFor: run.waitingFor.map(waitOf),
    pendingActivities: run.pendingActivities.map(pendingOf),
  }
}

/** The event without its type and time, payloads decoded; that of the start also says whose history it begins. */
export function historyEventOf(
  { eventId, event }: HistoryPage['events'][number],
  run: { workflowId: string; runId: string },
): HistoryEvent {
  const { type, at, ...fields } = event
  const data: Record<string, unknown> = type === 'workflow_started' ? { ...run, ...fields } : fields
  if ('input' in event) data['input'] = decodePayload(event.input)
  if ('result' in event) data['result'] = decodePayload(event.result)
  if ('args' in event) data['args'] = decodePayload(event.args)
  if ('payload' in event) data['payload'] = decodePayload(event.payload)
  if ('memo' in event) data['memo'] = decodeFields(event.memo ?? {})
  if ('searchAttributes' in event) data['searchAttributes'] = attributesOf(event.searchAttributes ?? {})
  return { eventId, type, timestamp: new Date(at), data }
}

function waitOf({ since, until, ...wait }: WaitingFor): WorkflowInfo['waitingFor'][number] {
  return { ...wait, since: new Date(since), ...(until !== undefined && { until: new Date(until) }) }
}

function pendingOf({
  nextAttemptAt,
  ...pending
}: PendingActivity): WorkflowInfo['pendingActivities'][number] {
  return { ...pending, ...(nextAttemptAt !== undefined && { nextAttemptAt: new Date(nextAttemptAt) }) }
}

function decodeFields(fields: Record<string, Payload>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, decodePayload(value)]))
}

function attributesOf(fields: Record<string, Payload>): SearchAttributes {
  const entries = Object.entries(fields).map(([key, value]) => [key, decodePayload(value)] as const)
  return Object.fromEntries(
    entries.filter((entry): entry is [string, SearchAttribute] => isSearchAttribute(entry[1])),
  )
}
