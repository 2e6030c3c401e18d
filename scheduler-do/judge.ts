/** What the run's own code says of an update before it is decided. */
import type { Input, UpdateRefusal } from '../shared/core/inputs.ts'
import { FIRST_TURN, knowsUpdate, updatesFull } from '../shared/core/state.ts'
import { moved } from './arrive.ts'
import { seenPayload } from './contents.ts'
import type { LiveRun } from './live.ts'

/** The input with the verdict of the run's code, which is asked once for each update. */
export function judged(live: LiveRun, input: Input, now: number): Input {
  const { state } = live
  if (input.type !== 'update_workflow' || !state.started || state.closed) return input
  if (knowsUpdate(state, input.updateId)) return input
  const refusal = refused(live, input, now)
  return refusal ? { ...input, refusal } : input
}

function refused(
  { state, coroutine, folded }: LiveRun,
  { name, args }: Extract<Input, { type: 'update_workflow' }>,
  now: number,
): UpdateRefusal | null {
  const beginsAt = state.timers.get(FIRST_TURN)
  if (folded || beginsAt !== undefined) return notBegun(Math.max(0, (beginsAt ?? now) - now))
  if (moved(args, state.runId)) return ELSEWHERE
  return updatesFull(state) ? FULL : coroutine.updates.judge(name, seenPayload(args))
}

function notBegun(retryAfterMs: number): UpdateRefusal {
  return {
    code: 'workflow_not_begun',
    message: `the run begins in ${retryAfterMs} ms, and takes updates when its code has set a handler`,
    retryAfterMs,
  }
}

const ELSEWHERE: UpdateRefusal = {
  code: 'overloaded',
  message: 'another run has taken over: the arguments must be stored under it',
}
const FULL: UpdateRefusal = {
  code: 'limit_updates',
  message: 'the run has 10 updates in flight: wait for the result of one',
}
