/** What each recorded command sets going in the shard. */
import { requestCancel } from '../shared/core/attempt.ts'
import type {
  ActivityScheduled,
  ChildRequested,
  CommandEvent,
  HistoryEvent,
  ParentLink,
} from '../shared/core/events.ts'
import { serializeError } from '../shared/core/failure.ts'
import { unreachable } from '../shared/core/unreachable.ts'
import { WorkflowError } from '../shared/errors.ts'
import { requestKey } from './concurrency.ts'
import type { LiveRun } from './live.ts'
import { newTask } from './new-task.ts'
import { endActivity } from './task-end.ts'
import type { Turn } from './turn.ts'

export function recordCommand(turn: Turn, live: LiveRun, event: CommandEvent): void {
  switch (event.type) {
    case 'activity_scheduled':
      scheduleActivity(turn, live, event)
      return
    case 'activity_cancel_requested':
      cancelActivity(turn, live, event.seq)
      return
    case 'step_scheduled':
      scheduleStep(turn, live, event.seq)
      return
    case 'step_cancel_requested':
      cancelStep(turn, live, event.seq)
      return
    case 'timer_started':
      turn.changes.startTimer(live, event.seq, event.fireAt)
      return
    case 'timer_cancelled':
      turn.changes.endTimer(live, event.seq)
      return
    default:
      recordMessage(turn, live, event)
  }
}

type OwnWork = `activity_${string}` | `step_${string}` | `timer_${string}`

/** What reaches other workflows, and what is only recorded. */
function recordMessage(turn: Turn, live: LiveRun, event: Exclude<CommandEvent, { type: OwnWork }>): void {
  switch (event.type) {
    case 'child_requested':
      startChild(turn, live, event)
      return
    case 'child_cancel_requested':
      cancelChild(turn, live, event)
      return
    case 'external_signal_requested':
    case 'external_cancel_requested':
      sendExternal(turn, live, event)
      return
    case 'update_completed':
    case 'update_failed':
    case 'memo_upserted':
    case 'search_attributes_upserted':
    case 'patch_recorded':
    case 'workflow_completed':
    case 'workflow_failed':
    case 'workflow_cancelled':
    case 'workflow_continued_as_new':
      return
    default:
      unreachable(event)
  }
}

function link(turn: Turn, live: LiveRun, seq: number): ParentLink {
  const { workflowId, runId } = live.state
  return { workflowId, runId, shard: turn.world.shard, seq }
}

function scheduleActivity(turn: Turn, live: LiveRun, event: ActivityScheduled): void {
  const { runId } = live.state
  const refusal = refusedActivity(turn, event)
  if (refusal) {
    const end = { kind: 'failed', error: serializeError(refusal) } as const
    turn.input(runId, { type: 'resolve_activity', seq: event.seq, attempt: 1, end })
    return
  }
  const { input } = event
  const task = newTask(live.state, event, turn.now)
  const beside = turn.changes.tasks.size
  const unwritten = turn.world.staysUnwritten(live, { task, input, beside })
  if (unwritten) turn.changes.unwritten.add(runId)
  turn.changes.tasks.set(task.key, {
    task: unwritten ? { ...task, unwritten: { input } } : task,
    created: true,
    input,
    persist: !unwritten,
  })
  requestKey(turn, task)
}

/** Why the activity cannot be run here. It is recorded as its failure, so that a replay under other settings repeats it. */
function refusedActivity(turn: Turn, event: ActivityScheduled): WorkflowError | null {
  const known = turn.world.taskQueues
  if (known.has(event.taskQueue)) return null
  const message = `no task queue ${event.taskQueue} is configured; known: ${[...known.keys()].join(', ') || 'none'}`
  return new WorkflowError('unknown_task_queue', message, { path: 'taskQueue' })
}

/** Ends an activity's attempts because its run asks to cancel it. */
function cancelActivity(turn: Turn, live: LiveRun, seq: number): void {
  const task = turn.task(live.state.runId, seq)
  if (!task) return
  const next = requestCancel(task)
  if (next.kind === 'go_on') turn.changes.setTask(next.task, { persist: true })
  else endActivity(turn, task, { end: next.end })
}

function scheduleStep(turn: Turn, live: LiveRun, seq: number): void {
  turn.changes.steps.push({ live, seq, attempt: 1, dueAt: turn.now, begins: true, name: null })
}

/** Nobody's attempt ends at once; a function under way is told when the turn is committed. */
function cancelStep(turn: Turn, live: LiveRun, seq: number): void {
  const { runId } = live.state
  const attempt = turn.changes.takeStep(live, seq)?.attempt ?? turn.world.waitingStep(runId, seq)
  if (attempt === undefined) return
  turn.input(runId, { type: 'resolve_step', seq, attempt, end: { kind: 'cancelled' } })
}

function startChild(turn: Turn, live: LiveRun, event: ChildRequested): void {
  const { type: _type, at: _at, ...child } = event
  const parent = link(turn, live, event.seq)
  const { taskQueue: parentTaskQueue, version, pinned } = live.coroutine.started
  const pin = pinned ? { parentVersion: version } : {}
  const shard = turn.world.shardOf(event.workflowId)
  turn.send(live.state.runId, shard, { kind: 'start_child', parent, parentTaskQueue, ...pin, child })
}

function cancelChild(
  turn: Turn,
  live: LiveRun,
  event: Extract<CommandEvent, { type: 'child_cancel_requested' }>,
): void {
  const child = live.state.children.get(event.seq)
  // Not known to have started: told when it has, since two messages to a run must not overtake each other's answer.
  if (!child?.started) return
  const to = { workflowId: child.requested.workflowId, runId: child.started.runId }
  turn.send(live.state.runId, child.started.shard, {
    kind: 'close_child',
    to,
    policy: 'cancel',
    reason: event.reason ?? 'cancelled by its parent',
  })
}

/** Sets going what a history that was taken over has left open: work anew, messages once more. */
export function openCalls(turn: Turn, live: LiveRun, history: readonly HistoryEvent[]): void {
  const { activities, externals, steps, timers } = live.state
  for (const [seq, fireAt] of timers) turn.changes.startTimer(live, seq, fireAt)
  for (const [seq, { scheduled, cancelRequested }] of activities) {
    scheduleActivity(turn, live, { ...scheduled, at: turn.now })
    if (cancelRequested) cancelActivity(turn, live, seq)
  }
  // They begin once the run's code is there; until then a row says that none has begun.
  for (const [seq, { scheduled }] of steps)
    turn.changes.steps.push({ live, seq, attempt: 1, dueAt: turn.now, begins: false, name: scheduled.name })
  for (const event of history) {
    const isMessage = event.type === 'external_signal_requested' || event.type === 'external_cancel_requested'
    if (isMessage && externals.has(event.seq)) sendExternal(turn, live, event)
  }
}

/** A child that was cancelled before it was known to have started is told once it has. */
export function cancelLateStart(turn: Turn, live: LiveRun, seq: number): void {
  const child = live.state.children.get(seq)
  if (!child?.cancelRequested || !child.started) return
  const to = { workflowId: child.requested.workflowId, runId: child.started.runId }
  const reason = 'cancelled by its parent'
  turn.send(live.state.runId, child.started.shard, { kind: 'close_child', to, policy: 'cancel', reason })
}

function sendExternal(
  turn: Turn,
  live: LiveRun,
  event: Extract<CommandEvent, { type: 'external_signal_requested' | 'external_cancel_requested' }>,
): void {
  const from = link(turn, live, event.seq)
  const to = { workflowId: event.workflowId, ...(event.runId !== undefined && { runId: event.runId }) }
  const shard = turn.world.shardOf(event.workflowId)
  if (event.type === 'external_signal_requested') {
    const payload = event.payload === undefined ? {} : { payload: event.payload }
    turn.send(from.runId, shard, { kind: 'signal', from, to, name: event.name, ...payload })
    return
  }
  const reason = event.reason === undefined ? {} : { reason: event.reason }
  turn.send(from.runId, shard, { kind: 'cancel', from, to, ...reason })
}
