/**
 * How a chain of runs goes on: what a run that ends hands to the one that takes over. Pure: the caller passes the time,
 * the new run's id and, for jitter, a number from [0, 1).
 *
 * K1 All runs of a chain have one workflow id, and the execution deadline is the chain's: no run moves it.
 * K2 A run has at most one successor. One that completed or was cancelled, and the execution deadline, end the chain.
 * K3 What a run was told and its code did not take goes to its successor: signals, and children that outlive it.
 */
import type { SerializedError } from '../errors.ts'
import type { CarriedChild, ChainCommandEvent, ChainLinks } from './chain-events.ts'
import type { WorkflowStarted } from './events.ts'
import type { Input } from './inputs.ts'
import { askedDelayMs, isNonRetryable, nextDelayMs } from './retry.ts'
import type { RetryRules } from './retry.ts'
import { carriedKey } from './state.ts'
import type { RunState } from './state.ts'

export type StartInput = Extract<Input, { type: 'start_workflow' }>

/** Epoch ms by which a run must have ended; undefined without a timeout. */
export function deadlineOf(started: WorkflowStarted): number | undefined {
  const at = Math.min(started.executionDeadlineAt ?? Infinity, runDeadline(started))
  return at === Infinity ? undefined : at
}

/** The timeout of a run that passes first. */
export function timedOutBy(started: WorkflowStarted): 'execution' | 'run' {
  return (started.executionDeadlineAt ?? Infinity) <= runDeadline(started) ? 'execution' : 'run'
}

function runDeadline({ at, firstTurnAt, resetAt, runTimeoutMs }: WorkflowStarted): number {
  return runTimeoutMs === undefined ? Infinity : (resetAt ?? firstTurnAt ?? at) + runTimeoutMs
}

/** Epoch ms when a run began: where its history begins with that of another one, when it took it over. */
export function beganAt({ at, resetAt }: WorkflowStarted): number {
  return resetAt ?? at
}

type ContinuedAsNew = Extract<ChainCommandEvent, { type: 'workflow_continued_as_new' }>

/** The start of the run that continues `state` as new. */
export function continuation(
  state: RunState,
  asked: Omit<ContinuedAsNew, 'at'>,
  now: number,
): StartInput | null {
  const { started } = state
  if (!started) return null
  const { input: _, attempt: _attempt, ...kept } = successor(state, started)
  const children = carriedChildren(state)
  const { input, taskQueue, runTimeoutMs, startDelayMs, retry, memo, searchAttributes } = asked
  return {
    ...kept,
    ...(input !== undefined && { input }),
    ...(taskQueue !== undefined && { taskQueue }),
    ...(runTimeoutMs !== undefined && { runTimeoutMs }),
    ...(retry && { retry }),
    ...(memo && { memo }),
    ...(searchAttributes && { searchAttributes }),
    ...(startDelayMs !== undefined && { firstTurnAt: Math.max(now, state.lastAt) + startDelayMs }),
    ...(children.length > 0 && { children }),
  }
}

/** The start of the attempt after a run that failed or ran out of its own time; null when there is none. */
export function nextAttempt(
  state: RunState,
  failure: SerializedError,
  { now, draw }: { now: number; draw: number },
): StartInput | null {
  const { started } = state
  if (!started?.retry) return null
  const attempt = started.attempt ?? 1
  if (isLast(started.retry, attempt) || isNonRetryable(started.retry, failure)) return null
  const delayMs = askedDelayMs(failure) ?? nextDelayMs(started.retry, attempt, draw)
  const firstTurnAt = Math.max(now, state.lastAt) + delayMs
  if (firstTurnAt >= (started.executionDeadlineAt ?? Infinity)) return null
  return { ...successor(state, started), attempt: attempt + 1, firstTurnAt }
}

function isLast({ maxAttempts }: RetryRules, attempt: number): boolean {
  return maxAttempts !== undefined && attempt >= maxAttempts
}

/** How many signals, and updates, of the runs before it a run knows: senders repeat what they have just sent. */
const KNOWN_MESSAGES = 100

/** Everything of a run's start that holds for the next run, too. */
function successor(state: RunState, started: WorkflowStarted): StartInput {
  const { type: _type, at: _at, children: _children, signalIds: _ids, firstTurnAt: _first, ...rest } = started
  // Of this run alone, or as they are by now.
  const { resetAt: _reset, startBytes: _bytes, seed: _seed, ...shared } = rest
  const { memo: _memo, searchAttributes: _attributes, ...kept } = shared
  const links: ChainLinks = { firstRunId: firstRunOf(state), previousRunId: state.runId }
  const signalIds = [...state.signalIds].slice(-KNOWN_MESSAGES)
  const own = Array.from(state.updates.keys(), (updateId) => ({ updateId, runId: state.runId }))
  const updates = [...(started.updates ?? []), ...own].slice(-KNOWN_MESSAGES)
  const { memo, searchAttributes } = state
  return {
    ...kept,
    ...links,
    ...(Object.keys(memo).length > 0 && { memo }),
    ...(Object.keys(searchAttributes).length > 0 && { searchAttributes }),
    type: 'start_workflow',
    ...(signalIds.length > 0 && { signalIds }),
    ...(updates.length > 0 && { updates }),
  }
}

/** The run that the chain of this one began with. */
export function firstRunOf(state: RunState): string {
  return state.started?.firstRunId ?? state.runId
}

/** Children outlive a run that continues as new; they end with its chain. */
function carriedChildren(state: RunState): CarriedChild[] {
  const carried = new Map(state.carried)
  for (const [seq, { requested, started }] of state.children) {
    const { workflowId, parentClosePolicy } = requested
    if (parentClosePolicy === 'abandon') continue
    const child = {
      parentRunId: state.runId,
      seq,
      workflowId,
      parentClosePolicy,
      ...(started && { started }),
    }
    carried.set(carriedKey(child), child)
  }
  return [...carried.values()]
}
