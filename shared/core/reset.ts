/**
 * A run made from the history of another one. It takes over the events up to a point; its code is replayed over them, and
 * goes on from there as it is today. What the old run recorded behind the point did not happen to the new one.
 *
 * Z1 The history taken over is the old one's, event by event, so that code that fits it takes the same course.
 * Z2 Signals received behind the point are received again, in order; children from before the point stay the run's own.
 */
import { carriedKey } from './state.ts'
import type { RunState } from './state.ts'
import { closedStatus, isCommandEvent, isFed } from './events.ts'
import type { HistoryEvent, WorkflowStarted } from './events.ts'
import type { Input } from './inputs.ts'
import { unreachable } from './unreachable.ts'

export interface ResetTo {
  /** The last event kept. */
  toEvent?: number
  /** Run this activity or step again: by its id, or the last one of its name. */
  toActivity?: string
}

export type ResetPoint = { ok: true; eventId: number } | { ok: false; path: string; problem: string }

/** The last event kept of `events`. */
export function resetPoint(events: readonly HistoryEvent[], { toEvent, toActivity }: ResetTo): ResetPoint {
  // What the end discards is part of it.
  const end = events.findIndex(({ type }) => closedStatus(type) !== null || type === 'signals_discarded')
  const last = end < 0 ? events.length : end
  if (toActivity === undefined) {
    if (toEvent !== undefined && toEvent >= 1 && toEvent <= last) return { ok: true, eventId: toEvent }
    return { ok: false, path: 'toEvent', problem: `an event of the run before its end, from 1 to ${last}` }
  }
  const scheduled = events.findLastIndex((event) => isCall(event, toActivity))
  if (scheduled > 0) return { ok: true, eventId: scheduled }
  return { ok: false, path: 'toActivity', problem: 'the id or the name of an activity or step of the run' }
}

function isCall(event: HistoryEvent, called: string): boolean {
  if (event.type === 'step_scheduled') return event.name === called
  if (event.type !== 'activity_scheduled') return false
  return event.activityType === called || called.endsWith(`/${event.seq}`)
}

export interface Reset {
  /** The run that the history is of. */
  from: string
  runId: string
  eventId: number
  reason: string
  requestId: string
  now: number
}

/** The history that the new run begins with. */
export function resetHistory(events: readonly HistoryEvent[], reset: Reset): HistoryEvent[] {
  const { from, runId, eventId, reason, now } = reset
  const [started, ...kept] = events.slice(0, eventId)
  if (started?.type !== 'workflow_started') return []
  const at = Math.max(now, events[eventId - 1]?.at ?? now)
  const callsKept = callsBehind([started, ...kept])
  return [
    begin(started, reset),
    ...kept,
    { type: 'workflow_reset', at, runId: from, toEvent: eventId, seed: runId, callsKept, reason },
  ]
}

/** Behind the last event that is fed to the code. */
function callsBehind(history: readonly HistoryEvent[]): number {
  return history.slice(history.findLastIndex(isFed) + 1).filter(isCommandEvent).length
}

function begin(started: WorkflowStarted, { from, requestId, now }: Reset): WorkflowStarted {
  const { executionDeadlineAt, firstRunId = from, seed = from } = started
  const timeoutMs =
    executionDeadlineAt === undefined ? undefined : executionDeadlineAt - (started.resetAt ?? started.at)
  return {
    ...started,
    requestId,
    firstRunId,
    seed,
    previousRunId: from,
    resetAt: now,
    startBytes: started.startBytes ?? JSON.stringify(started).length,
    ...(timeoutMs !== undefined && { executionDeadlineAt: now + timeoutMs }),
  }
}

/** What the new run hears of that the old one recorded behind the point. */
export function heardAgain(state: RunState, later: readonly HistoryEvent[]): Input[] {
  return later.map((event) => again(state, event)).filter((input) => input !== null)
}

/** What the new run hears of that the old one had yet to hear when it ended. */
export function leftTo(state: RunState, parked: readonly Input[]): Input[] {
  return parked.map((input) => parkedAgain(state, input)).filter((input) => input !== null)
}

function parkedAgain(state: RunState, input: Input): Input | null {
  if (input.type === 'signal_workflow') return input
  if (input.type !== 'confirm_child' && input.type !== 'refuse_child' && input.type !== 'close_child')
    return null
  if (input.parentRunId !== undefined) return input
  const parentRunId = state.children.get(input.seq)?.from
  return parentRunId === undefined ? null : { ...input, parentRunId }
}

function again(state: RunState, event: HistoryEvent): Input | null {
  if (event.type === 'signal_received') {
    const { name, payload, signalId } = event
    return { type: 'signal_workflow', name, signalId, ...(payload !== undefined && { payload }) }
  }
  if (event.type === 'carried_child_started' || event.type === 'carried_child_closed')
    return carriedAgain(state, event)
  return isChildOutcome(event) ? childAgain(state, event) : null
}

type CarriedEvent = Extract<HistoryEvent, { type: `carried_${string}` }>

function carriedAgain(state: RunState, event: CarriedEvent): Input | null {
  if (!state.carried.has(carriedKey(event))) return null
  const { parentRunId, seq } = event
  if (event.type === 'carried_child_closed')
    return { type: 'close_child', parentRunId, seq, status: 'completed' }
  return { type: 'confirm_child', parentRunId, seq, runId: event.runId, shard: event.shard }
}

type ChildOutcome = Extract<
  HistoryEvent,
  {
    type: `child_${'started' | 'start_failed' | 'completed' | 'failed' | 'cancelled' | 'timed_out' | 'terminated'}`
  }
>

function isChildOutcome(event: HistoryEvent): event is ChildOutcome {
  return event.type.startsWith('child_') && !event.type.endsWith('_requested')
}

function childAgain(state: RunState, event: ChildOutcome): Input | null {
  const { seq } = event
  const parentRunId = state.children.get(seq)?.from
  if (parentRunId === undefined) return null
  switch (event.type) {
    case 'child_started':
      return { type: 'confirm_child', seq, parentRunId, runId: event.runId, shard: event.shard }
    case 'child_start_failed':
      return { type: 'refuse_child', seq, parentRunId, error: event.error }
    case 'child_completed': {
      const result = event.result === undefined ? {} : { result: event.result }
      return { type: 'close_child', seq, parentRunId, status: 'completed', ...result }
    }
    case 'child_failed':
      return { type: 'close_child', seq, parentRunId, status: 'failed', error: event.error }
    case 'child_cancelled':
      return { type: 'close_child', seq, parentRunId, status: 'cancelled', error: event.error }
    case 'child_timed_out':
      return { type: 'close_child', seq, parentRunId, status: 'timed_out', error: event.error }
    case 'child_terminated':
      return { type: 'close_child', seq, parentRunId, status: 'terminated', error: event.error }
    default:
      return unreachable(event)
  }
}
