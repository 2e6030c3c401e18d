/**
 * What happened to a run. History is the only truth: state, projections and the live coroutine are folds of it.
 *
 * E1 An event is appended once and never changed. A new meaning is a new event.
 * E2 `eventId` is the position in the run's history, from 1; it is not stored in the event.
 * E3 `seq` names the call of the workflow code (1, 2, ...) that a command event records and its outcome answers.
 * E4 `at` is epoch milliseconds, the same for all events of a turn, and never decreases within a run.
 */
import type { SerializedError, TimeoutKind } from '../errors.ts'
import type { Payload } from '../payload.ts'
import type { ChainCommandEvent, ChainLinks, ChainSilentEvent } from './chain-events.ts'
import type { Fields } from './fields.ts'
import type { RetryRules } from './retry.ts'

export interface RunLink {
  workflowId: string
  runId: string
}

export type ParentClosePolicy = 'terminate' | 'cancel' | 'abandon'
export type CancellationType = 'wait' | 'try' | 'abandon'

/** Set on a child's first event: who asked for it and how its close is answered. */
export interface ParentLink extends RunLink {
  shard: number
  /** The call of the parent that this child answers. */
  seq: number
}

/** Set on the first event of a run that a schedule began: who is told of its start and its end. */
export interface ScheduleLink {
  scheduleId: string
  shard: number
  /** Tells apart schedules that had the id one after another. */
  incarnation: string
  /** Of the start, among those of its schedule. */
  number: number
  /** The time that the run is for, epoch ms. */
  scheduledAt: number
}

export interface WorkflowStarted extends ChainLinks {
  type: 'workflow_started'
  at: number
  workflowType: string
  taskQueue: string
  input?: Payload
  parent?: ParentLink
  schedule?: ScheduleLink
  memo?: Fields
  searchAttributes?: Fields
  /** Epoch ms after which the run is timed out, and its chain with it. */
  executionDeadlineAt?: number
  /** The version of the code that started it. */
  version: string
  /** Of its activities that say nothing of theirs; absent: 0. */
  priority?: number
  /** Only that version may run it. */
  pinned?: true
  requestId: string
  /** The caller's trace context, as it gave it. */
  traceparent?: string
}

/** Timeouts in milliseconds; absent means none. */
export interface ActivityTimeouts {
  startToCloseMs: number
  scheduleToStartMs?: number
  scheduleToCloseMs?: number
  heartbeatMs?: number
}

export interface ActivityScheduled {
  type: 'activity_scheduled'
  at: number
  seq: number
  activityType: string
  taskQueue: string
  input?: Payload
  /** Absent: the default of `retry.ts`. */
  retry?: RetryRules
  /** Absent: the default of `retry.ts`. */
  timeouts?: ActivityTimeouts
  /** Absent: `wait`. */
  cancellation?: CancellationType
  /** Absent: 0. */
  priority?: number
  concurrencyKey?: string
  summary?: string
}

export interface StepScheduled {
  type: 'step_scheduled'
  at: number
  seq: number
  name: string
  /** Absent: the default of `retry.ts`. */
  retry?: RetryRules
  /** Absent: the default of `retry.ts`. */
  timeouts?: ActivityTimeouts
}

export interface ChildRequested {
  type: 'child_requested'
  at: number
  seq: number
  workflowId: string
  workflowType: string
  taskQueue?: string
  input?: Payload
  parentClosePolicy: ParentClosePolicy
  cancellation: 'wait' | 'wait-requested' | 'try' | 'abandon'
  idReuse: 'allow' | 'allow-failed-only' | 'reject'
  idConflict: 'fail' | 'use-existing' | 'terminate-existing'
  executionTimeoutMs?: number
  retry?: RetryRules
  memo?: Fields
  searchAttributes?: Fields
}

/** Events that record a call of the workflow code; replay checks each against what the code asks for. */
export type CommandEvent =
  | ActivityScheduled
  | { type: 'activity_cancel_requested'; at: number; seq: number }
  | StepScheduled
  | { type: 'step_cancel_requested'; at: number; seq: number }
  | { type: 'timer_started'; at: number; seq: number; fireAt: number; summary?: string }
  | { type: 'timer_cancelled'; at: number; seq: number }
  | ChildRequested
  | { type: 'child_cancel_requested'; at: number; seq: number; reason?: string }
  | {
      type: 'external_signal_requested'
      at: number
      seq: number
      workflowId: string
      runId?: string
      name: string
      payload?: Payload
    }
  | {
      type: 'external_cancel_requested'
      at: number
      seq: number
      workflowId: string
      runId?: string
      reason?: string
    }
  | { type: 'update_completed'; at: number; updateId: string; result?: Payload }
  | { type: 'update_failed'; at: number; updateId: string; error: SerializedError }
  | { type: 'memo_upserted'; at: number; memo: Fields }
  | { type: 'search_attributes_upserted'; at: number; searchAttributes: Fields }
  | { type: 'patch_recorded'; at: number; patchId: string }
  | { type: 'workflow_completed'; at: number; result?: Payload }
  | ChainCommandEvent
  | { type: 'workflow_cancelled'; at: number; error: SerializedError }

/** Events that come from outside the workflow code; each is fed to it, then it runs until it waits again. */
export type OutcomeEvent =
  | WorkflowStarted
  | { type: 'start_delay_elapsed'; at: number }
  | { type: 'activity_completed'; at: number; seq: number; attempt: number; result?: Payload }
  | { type: 'activity_failed'; at: number; seq: number; attempt: number; error: SerializedError }
  | {
      type: 'activity_timed_out'
      at: number
      seq: number
      attempt: number
      kind: TimeoutKind
      lastFailure?: SerializedError
    }
  | { type: 'activity_cancelled'; at: number; seq: number; attempt: number }
  | { type: 'step_completed'; at: number; seq: number; attempt: number; result?: Payload }
  | { type: 'step_failed'; at: number; seq: number; attempt: number; error: SerializedError }
  | { type: 'step_cancelled'; at: number; seq: number; attempt: number }
  | { type: 'timer_fired'; at: number; seq: number }
  | { type: 'signal_received'; at: number; name: string; payload?: Payload; signalId: string }
  | { type: 'update_accepted'; at: number; updateId: string; name: string; args?: Payload }
  | { type: 'workflow_cancel_requested'; at: number; reason?: string }
  | { type: 'child_started'; at: number; seq: number; runId: string; shard: number }
  | { type: 'child_start_failed'; at: number; seq: number; error: SerializedError }
  | { type: 'child_completed'; at: number; seq: number; result?: Payload }
  | { type: ChildFailureType; at: number; seq: number; error: SerializedError }
  | { type: 'external_signal_delivered'; at: number; seq: number }
  | { type: 'external_signal_failed'; at: number; seq: number; error: SerializedError }
  | { type: 'external_cancel_delivered'; at: number; seq: number }
  | { type: 'external_cancel_failed'; at: number; seq: number; error: SerializedError }

/** How the handler of an update ended. */
export type UpdateEnd = Extract<CommandEvent, { type: 'update_completed' | 'update_failed' }>

export type ChildFailureType = 'child_failed' | 'child_cancelled' | 'child_timed_out' | 'child_terminated'

/** Events that the code neither asked for nor hears of. */
export type SilentEvent =
  | ChainSilentEvent
  | { type: 'signals_discarded'; at: number; signalIds: string[]; names: string[] }

export type HistoryEvent = CommandEvent | OutcomeEvent | SilentEvent
export type HistoryEventType = HistoryEvent['type']

const COMMAND_EVENTS: ReadonlySet<string> = new Set<CommandEvent['type']>([
  'activity_scheduled',
  'activity_cancel_requested',
  'step_scheduled',
  'step_cancel_requested',
  'timer_started',
  'timer_cancelled',
  'child_requested',
  'child_cancel_requested',
  'external_signal_requested',
  'external_cancel_requested',
  'update_completed',
  'update_failed',
  'memo_upserted',
  'search_attributes_upserted',
  'patch_recorded',
  'workflow_completed',
  'workflow_failed',
  'workflow_cancelled',
  'workflow_continued_as_new',
])

const SILENT_EVENTS: ReadonlySet<string> = new Set<SilentEvent['type']>([
  'workflow_terminated',
  'workflow_timed_out',
  'signals_discarded',
  'workflow_reset',
  'workflow_paused',
  'workflow_resumed',
  'carried_child_started',
  'carried_child_closed',
])

const OUTCOME_EVENTS: Record<OutcomeEvent['type'], true> = {
  workflow_started: true,
  start_delay_elapsed: true,
  workflow_cancel_requested: true,
  activity_completed: true,
  activity_failed: true,
  activity_timed_out: true,
  activity_cancelled: true,
  step_completed: true,
  step_failed: true,
  step_cancelled: true,
  timer_fired: true,
  signal_received: true,
  update_accepted: true,
  child_started: true,
  child_start_failed: true,
  child_completed: true,
  child_failed: true,
  child_cancelled: true,
  child_timed_out: true,
  child_terminated: true,
  external_signal_delivered: true,
  external_signal_failed: true,
  external_cancel_delivered: true,
  external_cancel_failed: true,
}

/** Whether an event of this release has that name. */
export function isEventType(type: string): type is HistoryEventType {
  return COMMAND_EVENTS.has(type) || SILENT_EVENTS.has(type) || Object.hasOwn(OUTCOME_EVENTS, type)
}

export function isCommandEvent(event: HistoryEvent): event is CommandEvent {
  return COMMAND_EVENTS.has(event.type)
}

export function isSilentEvent(event: HistoryEvent): event is SilentEvent {
  return SILENT_EVENTS.has(event.type)
}

/** What the code is fed; the other events are what it asked for, and what it hears nothing of. */
export function isFed(event: HistoryEvent): event is OutcomeEvent {
  return !isCommandEvent(event) && !isSilentEvent(event)
}

/** The payload that an event carries; each carries one at most. */
export function payloadOf(event: HistoryEvent): Payload {
  if ('result' in event) return event.result
  if ('input' in event) return event.input
  if ('args' in event) return event.args
  return 'payload' in event ? event.payload : undefined
}

const CLOSED = {
  workflow_completed: 'completed',
  workflow_failed: 'failed',
  workflow_cancelled: 'cancelled',
  workflow_terminated: 'terminated',
  workflow_timed_out: 'timed_out',
  workflow_continued_as_new: 'continued_as_new',
} as const
export type ClosedStatus = (typeof CLOSED)[keyof typeof CLOSED]

/** The status that closing event `type` leaves a run in, or null when it does not close it. */
export function closedStatus(type: HistoryEventType): ClosedStatus | null {
  return type in CLOSED ? CLOSED[type as keyof typeof CLOSED] : null // it is one of them
}
