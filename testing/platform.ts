/** What Node and workerd alike lend to workflow code in tests: the async context, and a drain. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { provideAsyncContext } from '../shared/replay/ambient.ts'
import type { World } from '../shared/replay/coroutine.ts'
import { installDeterminism } from '../shared/replay/determinism.ts'
import type { AsyncContext, Frame } from '../shared/replay/frame.ts'
import type { Time } from '../shared/time.ts'

const frames = new AsyncLocalStorage<Frame>()

/** A scheduler in the same isolate, if there is one, has it too. */
const asyncContext: AsyncContext = installDeterminism(globalThis, {
  run: (frame, fn) => frames.run(frame, fn),
  current: () => frames.getStore(),
})
provideAsyncContext(asyncContext)

export const world: World = {
  async: asyncContext,
  inSteps: (calls) => asyncContext.run({ mode: 'step' }, () => calls.map((call) => call())),
  isolate: (fn) => fn(),
}

/** Kept as they are now: fake timers of a test would wait for the test to move them. */
export const afterMicrotasks: (then: () => void) => unknown = setImmediate
const afterMs: (then: () => void, ms: number) => unknown = setTimeout
const cancel: (timer: unknown) => void = clearTimeout as (timer: unknown) => void // given what setTimeout gave
const now = Date.now

/** Workflow code waits for promises only, and those are settled by the microtasks that come before the next task. */
export function drain(): Promise<void> {
  return new Promise((resolve) => {
    afterMicrotasks(resolve)
  })
}

/** Real time. What waits in it keeps no process alive. */
export const outsideTime: Time = {
  now,
  after: (ms, then) => {
    const timer = afterMs(then, ms)
    if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function')
      timer.unref()
    return () => cancel(timer)
  },
}

/** Of real time. */
export function realPause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    afterMs(resolve, ms)
  })
}
