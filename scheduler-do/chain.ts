/** Runs that take over from each other: the end of one and the start of the next are of one turn, so of one transaction. */
import { continuation, nextAttempt } from '../shared/core/chain.ts'
import type { StartInput } from '../shared/core/chain.ts'
import { failureOf, nextRunOf } from '../shared/core/closing.ts'
import type { Command } from '../shared/core/decide.ts'
import type { HistoryEvent } from '../shared/core/events.ts'
import { serializeError } from '../shared/core/failure.ts'
import { refusalError } from '../shared/refusal.ts'
import type { AnyWorkflow } from '../shared/replay/coroutine.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { Payload } from '../shared/payload.ts'
import { ownerRun, parsePayloadKey, referenceOf, referenceTo, visibleReference } from '../shared/reference.ts'
import { tellOfUnread } from './asked-delay.ts'
import { unfitAttribute } from './attributes.ts'
import { discarded } from './close.ts'
import { attachContent } from './contents.ts'
import type { LiveRun } from './live.ts'
import { storeOutputs } from './output.ts'
import type { Turn } from './turn.ts'
import { asReceived, isSignal, takeParked, unreadOf } from './unheard.ts'

/** The run that takes over, before it exists. */
export interface Successor {
  readonly runId: string
  readonly start: StartInput
  readonly definition: AnyWorkflow
}

/** How a run whose function has ended is closed, and what takes over from it. */
export function endOf(
  turn: Turn,
  live: LiveRun,
  asked: Command,
): { closing: Command; next: Successor | null } {
  const closing = stored(turn, live, admitted(turn, asked))
  const next = successorFor(turn, live, nextStart(turn, live, closing))
  return { closing: next ? withNext(closing, next) : closing, next }
}

/**
 * The event, and what is recorded ahead of it. Where it ends a run that another one takes over from, that one begins,
 * and the event names it.
 */
export function outlived(turn: Turn, live: LiveRun, event: HistoryEvent): HistoryEvent[] {
  if (event.type !== 'workflow_timed_out' && event.type !== 'workflow_terminated') return [event]
  const parked = takeParked(turn, live)
  turn.left.set(live.state.runId, parked)
  const next = event.type === 'workflow_timed_out' ? attemptAfter(turn, live, event) : null
  if (next) {
    beginSuccessor(turn, live, next)
    return [{ ...event, nextRunId: next.runId }]
  }
  if (nextRunOf(event) !== undefined) return [event]
  const unheard = [...unreadOf(turn, live), ...parked.filter(isSignal)]
  return unheard.length > 0 ? [discarded(unheard, event.at), event] : [event]
}

function attemptAfter(
  turn: Turn,
  live: LiveRun,
  event: Extract<HistoryEvent, { type: 'workflow_timed_out' }>,
): Successor | null {
  const failure = event.kind === 'run' && failureOf(event)
  if (!failure) return null
  return successorFor(
    turn,
    live,
    nextAttempt(live.state, failure, { now: turn.now, draw: turn.world.draw() }),
  )
}

/** Brings the next run into the turn, with what the one before leaves to it. */
export function beginSuccessor(turn: Turn, live: LiveRun, { runId, start, definition }: Successor): void {
  const parked = turn.left.get(live.state.runId) ?? []
  const unread = [...unreadOf(turn, live), ...parked.filter(isSignal).map(asReceived)]
  const left = new Set(unread.map(({ signalId }) => signalId))
  const signalIds = start.signalIds?.filter((signalId) => !left.has(signalId)) ?? []
  const input = handedOn(turn, runId, start.input)
  const { input: _, signalIds: _ids, ...facts } = start
  const begun = turn.world.newRun({ workflowId: live.state.workflowId, runId }, definition)
  // What it begins with must be its own object before its code can see it: it is loaded when its time has come.
  begun.folded = turn.world.wary || visibleReference(input) !== null || unread.some(isUnseen)
  turn.adopt(begun, start)
  turn.input(runId, {
    ...facts,
    ...(begun.folded && { firstTurnAt: start.firstTurnAt ?? turn.now }),
    ...(input !== undefined && { input }),
    ...(signalIds.length > 0 && { signalIds }),
  })
  for (const { name, signalId, payload, content } of unread) {
    const own = handedOn(turn, runId, payload)
    const visible = visibleReference(own)
    if (visible) attachContent(visible, content)
    turn.input(runId, { type: 'signal_workflow', name, signalId, ...(own !== undefined && { payload: own }) })
  }
  for (const one of parked) if (one.type === 'request_cancel') turn.input(runId, one)
  const { root, ending } = live.coroutine
  if (!live.state.cancelRequested || ending.continuation?.cancelled !== false) return
  // The request came when the function had ended: the code that can answer it is the next run's.
  const reason = root.cancelled?.reason
  turn.input(runId, { type: 'request_cancel', ...(reason !== undefined && { reason }) })
}

function isUnseen({ payload, content }: { payload: Payload; content: Payload }): boolean {
  return content === undefined && visibleReference(payload) !== null
}

/** A payload as the next run's own: what was an object is copied. */
export function handedOn(turn: Turn, runId: string, payload: Payload): Payload {
  const from = referenceOf(payload)
  const key = from && parsePayloadKey(from.key)
  if (!from || !key || ownerRun(from) === runId) return payload
  const to = referenceTo({ ...key, runId }, { sha256: key.sha256, size: from.size })
  turn.changes.copies.push({ runId, from, to })
  return to
}

function nextStart(turn: Turn, { state }: LiveRun, closing: Command): StartInput | null {
  if (closing.type === 'workflow_continued_as_new') return continuation(state, closing, turn.now)
  if (closing.type !== 'workflow_failed') return null
  const next = nextAttempt(state, closing.error, { now: turn.now, draw: turn.world.draw() })
  if (next) tellOfUnread(closing.error, { workflowType: next.workflowType, runId: state.runId })
  return next
}

/** Runs of an id that take over from each other within one turn; the one after them waits, or the turn would not end. */
const MOST_AT_ONCE = 10
const WAIT_MS = 1_000

function successorFor(turn: Turn, live: LiveRun, start: StartInput | null): Successor | null {
  if (!start) return null
  const { workflowId, runId, lastAt } = live.state
  const chosen = chosenFor(turn, workflowId, start)
  if (!chosen.ok) return null
  const count = (turn.continued.get(workflowId) ?? 0) + 1
  turn.continued.set(workflowId, count)
  const now = Math.max(turn.now, lastAt)
  const firstTurnAt =
    count > MOST_AT_ONCE ? Math.max(start.firstTurnAt ?? 0, now + WAIT_MS) : start.firstTurnAt
  const delay = firstTurnAt === undefined ? {} : { firstTurnAt }
  const { version, definition } = chosen
  const { pinned: _, ...facts } = start
  const pinned = chosen.pinned ? { pinned: true as const } : {}
  return {
    runId: turn.world.newRunIdAfter(runId),
    start: { ...facts, ...delay, ...pinned, version },
    definition,
  }
}

/** A pinned run is followed by runs of its version, for as long as there is one. */
function chosenFor(turn: Turn, workflowId: string, { workflowType, version, pinned }: StartInput) {
  const inherited = pinned ? { inheritedVersion: version } : {}
  return turn.world.versions.choose({ workflowId, workflowType, ...inherited })
}

function withNext(closing: Command, { runId: nextRunId }: Successor): Command {
  if (closing.type === 'workflow_failed' || closing.type === 'workflow_continued_as_new')
    return { ...closing, nextRunId }
  return closing
}

/** What would refuse a start fails the run. */
function admitted(turn: Turn, closing: Command): Command {
  if (closing.type !== 'workflow_continued_as_new') return closing
  const { taskQueues, searchAttributes } = turn.world
  const unfit = unfitAttribute(searchAttributes, closing.searchAttributes)
  if (unfit) return { type: 'workflow_failed', error: serializeError(refusalError(unfit)) }
  if (closing.taskQueue === undefined || taskQueues.has(closing.taskQueue)) return closing
  const known = [...taskQueues.keys()].join(', ') || 'none'
  const message = `no task queue ${closing.taskQueue} is configured; known: ${known}`
  const error = new WorkflowError('unknown_task_queue', message, { path: 'taskQueue' })
  return { type: 'workflow_failed', error: serializeError(error) }
}

function stored(turn: Turn, { state, coroutine }: LiveRun, closing: Command): Command {
  if (!coroutine.sendsLarge && !turn.world.coding) return closing
  return storeOutputs(turn, state.runId, [closing]).commands[0] ?? closing
}
