/**
 * What comes of an input: the events to record, or none. Guards first; `[]` is a real answer, since inputs come
 * twice, late and after the close, and here is where that ends.
 *
 * D1 `decide` never throws and never looks at anything but its arguments.
 * D2 Times it stamps never go back: `at` is the later of `now` and the run's last event.
 */
import type { SerializedError } from '../errors.ts'
import { timedOutBy } from './chain.ts'
import type { ChildFailureType, CommandEvent, HistoryEvent } from './events.ts'
import type { EndStatus } from './closing.ts'
import type { Input } from './inputs.ts'
import { carriedKey, FIRST_TURN, knowsUpdate, updatesFull } from './state.ts'
import type { RunState } from './state.ts'
import { unreachable } from './unreachable.ts'

export function decide(state: RunState, input: Input, now: number): HistoryEvent[] {
  const at = Math.max(now, state.lastAt)
  if (input.type === 'start_workflow') {
    if (state.started) return []
    const { type: _, ...started } = input
    return [{ type: 'workflow_started', at, ...started }]
  }
  if (!state.started || state.closed) return []
  if (input.type === 'time_out_workflow')
    return [{ type: 'workflow_timed_out', at, kind: timedOutBy(state.started) }]
  return decideOpen(state, input, at)
}

type OpenInput = Exclude<Input, { type: 'start_workflow' | 'time_out_workflow' }>

function decideOpen(state: RunState, input: OpenInput, at: number): HistoryEvent[] {
  switch (input.type) {
    case 'signal_workflow': {
      if (state.signalIds.has(input.signalId)) return []
      const { name, payload, signalId } = input
      return [{ type: 'signal_received', at, name, signalId, ...(payload !== undefined && { payload }) }]
    }
    case 'update_workflow': {
      if (input.refusal || knowsUpdate(state, input.updateId) || updatesFull(state)) return []
      const { updateId, name, args } = input
      return [{ type: 'update_accepted', at, updateId, name, ...(args !== undefined && { args }) }]
    }
    case 'request_cancel':
      if (state.cancelRequested) return []
      return [{ type: 'workflow_cancel_requested', at, ...reasonOf(input) }]
    case 'terminate_workflow':
      return [terminated(input, at)]
    case 'pause_workflow':
    case 'resume_workflow':
      return decidePause(state, input, at)
    case 'end_start_delay':
      return endDelay(state, at)
    case 'resolve_activity':
      return state.activities.has(input.seq) ? [activityEnd(input, at)] : []
    case 'resolve_step':
      return state.steps.has(input.seq) ? [stepEnd(input, at)] : []
    case 'fire_timer':
      if (!state.timers.has(input.seq)) return []
      if (input.seq === FIRST_TURN) return [{ type: 'start_delay_elapsed', at }]
      return [{ type: 'timer_fired', at, seq: input.seq }]
    case 'confirm_child':
    case 'refuse_child':
    case 'close_child':
      return decideChild(state, input, at)
    case 'resolve_external':
      return state.externals.get(input.seq) === input.what ? [externalEnd(input, at)] : []
    default:
      return unreachable(input)
  }
}

/** The events that record what the workflow code asked for: a command is the event it becomes, less its time. */
export function record(state: RunState, commands: readonly Command[], now: number): CommandEvent[] {
  const at = Math.max(now, state.lastAt)
  return commands.map((command) => ({ ...command, at }))
}

type WithoutTime<E> = E extends CommandEvent ? Omit<E, 'at'> : never
export type Command = WithoutTime<CommandEvent>

function terminated(input: Extract<Input, { type: 'terminate_workflow' }>, at: number): HistoryEvent {
  const { nextRunId } = input
  return {
    type: 'workflow_terminated',
    at,
    ...reasonOf(input),
    ...(nextRunId !== undefined && { nextRunId }),
  }
}

function decidePause(
  state: RunState,
  input: Extract<Input, { type: 'pause_workflow' | 'resume_workflow' }>,
  at: number,
): HistoryEvent[] {
  if (input.type === 'pause_workflow')
    return state.paused ? [] : [{ type: 'workflow_paused', at, ...reasonOf(input) }]
  return state.paused ? [{ type: 'workflow_resumed', at }] : []
}

/** The back-off of a retry is not a start's to end. */
function endDelay(state: RunState, at: number): HistoryEvent[] {
  if (!state.timers.has(FIRST_TURN) || state.started?.attempt !== undefined) return []
  return [{ type: 'start_delay_elapsed', at }]
}

function reasonOf(input: { reason?: string }): { reason?: string } {
  return input.reason === undefined ? {} : { reason: input.reason }
}

function resultOf<P>(input: { result?: P }): { result?: P } {
  return input.result === undefined ? {} : { result: input.result }
}

function activityEnd(input: Extract<Input, { type: 'resolve_activity' }>, at: number): HistoryEvent {
  const { seq, attempt, end } = input
  switch (end.kind) {
    case 'completed':
      return { type: 'activity_completed', at, seq, attempt, ...resultOf(end) }
    case 'failed':
      return { type: 'activity_failed', at, seq, attempt, error: end.error }
    case 'timed_out': {
      const lastFailure = end.lastFailure && { lastFailure: end.lastFailure }
      return { type: 'activity_timed_out', at, seq, attempt, kind: end.timeout, ...lastFailure }
    }
    case 'cancelled':
      return { type: 'activity_cancelled', at, seq, attempt }
    default:
      return unreachable(end)
  }
}

function stepEnd(input: Extract<Input, { type: 'resolve_step' }>, at: number): HistoryEvent {
  const { seq, attempt, end } = input
  if (end.kind === 'failed') return { type: 'step_failed', at, seq, attempt, error: end.error }
  if (end.kind === 'cancelled') return { type: 'step_cancelled', at, seq, attempt }
  return { type: 'step_completed', at, seq, attempt, ...resultOf(end) }
}

type ChildInput = Extract<Input, { type: 'confirm_child' | 'refuse_child' | 'close_child' }>

function decideChild(state: RunState, input: ChildInput, at: number): HistoryEvent[] {
  const { parentRunId } = input
  const child = state.children.get(input.seq)
  if (parentRunId !== child?.from && parentRunId !== undefined)
    return decideCarried(state, { ...input, parentRunId }, at)
  if (!child || parentRunId !== child.from) return []
  switch (input.type) {
    case 'confirm_child':
      if (child.started) return []
      return [{ type: 'child_started', at, seq: input.seq, runId: input.runId, shard: input.shard }]
    case 'refuse_child':
      if (child.started) return []
      return [{ type: 'child_start_failed', at, seq: input.seq, error: input.error }]
    case 'close_child':
      return [childEnd(input, at)]
    default:
      return unreachable(input)
  }
}

function decideCarried(
  state: RunState,
  input: ChildInput & { parentRunId: string },
  at: number,
): HistoryEvent[] {
  const child = state.carried.get(carriedKey(input))
  if (!child) return []
  const { parentRunId, seq } = input
  if (input.type !== 'confirm_child') return [{ type: 'carried_child_closed', at, parentRunId, seq }]
  if (child.started) return []
  const { runId, shard } = input
  return [{ type: 'carried_child_started', at, parentRunId, seq, runId, shard }]
}

const CHILD_FAILURE: Record<Exclude<EndStatus, 'completed'>, ChildFailureType> = {
  failed: 'child_failed',
  cancelled: 'child_cancelled',
  terminated: 'child_terminated',
  timed_out: 'child_timed_out',
}

function childEnd(input: Extract<Input, { type: 'close_child' }>, at: number): HistoryEvent {
  if (input.status === 'completed') return { type: 'child_completed', at, seq: input.seq, ...resultOf(input) }
  const error: SerializedError = input.error ?? {
    name: 'WorkflowError',
    message: input.status,
    code: 'internal',
  }
  return { type: CHILD_FAILURE[input.status], at, seq: input.seq, error }
}

function externalEnd(input: Extract<Input, { type: 'resolve_external' }>, at: number): HistoryEvent {
  const { seq, what, error } = input
  if (error) return { type: `external_${what}_failed`, at, seq, error }
  return { type: `external_${what}_delivered`, at, seq }
}
