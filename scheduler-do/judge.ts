/** What the run's own code says of an update before it is decided. */
import type { Input, UpdateRefusal } from '../shared/core/inputs.ts'
import { FIRST_TURN, knowsUpdate, updatesFull } from '../shared/core/state.ts'
import { moved } from './arrive.ts'
import { seenPayload } from './contents.ts'
import type { LiveRun } from './live.ts'

/** The input with the verdict of the run's code, which is asked once for each update. */
export function judged(live: LiveRun, input: Input): Input {
  const { state } = live
  if (input.type !== 'update_workflow' || !state.started || state.closed) return input
  if (knowsUpdate(state, input.updateId)) return input
  const refusal = refused(live, input)
  return refusal ? { ...input, refusal } : input
}

function refused(
  { state, coroutine, folded }: LiveRun,
  { name, args }: Extract<Input, { type: 'update_workflow' }>,
): UpdateRefusal | null {
  if (folded || state.timers.has(FIRST_TURN)) return NOT_BEGUN
  if (moved(args, state.runId)) return ELSEWHERE
  return updatesFull(state) ? FULL : coroutine.updates.judge(name, seenPayload(args))
}

const NOT_BEGUN: UpdateRefusal = {
  code: 'overloaded',
  message: 'the run has not begun yet, and takes updates when its code has set a handler: ask again',
}
const ELSEWHERE: UpdateRefusal = {
  code: 'overloaded',
  message: 'another run has taken over: the arguments must be stored under it',
}
const FULL: UpdateRefusal = {
  code: 'limit_updates',
  message: 'the run has 10 updates in flight: wait for the result of one',
}
