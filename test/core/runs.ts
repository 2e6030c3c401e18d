/** Runs for the tests of the rules: a state folded from the events a test gives. */
import type { HistoryEvent, WorkflowStarted } from '../../shared/core/events.ts'
import { DEFAULT_RETRY } from '../../shared/core/retry.ts'
import { emptyState, evolve } from '../../shared/core/state.ts'
import type { RunState } from '../../shared/core/state.ts'
import type { SerializedError } from '../../shared/errors.ts'

export const noon = Date.UTC(2026, 0, 1, 12)

export const started: WorkflowStarted = {
  type: 'workflow_started',
  at: noon,
  workflowType: 'order',
  taskQueue: 'default',
  version: 'test',
  requestId: 'request-1',
}

export const failure: SerializedError = { name: 'CardDeclined', message: 'no', code: 'application_error' }

export const rules = { retry: DEFAULT_RETRY, timeouts: { startToCloseMs: 600_000 } }

/** The first events of the calls a run can make, by the seq that names each. */
export const open = {
  activity: {
    type: 'activity_scheduled',
    at: noon,
    seq: 1,
    activityType: 'reserve',
    taskQueue: 'default',
    cancellation: 'wait',
    ...rules,
  },
  step: { type: 'step_scheduled', at: noon, seq: 2, name: 'fetch', ...rules },
  timer: { type: 'timer_started', at: noon, seq: 3, fireAt: noon + 1_000 },
  child: {
    type: 'child_requested',
    at: noon,
    seq: 4,
    workflowId: 'child-1',
    workflowType: 'part',
    parentClosePolicy: 'terminate',
    cancellation: 'wait',
    idReuse: 'allow',
    idConflict: 'fail',
  },
  signal: { type: 'external_signal_requested', at: noon, seq: 5, workflowId: 'other', name: 'paid' },
  cancel: { type: 'external_cancel_requested', at: noon, seq: 6, workflowId: 'other' },
} satisfies Record<string, HistoryEvent>

export function given(...events: HistoryEvent[]): RunState {
  const state = emptyState('order-1', '01RUN')
  for (const event of events) evolve(state, event)
  return state
}

/** A run with one open call of each kind. */
export function busy(...more: HistoryEvent[]): RunState {
  return given(started, ...Object.values(open), ...more)
}
