/**
 * Paused runs. What comes for one is parked, as for a blocked run, and fed in order when it is resumed. Its timers stay
 * rows, and those that are due by then fire at once.
 */
import { inputPayload } from '../shared/core/inputs.ts'
import type { Input } from '../shared/core/inputs.ts'
import { FIRST_TURN } from '../shared/core/state.ts'
import { visibleReference } from '../shared/reference.ts'
import { seenPayload } from './contents.ts'
import type { LiveRun } from './live.ts'
import type { Turn } from './turn.ts'

/** What its code is not asked about. */
const PASSES: ReadonlySet<Input['type']> = new Set([
  'terminate_workflow',
  'time_out_workflow',
  'pause_workflow',
  'resume_workflow',
])

/** What the code of a run that has not begun would answer at once. */
const BEGINS: ReadonlySet<Input['type']> = new Set(['request_cancel', 'end_start_delay'])

/** Whether the input has to wait. One of a run that has just been resumed may: for what waits already. */
export function mustWait(turn: Turn, { state, folded }: LiveRun, input: Input): boolean {
  if (state.closed) return false
  if (turn.changes.awaiting.has(state.runId)) return true
  if (folded && state.timers.has(FIRST_TURN) && BEGINS.has(input.type)) return true
  return state.paused && !PASSES.has(input.type)
}

/** A timer stays a row while its run is paused: it is looked at when the run is resumed. */
export function isLeft({ state }: LiveRun, input: Input): boolean {
  return state.paused && input.type === 'fire_timer'
}

/** Steps and activities that have ended while their run stood: what they ended with waits, and they are not begun anew. */
export function parkedEnds(parked: readonly Input[]): Set<number> {
  return new Set(
    parked.flatMap((input) =>
      input.type === 'resolve_step' || input.type === 'resolve_activity' ? [input.seq] : [],
    ),
  )
}

/** What is fed to a run that is resumed. Where its payloads must be read from R2 first: nothing, until it is rebuilt. */
export function resumedInputs(turn: Turn, live: LiveRun): Input[] {
  const { runId, timers } = live.state
  const { changes, world } = turn
  const committed = changes.unparked.has(runId) ? [] : world.parked(runId)
  if (committed.some(isUnread)) {
    live.folded = true
    changes.awaiting.add(runId)
    return []
  }
  changes.unparked.add(runId)
  const inOrder = [...timers].toSorted(([, one], [, other]) => one - other)
  // One that fell due before the clock was set back was left then, and is not looked at any more.
  for (const [seq, fireAt] of inOrder) if (fireAt > turn.now) changes.awaitTimer(live, seq, fireAt)
  const due = inOrder.filter(([, fireAt]) => fireAt <= turn.now)
  const fired = due.map(([seq]) => ({ type: 'fire_timer', seq }) as const)
  return [...committed, ...changes.takeParked(runId), ...fired]
}

function isUnread(input: Input): boolean {
  const needed = visibleReference(inputPayload(input))
  return needed !== null && seenPayload(needed) === undefined
}
