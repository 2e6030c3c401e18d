/** The forms of `ctx` calls that need no `ctx`. */
import type { Duration } from '../duration.ts'
import { toMs } from '../duration.ts'
import { WorkflowError } from '../errors.ts'
import type { AsyncContext } from './frame.ts'
import { startTimer } from './waits.ts'

let asyncContext: AsyncContext | null = null

/** Called by whoever runs workflow code (the scheduler, the test environment) before it is evaluated. */
export function provideAsyncContext(provided: AsyncContext): void {
  asyncContext = provided
}

/** Durable sleep, valid only inside a workflow: `await sleep('1h')` is `await ctx.sleep('1h')`. */
export async function sleep(duration: Duration): Promise<void> {
  const frame = asyncContext?.current()
  if (!frame || frame.mode === 'step')
    throw new WorkflowError('invalid_argument', 'sleep() works only inside a workflow; elsewhere use a timer')
  const { coroutine } = frame.whose
  const scope = coroutine.enter('sleep')
  const ms = Math.max(0, toMs(duration, 'duration', { allowNegative: true }))
  const start = () => startTimer(coroutine, scope, { fireAt: coroutine.now + ms, name: 'sleep' })
  await (scope.sites ? scope.sites.during(sleep, start) : start()).promise
}
