/** Messages from other shards, and from this one to itself, as inputs of the runs they are for. */
import { serializeError } from '../shared/core/failure.ts'
import type { ParentLink, RunLink } from '../shared/core/events.ts'
import type { Input } from '../shared/core/inputs.ts'
import { unreachable } from '../shared/core/unreachable.ts'
import type { SerializedError } from '../shared/errors.ts'
import type { Delivery } from '../shared/delivery.ts'
import type { Refusal } from '../shared/protocol.ts'
import { refusalError } from '../shared/refusal.ts'
import { applyKey, isOfKey } from './concurrency.ts'
import { hold } from './hold.ts'
import { applyScheduled } from './schedules/moves.ts'
import { startRun } from './start.ts'
import type { StartWorld } from './start.ts'
import { chainAddress, findRun, successorOf } from './target.ts'
import type { Turn } from './turn.ts'

/** Applies one message. Refusals are answered as values, so that nothing blocks the line behind it. */
export function applyDelivery(turn: Turn, world: StartWorld, delivery: Delivery): void {
  if (hold(turn, world, delivery)) return
  if (delivery.kind === 'start_scheduled' || delivery.kind === 'schedule_report') {
    applyScheduled(turn, world, delivery)
    return
  }
  if (isOfKey(delivery)) {
    applyKey(turn, delivery)
    return
  }
  switch (delivery.kind) {
    case 'start_child':
      startChild(turn, world, delivery)
      return
    case 'child_started':
      confirmChild(turn, world, delivery)
      return
    case 'child_start_failed':
    case 'child_closed':
      tellParent(turn, world, delivery)
      return
    case 'signal':
    case 'cancel':
      external(turn, world, delivery)
      return
    case 'external_answered': {
      const { seq, what, error } = delivery
      turn.input(delivery.to.runId, { type: 'resolve_external', seq, what, ...(error && { error }) })
      return
    }
    case 'close_child': {
      const type = delivery.policy === 'terminate' ? 'terminate_workflow' : 'request_cancel'
      turn.input(successorOf(turn, world, delivery.to), { type, reason: delivery.reason })
      return
    }
    default:
      unreachable(delivery)
  }
}

/** The run of which the message needs to know how it ended, if it has. */
export function runAsked(delivery: Delivery): string | undefined {
  const { kind } = delivery
  return kind === 'signal' || kind === 'cancel' || kind === 'child_started' ? delivery.to.runId : undefined
}

function tellParent(
  turn: Turn,
  world: StartWorld,
  delivery: Extract<Delivery, { kind: 'child_start_failed' | 'child_closed' }>,
): void {
  const { to, seq } = delivery
  const parent = parentNow(turn, world, to)
  if (delivery.kind === 'child_start_failed') {
    turn.input(parent.runId, { type: 'refuse_child', seq, error: delivery.error, ...parent.link })
    return
  }
  const { status, result, error } = delivery
  const outcome = { ...(result !== undefined && { result }), ...(error && { error }) }
  turn.input(parent.runId, { type: 'close_child', seq, status, ...outcome, ...parent.link })
}

/** The run that hears what its child's parent was to hear; `link` where another one has taken over from the parent. */
function parentNow(
  turn: Turn,
  world: StartWorld,
  parent: RunLink,
): { runId: string; link: { parentRunId?: string } } {
  const runId = successorOf(turn, world, parent)
  return { runId, link: runId === parent.runId ? {} : { parentRunId: parent.runId } }
}

function startChild(
  turn: Turn,
  world: StartWorld,
  delivery: Extract<Delivery, { kind: 'start_child' }>,
): void {
  const { parent, parentTaskQueue, parentVersion, child, runId } = delivery
  const { seq: _seq, parentClosePolicy, cancellation: _cancellation, retry, ...spec } = child
  // A child of the same call is the same request, however often the message comes.
  const requestId = `child:${parent.runId}/${parent.seq}`
  const own = runId === undefined ? {} : { runId }
  const inherited = {
    inheritedTaskQueue: parentTaskQueue,
    ...(parentVersion !== undefined && { inheritedVersion: parentVersion }),
    ...(retry && { retryRules: retry }),
  }
  const started = startRun(turn, world, { ...spec, ...inherited, ...own, parent, requestId })
  const to = { workflowId: parent.workflowId, runId: parent.runId }
  if (started.ok) {
    const { shard } = turn.world
    const link = { workflowId: child.workflowId, runId: started.runId }
    turn.send(started.runId, parent.shard, {
      kind: 'child_started',
      to,
      seq: parent.seq,
      child: link,
      shard,
      parentClosePolicy,
    })
    return
  }
  const error = errorOf(started, child.workflowId)
  turn.send('', parent.shard, { kind: 'child_start_failed', to, seq: parent.seq, error })
}

/**
 * A parent that closed before it knew of its child still owes it the end that its policy says, even when the parent has
 * left for the archive meanwhile.
 */
function confirmChild(
  turn: Turn,
  world: StartWorld,
  delivery: Extract<Delivery, { kind: 'child_started' }>,
): void {
  const { to, seq, child, shard, parentClosePolicy: policy } = delivery
  const { runId, link } = parentNow(turn, world, to)
  const input: Input = { type: 'confirm_child', seq, runId: child.runId, shard, ...link }
  turn.input(runId, input, ({ kind }) => {
    const state = turn.held(runId)?.state
    const closed = state ? state.closed : world.run(to.workflowId, runId)?.closed
    if (kind !== 'nothing' || !closed || state?.children.get(seq)?.started || policy === 'abandon') return
    turn.send(runId, shard, { kind: 'close_child', to: child, policy, reason: 'its parent closed' })
  })
}

function external(
  turn: Turn,
  world: StartWorld,
  delivery: Extract<Delivery, { kind: 'signal' | 'cancel' }>,
): void {
  const { from, to, kind } = delivery
  const found = findRun(turn, world, chainAddress(to))
  if (!found.ok) {
    answer(turn, '', { from, what: kind, error: errorOf(found, to.workflowId) })
    return
  }
  const signalId = `external:${from.runId}/${from.seq}`
  if (kind === 'signal') {
    const { name, payload } = delivery
    turn.input(found.runId, {
      type: 'signal_workflow',
      name,
      signalId,
      ...(payload !== undefined && { payload }),
    })
  } else {
    const { reason } = delivery
    turn.input(found.runId, { type: 'request_cancel', ...(reason !== undefined && { reason }) })
  }
  answer(turn, found.runId, { from, what: kind })
}

/** `by` is the run that was meant; empty where there is none. */
function answer(
  turn: Turn,
  by: string,
  { from, ...outcome }: { from: ParentLink; what: 'signal' | 'cancel'; error?: SerializedError },
): void {
  const to = { workflowId: from.workflowId, runId: from.runId }
  turn.send(by, from.shard, { kind: 'external_answered', to, seq: from.seq, ...outcome })
}

function errorOf(refusal: Refusal, workflowId: string): SerializedError {
  return serializeError(refusalError(refusal, workflowId))
}
