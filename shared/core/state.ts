/**
 * The state of a run as a fold of its history: what is open, and what has been seen.
 *
 * S1 `evolve` is deterministic and total: the same history gives the same state, wherever it is folded.
 * S2 A state belongs to the one fold that made it and is updated in place: copying it per event would make a run
 *    with 2,000 open calls quadratic. Whoever abandons a turn drops the state and folds anew.
 */
import type { CarriedChild } from './chain-events.ts'
import type {
  ActivityScheduled,
  ChildRequested,
  ClosedStatus,
  HistoryEvent,
  ParentLink,
  UpdateEnd,
  WorkflowStarted,
} from './events.ts'
import { closedStatus } from './events.ts'
import type { OpenStep } from './step.ts'
import { upserted } from './fields.ts'
import type { Fields } from './fields.ts'
import { unreachable } from './unreachable.ts'

interface OpenActivity {
  scheduled: ActivityScheduled
  cancelRequested: boolean
}

interface OpenChild {
  requested: ChildRequested
  /** Known once the child durably exists. */
  started: { runId: string; shard: number } | null
  cancelRequested: boolean
  /** The run that asked for it, where that is not this one: its history was taken over. */
  from?: string
}

export interface RunState {
  readonly workflowId: string
  readonly runId: string
  /** Null until the first event. */
  started: WorkflowStarted | null
  closed: ClosedStatus | null
  lastEventId: number
  /** Time of the last event: a run's clock never goes back. */
  lastAt: number
  cancelRequested: boolean
  paused: boolean
  readonly activities: Map<number, OpenActivity>
  readonly steps: Map<number, OpenStep>
  /** By call; number 0 is the delay of the first turn. */
  readonly timers: Map<number, number>
  readonly children: Map<number, OpenChild>
  /** Children of earlier runs of the chain, by `carriedKey`. */
  readonly carried: Map<string, CarriedChild>
  readonly externals: Map<number, 'signal' | 'cancel'>
  /** Ids of every signal received, so that a repeated one is recognised. */
  readonly signalIds: Set<string>
  memo: Fields
  searchAttributes: Fields
  /** Every update accepted, and how its handler ended; null: it has not. */
  readonly updates: Map<string, UpdateEnd | null>
  updatesInFlight: number
  /** Updates that earlier runs of the chain have accepted, by the run that did. */
  readonly pastUpdates: Map<string, string>
}

const MAX_UPDATES_IN_FLIGHT = 10

/** Whether the run, or one before it, has accepted the update. */
export function knowsUpdate(state: RunState, updateId: string): boolean {
  return state.updates.has(updateId) || state.pastUpdates.has(updateId)
}

/** Whether the run takes no more updates until the handler of one has ended. */
export function updatesFull(state: RunState): boolean {
  return state.updatesInFlight >= MAX_UPDATES_IN_FLIGHT
}

export function emptyState(workflowId: string, runId: string): RunState {
  return {
    workflowId,
    runId,
    started: null,
    closed: null,
    lastEventId: 0,
    lastAt: 0,
    cancelRequested: false,
    paused: false,
    activities: new Map(),
    steps: new Map(),
    timers: new Map(),
    children: new Map(),
    carried: new Map(),
    externals: new Map(),
    signalIds: new Set(),
    memo: {},
    searchAttributes: {},
    updates: new Map(),
    updatesInFlight: 0,
    pastUpdates: new Map(),
  }
}

export function parentOf(state: RunState): ParentLink | undefined {
  return state.started?.parent
}

export function carriedKey({ parentRunId, seq }: { parentRunId: string; seq: number }): string {
  return `${parentRunId}/${seq}`
}

/** Folds one event into the state and returns it. */
export function evolve(state: RunState, event: HistoryEvent): RunState {
  state.lastEventId += 1
  state.lastAt = event.at
  apply(state, event)
  return state
}

function apply(state: RunState, event: HistoryEvent): void {
  switch (event.type) {
    case 'workflow_started':
      begin(state, event)
      return
    case 'start_delay_elapsed':
      state.timers.delete(FIRST_TURN)
      return
    case 'workflow_completed':
    case 'workflow_failed':
    case 'workflow_cancelled':
    case 'workflow_terminated':
    case 'workflow_timed_out':
    case 'workflow_continued_as_new':
      state.closed = closedStatus(event.type)
      return
    case 'workflow_cancel_requested':
      state.cancelRequested = true
      return
    case 'workflow_reset':
      for (const child of state.children.values()) child.from ??= event.runId
      return
    case 'workflow_paused':
    case 'workflow_resumed':
      state.paused = event.type === 'workflow_paused'
      return
    case 'patch_recorded':
    case 'signals_discarded':
      return
    default:
      applyMessage(state, event)
  }
}

type MessageEvent = Extract<
  HistoryEvent,
  { seq: number } | { type: `update_${string}` | `${string}_upserted` | 'signal_received' }
>

/** What reaches the run, and what it says of itself. */
function applyMessage(state: RunState, event: MessageEvent): void {
  switch (event.type) {
    case 'signal_received':
      state.signalIds.add(event.signalId)
      return
    case 'update_accepted':
    case 'update_completed':
    case 'update_failed':
      applyUpdate(state, event)
      return
    case 'memo_upserted':
      state.memo = upserted(state.memo, event.memo)
      return
    case 'search_attributes_upserted':
      state.searchAttributes = upserted(state.searchAttributes, event.searchAttributes)
      return
    case 'carried_child_started':
    case 'carried_child_closed':
      applyCarried(state, event)
      return
    default:
      applyCall(state, event)
  }
}

/** The timer that a delayed run begins with: calls are numbered from 1. */
export const FIRST_TURN = 0

function begin(state: RunState, started: WorkflowStarted): void {
  state.started = started
  state.memo = started.memo ?? {}
  state.searchAttributes = started.searchAttributes ?? {}
  if (started.firstTurnAt !== undefined) state.timers.set(FIRST_TURN, started.firstTurnAt)
  for (const child of started.children ?? []) state.carried.set(carriedKey(child), child)
  for (const signalId of started.signalIds ?? []) state.signalIds.add(signalId)
  for (const { updateId, runId } of started.updates ?? []) state.pastUpdates.set(updateId, runId)
}

function applyUpdate(state: RunState, event: Extract<HistoryEvent, { type: `update_${string}` }>): void {
  const ended = event.type !== 'update_accepted'
  state.updates.set(event.updateId, ended ? event : null)
  state.updatesInFlight += ended ? -1 : 1
}

type CarriedEvent = Extract<HistoryEvent, { type: `carried_${string}` }>

function applyCarried(state: RunState, event: CarriedEvent): void {
  const key = carriedKey(event)
  const child = state.carried.get(key)
  if (!child) return
  if (event.type === 'carried_child_closed') state.carried.delete(key)
  else state.carried.set(key, { ...child, started: { runId: event.runId, shard: event.shard } })
}

type CallEvent = Exclude<Extract<HistoryEvent, { seq: number }>, CarriedEvent>

function applyCall(state: RunState, event: CallEvent): void {
  switch (event.type) {
    case 'timer_started':
      state.timers.set(event.seq, event.fireAt)
      return
    case 'timer_fired':
    case 'timer_cancelled':
      state.timers.delete(event.seq)
      return
    case 'step_scheduled':
      state.steps.set(event.seq, { scheduled: event, cancelRequested: false })
      return
    case 'step_cancel_requested':
      requestCancel(state.steps.get(event.seq))
      return
    case 'step_completed':
    case 'step_failed':
    case 'step_cancelled':
      state.steps.delete(event.seq)
      return
    case 'external_signal_requested':
      state.externals.set(event.seq, 'signal')
      return
    case 'external_cancel_requested':
      state.externals.set(event.seq, 'cancel')
      return
    case 'external_signal_delivered':
    case 'external_signal_failed':
    case 'external_cancel_delivered':
    case 'external_cancel_failed':
      state.externals.delete(event.seq)
      return
    default:
      applyOwned(state, event)
  }
}

type OwnedEvent = Extract<CallEvent, { type: `activity_${string}` | `child_${string}` }>

/** Activities and children: what the run started elsewhere and still owns. */
function applyOwned(state: RunState, event: OwnedEvent): void {
  switch (event.type) {
    case 'activity_scheduled':
      state.activities.set(event.seq, { scheduled: event, cancelRequested: false })
      return
    case 'activity_cancel_requested':
      requestCancel(state.activities.get(event.seq))
      return
    case 'activity_completed':
    case 'activity_failed':
    case 'activity_timed_out':
    case 'activity_cancelled':
      state.activities.delete(event.seq)
      return
    case 'child_requested':
      state.children.set(event.seq, { requested: event, started: null, cancelRequested: false })
      return
    case 'child_started': {
      const child = state.children.get(event.seq)
      if (child) child.started = { runId: event.runId, shard: event.shard }
      return
    }
    case 'child_cancel_requested':
      requestCancel(state.children.get(event.seq))
      return
    case 'child_start_failed':
    case 'child_completed':
    case 'child_failed':
    case 'child_cancelled':
    case 'child_timed_out':
    case 'child_terminated':
      state.children.delete(event.seq)
      return
    default:
      unreachable(event)
  }
}

function requestCancel(call: { cancelRequested: boolean } | undefined): void {
  if (call) call.cancelRequested = true
}
