/** What clients are told of a run, made from what the shard says. */
import { isSearchAttribute } from './attributes.ts'
import type { SearchAttribute, SearchAttributes } from './attributes.ts'
import type { HistoryEvent as StoredEvent } from './core/events.ts'
import type { SerializedError } from './errors.ts'
import { decodePayload } from './payload.ts'
import type { Payload } from './payload.ts'
import type { PendingActivity, RunDescription, RunSummary, WaitingFor } from './description.ts'
import type { HistoryPage, RunStatus } from './protocol.ts'

export type WorkflowStatus = RunStatus

/** One run, as `list` gives it. */
export interface WorkflowSummary {
  workflowId: string
  runId: string
  workflowType: string
  status: WorkflowStatus
  taskQueue: string
  input?: unknown
  result?: unknown
  error?: SerializedError
  startedAt: Date
  completedAt?: Date
  /** The code cannot go on until a compatible version is deployed. */
  blocked?: { code: string; reason: string; since: Date; eventId?: number }
  historyEvents: number
  historyBytes: number
  tier: 'hot' | 'warm' | 'cold'
  version: string
  memo: Record<string, unknown>
  searchAttributes: SearchAttributes
}

/** One run, as `describe` gives it: also what it waits for. */
export interface WorkflowInfo extends WorkflowSummary {
  parent?: { workflowId: string; runId: string }
  /** The schedule that began it, and the time that it is for. */
  schedule?: { scheduleId: string; scheduledAt: Date }
  waitingFor: readonly {
    kind: 'activity' | 'timer' | 'signal' | 'child' | 'condition' | 'step'
    name: string
    since: Date
    until?: Date
    /** Where the code called it, as a line of a stack: `order (file:///src/workflows.ts:12:20)`; with `callSites` only. */
    at?: string
  }[]
  pendingActivities: readonly {
    activityId: string
    activityType: string
    attempt: number
    nextAttemptAt?: Date
    lastError?: SerializedError
  }[]
}

export type HistoryEventType = StoredEvent['type']

/** One event of a run's history, numbered from 1; `data` is what was recorded with it, decoded. */
export interface HistoryEvent {
  eventId: number
  type: HistoryEventType
  timestamp: Date
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
