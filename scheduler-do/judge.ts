/** What the run's own code says of an update before it is decided. */
import type { Input, UpdateRefusal } from '../shared/core/inputs.ts'
import { updatesFull } from '../shared/core/state.ts'
import { seenPayload } from './contents.ts'
import type { LiveRun } from './live.ts'

/** The input with the verdict of the run's code, which is asked once for each update. */
export function judged(live: LiveRun, input: Input): Input {
  const { state, coroutine } = live
  if (input.type !== 'update_workflow' || !state.started || state.closed) return input
  if (state.updates.has(input.updateId)) return input
  const refusal = updatesFull(state) ? FULL : coroutine.updates.judge(input.name, seenPayload(input.args))
  return refusal ? { ...input, refusal } : input
}

const FULL: UpdateRefusal = {
  code: 'limit_updates',
  message: 'the run has 10 updates in flight: wait for the result of one',
}
