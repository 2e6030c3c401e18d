/** The calls of a run as bars on its time axis: a fold of its history, and of what is pending now. */
import type { HistoryEvent, HistoryEventType } from '../../shared/core/events.ts'
import type { PendingActivity } from '../../shared/description.ts'
import type { SerializedError } from '../../shared/errors.ts'
import type { RecordedEvent, RunRef } from '../api/shapes.ts'

export type BarKind = 'activity' | 'step' | 'timer' | 'signal' | 'update' | 'child' | 'message'
export type Outcome = 'open' | 'completed' | 'failed' | 'timed out' | 'cancelled' | 'terminated' | 'left open'

export interface Bar {
  readonly key: string
  readonly kind: BarKind
  readonly label: string
  readonly note?: string
  readonly from: number
  /** Null: it has not ended. */
  readonly to: number | null
  readonly outcome: Outcome
  /** The last one, from 1. */
  readonly attempt: number
  /** When a timer fires, or the next attempt is made. */
  readonly until?: number
  readonly lastError?: SerializedError
  /** The run of a child. */
  readonly run?: RunRef
  /** That began it, ..., that ended it. */
  readonly eventIds: readonly number[]
}

/** In the order in which they were called. `closedAt`: when the run ended, and with it what it had not waited for. */
export function barsOf(
  events: readonly RecordedEvent[],
  { pending, closedAt }: { pending: readonly PendingActivity[]; closedAt: number | undefined },
): Bar[] {
  const bars = new Map<string, Bar>()
  for (const recorded of events) {
    const begun = beginning(recorded)
    if (begun) bars.set(begun.key, begun)
    else continueBar(bars, recorded)
  }
  for (const activity of pending) {
    const key = activity.activityId.replace(/^.*\//, '')
    const bar = bars.get(key)
    if (bar) bars.set(key, withAttempts(bar, activity))
  }
  return [...bars.values()].map((bar) => leftOpen(bar, closedAt))
}

function beginning({ eventId, event }: RecordedEvent): Bar | null {
  const begun = callOf(event)
  return begun && { from: event.at, to: null, outcome: 'open', attempt: 1, eventIds: [eventId], ...begun }
}

type Call = Pick<Bar, 'key' | 'kind' | 'label'> & Partial<Bar>

function callOf(event: HistoryEvent): Call | null {
  const key = 'seq' in event ? String(event.seq) : ''
  switch (event.type) {
    case 'activity_scheduled':
      return {
        key,
        kind: 'activity',
        label: event.activityType,
        ...(event.summary && { note: event.summary }),
      }
    case 'step_scheduled':
      return { key, kind: 'step', label: event.name }
    case 'timer_started':
      return { key, kind: 'timer', label: event.summary ?? 'timer', until: event.fireAt }
    case 'child_requested':
      return {
        key,
        kind: 'child',
        label: event.workflowId,
        note: event.workflowType,
        run: { workflowId: event.workflowId },
      }
    case 'external_signal_requested':
      return { key, kind: 'message', label: `signal ${event.name}`, note: `to ${event.workflowId}` }
    case 'external_cancel_requested':
      return { key, kind: 'message', label: 'cancel', note: `to ${event.workflowId}` }
    case 'update_accepted':
      return { key: `update ${event.updateId}`, kind: 'update', label: event.name }
    case 'signal_received':
      return {
        key: `signal ${event.signalId}`,
        kind: 'signal',
        label: event.name,
        to: event.at,
        outcome: 'completed',
      }
    default:
      return null
  }
}

const OUTCOMES: Partial<Record<HistoryEventType, Outcome>> = {
  activity_completed: 'completed',
  activity_failed: 'failed',
  activity_timed_out: 'timed out',
  activity_cancelled: 'cancelled',
  step_completed: 'completed',
  step_failed: 'failed',
  step_cancelled: 'cancelled',
  timer_fired: 'completed',
  timer_cancelled: 'cancelled',
  child_start_failed: 'failed',
  child_completed: 'completed',
  child_failed: 'failed',
  child_cancelled: 'cancelled',
  child_timed_out: 'timed out',
  child_terminated: 'terminated',
  external_signal_delivered: 'completed',
  external_signal_failed: 'failed',
  external_cancel_delivered: 'completed',
  external_cancel_failed: 'failed',
  update_completed: 'completed',
  update_failed: 'failed',
}

function continueBar(bars: Map<string, Bar>, { eventId, event }: RecordedEvent): void {
  const key = keyOf(event)
  const bar = key === null ? undefined : bars.get(key)
  if (!bar) return
  const outcome = OUTCOMES[event.type]
  bars.set(bar.key, {
    ...bar,
    eventIds: [...bar.eventIds, eventId],
    ...(outcome && { outcome, to: event.at }),
    ...('attempt' in event && event.attempt !== undefined && { attempt: event.attempt }),
    ...(event.type === 'child_started' && bar.run && { run: { ...bar.run, runId: event.runId } }),
    ...('error' in event && { lastError: event.error }),
    ...('lastFailure' in event && event.lastFailure && { lastError: event.lastFailure }),
  })
}

function keyOf(event: HistoryEvent): string | null {
  if (event.type === 'update_completed' || event.type === 'update_failed') return `update ${event.updateId}`
  // Of a call of an earlier run of the chain, whose numbers are its own.
  if ('parentRunId' in event) return null
  return 'seq' in event ? String(event.seq) : null
}

function withAttempts(bar: Bar, { attempt, nextAttemptAt, lastError }: PendingActivity): Bar {
  return {
    ...bar,
    attempt,
    ...(nextAttemptAt !== undefined && { until: nextAttemptAt }),
    ...(lastError && { lastError }),
  }
}

function leftOpen(bar: Bar, closedAt: number | undefined): Bar {
  if (bar.to !== null || closedAt === undefined) return bar
  return { ...bar, to: Math.max(bar.from, closedAt), outcome: 'left open' }
}
