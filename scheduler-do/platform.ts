/** What workerd lends to the scheduler; to workflow code the async context, and a place from which no binding can be reached. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import { tracing, withEnv } from 'cloudflare:workers'
import migrations from '../migrations/migrations.js'
import { WorkflowError } from '../shared/errors.ts'
import { provideAsyncContext } from '../shared/replay/ambient.ts'
import type { World } from '../shared/replay/coroutine.ts'
import { installDeterminism, refuseIn } from '../shared/replay/determinism.ts'
import type { AsyncContext, Frame } from '../shared/replay/frame.ts'
import { realChance } from '../shared/chance.ts'
import { pause, realTime } from '../shared/time.ts'
import type { Runtime } from './runtime.ts'

const frames = new AsyncLocalStorage<Frame>()

/** Made with this module, before user code is evaluated: the originals it captures are the platform's. */
const asyncContext: AsyncContext = installDeterminism(globalThis, {
  run: (frame, fn) => frames.run(frame, fn),
  current: () => frames.getStore(),
})
provideAsyncContext(asyncContext)

/** Stands in for the Worker's `env`: any use of a binding is IO. */
const trap = new Proxy({}, { get: readBinding, has: () => false, ownKeys: () => [] })

function readBinding(_target: object, name: string | symbol): undefined {
  if (typeof name === 'string') refuseBinding(asyncContext.current(), `env.${name}`)
}

function refuseBinding(frame: Frame | undefined, what: string): void {
  if (frame?.mode === 'query' || frame?.mode === 'validator') {
    const place = frame.mode === 'query' ? 'a query handler' : 'the validator of an update'
    throw new WorkflowError(
      'invalid_argument',
      `${what} in ${place}: it answers from the workflow's variables`,
    )
  }
  refuseIn(frame?.mode === 'workflow' ? frame.whose.coroutine : null, what, readBinding)
}

const STEP: Frame = { mode: 'step' }

const world: World = {
  async: asyncContext,
  // To enter it costs as much as a step's row. A snapshot that would be entered for less is bound to one request.
  inSteps: (calls) => asyncContext.run(STEP, () => calls.map((call) => call())),
  isolate: <T>(fn: () => T): T => withEnv(trap, fn) as T, // it gives what `fn` gives
}

export const runtime: Runtime = {
  world,
  time: realTime,
  chance: realChance,
  callerTime: realTime,
  // The platform looks for timers, as for requests, when nothing else is ready.
  letIn: () => pause(realTime, 0),
  abortUndoes: true,
  migrations,
  sha256: (content) => createHash('sha256').update(content).digest('hex'),
  tracing,
  fetch: (url, init) => fetch(url, init),
}
