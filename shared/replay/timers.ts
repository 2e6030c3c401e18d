/** `setTimeout` and its kin inside workflow code: durable timers. */
import type { Coroutine } from './coroutine.ts'
import { startTimer } from './waits.ts'

type AnyFunction = (...args: unknown[]) => unknown
type Globals = Record<string, unknown>
type Workflow = () => Coroutine | null

/** What to put in place of the global timer functions; each falls through to the original outside workflow code. */
export function timerGlobals(globals: Globals, workflow: Workflow): Record<string, unknown> {
  const cancels = new WeakMap<object, () => void>()
  const replaced: Record<string, unknown> = {
    setTimeout: dispatch(globals['setTimeout'], workflow, (coroutine, args) =>
      timeout(coroutine, args, cancels),
    ),
    setInterval: dispatch(globals['setInterval'], workflow, (coroutine, args) =>
      interval(coroutine, args, cancels),
    ),
  }
  for (const name of ['clearTimeout', 'clearInterval']) {
    replaced[name] = dispatch(globals[name], workflow, (_coroutine, [handle]) => {
      if (typeof handle === 'object' && handle !== null) cancels.get(handle)?.()
    })
  }
  patchWait(globals['scheduler'], workflow)
  patchAbortTimeout(globals['AbortSignal'], workflow)
  return replaced
}

function dispatch(
  original: unknown,
  workflow: Workflow,
  inWorkflow: (coroutine: Coroutine, args: unknown[]) => unknown,
): unknown {
  if (typeof original !== 'function') return original
  return (...args: unknown[]): unknown => {
    const coroutine = workflow()
    return coroutine ? inWorkflow(coroutine, args) : Reflect.apply(original, undefined, args)
  }
}

type Cancels = WeakMap<object, () => void>

function timeout(coroutine: Coroutine, [fn, ms, ...args]: unknown[], cancels: Cancels): object {
  const timer = after(coroutine, ms, 'setTimeout')
  timer.promise.then(
    () => (fn as AnyFunction)(...args), // what setTimeout's first argument is
    () => {},
  )
  const handle = {}
  cancels.set(handle, () => timer.release())
  return handle
}

function interval(coroutine: Coroutine, [fn, ms, ...args]: unknown[], cancels: Cancels): object {
  const handle = {}
  const next = (): void => {
    const timer = after(coroutine, ms, 'setInterval')
    cancels.set(handle, () => timer.release())
    timer.promise.then(
      () => {
        next()
        return (fn as AnyFunction)(...args) // what setInterval's first argument is
      },
      () => {},
    )
  }
  next()
  return handle
}

function after(coroutine: Coroutine, ms: unknown, name: string) {
  const delay = typeof ms === 'number' && ms > 0 ? ms : 0
  return startTimer(coroutine, coroutine.enter(name), { fireAt: coroutine.now + delay, name })
}

function patchWait(scheduler: unknown, workflow: Workflow): void {
  if (typeof scheduler !== 'object' || scheduler === null) return
  const original: unknown = Reflect.get(scheduler, 'wait')
  if (typeof original !== 'function') return
  const wait = (ms: unknown, ...rest: unknown[]): unknown => {
    const coroutine = workflow()
    return coroutine
      ? after(coroutine, ms, 'scheduler.wait').promise
      : Reflect.apply(original, scheduler, [ms, ...rest])
  }
  Object.defineProperty(scheduler, 'wait', { value: wait, configurable: true, writable: true })
}

function patchAbortTimeout(holder: unknown, workflow: Workflow): void {
  if (typeof holder !== 'function') return
  const original: unknown = Reflect.get(holder, 'timeout')
  if (typeof original !== 'function') return
  const value = (ms: unknown): unknown => {
    const coroutine = workflow()
    if (!coroutine) return Reflect.apply(original, holder, [ms])
    const controller = new AbortController()
    const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError')
    after(coroutine, ms, 'AbortSignal.timeout').promise.then(
      () => controller.abort(reason),
      () => {},
    )
    return controller.signal
  }
  Object.defineProperty(holder, 'timeout', { value, configurable: true, writable: true })
}
