/** Waiting without work: timers, signals, conditions, and the scopes that bound them. */
import type { ReceivedSignal, SignalWaiter } from './signals.ts'
import { Call } from './calls.ts'
import type { Coroutine } from './coroutine.ts'
import { CancelledError, SignalTimeoutError, TimeoutError } from '../errors.ts'
import { decodePayload } from '../payload.ts'
import { frameOf } from './frame.ts'
import { Scope } from './scope.ts'

/** A durable timer of `scope`. Cancelling or releasing it cancels the timer. */
export function startTimer(
  coroutine: Coroutine,
  scope: Scope,
  timer: { fireAt: number; name: string; summary?: string },
): Call {
  coroutine.calls.checkRoom('timer')
  const seq = coroutine.nextSeq()
  const { fireAt, name, summary } = timer
  const call = new Call({ kind: 'timer', name, since: coroutine.now, until: fireAt }, scope)
  const drop = (): void => {
    if (coroutine.calls.take(seq)) coroutine.issue({ type: 'timer_cancelled', seq })
  }
  call.onCancel = (error) => {
    drop()
    call.reject(error)
  }
  call.onRelease = drop
  coroutine.calls.add(seq, call)
  coroutine.issue({ type: 'timer_started', seq, fireAt, ...(summary !== undefined && { summary }) })
  return call
}

export interface SignalWait {
  name: string
  timeoutMs: number | undefined
}

/** The next signal of a name, or null when the timeout came first. */
export function receive(
  coroutine: Coroutine,
  scope: Scope,
  wait: SignalWait,
): Promise<ReceivedSignal | null> {
  const waiting = coroutine.inbox.take(wait.name)
  if (waiting) return Promise.resolve(waiting)
  const deadline = wait.timeoutMs === undefined ? {} : { until: coroutine.now + wait.timeoutMs }
  const call = new Call<ReceivedSignal | null>(
    { kind: 'signal', name: wait.name, since: coroutine.now, ...deadline },
    scope,
  )
  const waiter: SignalWaiter = { name: wait.name, receive: (signal) => done(() => call.resolve(signal)) }
  const timer = startTimeout(coroutine, scope, { ms: wait.timeoutMs, name: `timeout of signal ${wait.name}` })
  const done = (settle: () => void): void => {
    coroutine.waits.delete(call)
    coroutine.inbox.forget(waiter)
    timer?.release()
    settle()
  }
  call.onCancel = (error) => done(() => call.reject(error))
  call.onRelease = () => done(() => {})
  coroutine.inbox.wait(waiter)
  coroutine.waits.add(call)
  onFire(timer, () => done(() => call.resolve(null)))
  return call.promise
}

/** What `waitForSignal` gives: the payload, the default, or a `SignalTimeoutError`. */
export async function waitForSignal(
  received: Promise<ReceivedSignal | null>,
  name: string,
  options: { default?: unknown },
): Promise<unknown> {
  const signal = await received
  if (signal) return decodePayload(signal.content)
  if ('default' in options) return options.default
  throw new SignalTimeoutError(name)
}

/** True once `holds` is; false when the timeout came first. It is asked again after every drain. */
export function until(
  coroutine: Coroutine,
  holds: () => boolean,
  timeoutMs: number | undefined,
): Promise<boolean> {
  const scope = coroutine.enter('ctx.condition')
  if (holds()) return Promise.resolve(true)
  const call = new Call<boolean>({ kind: 'condition', name: 'condition', since: coroutine.now }, scope)
  const timer = startTimeout(coroutine, scope, { ms: timeoutMs, name: 'timeout of condition' })
  const done = (settle: () => void): void => {
    coroutine.waits.delete(call)
    coroutine.conditions.delete(condition)
    timer?.release()
    settle()
  }
  const frame = frameOf(coroutine, scope)
  // It is asked between drains, where no frame is: its `Date` must be the run's all the same.
  const ask = () => coroutine.world.isolate(() => checked(holds, call, done))
  const condition = { check: () => coroutine.world.async.run(frame, ask) }
  call.onCancel = (error) => done(() => call.reject(error))
  call.onRelease = () => done(() => {})
  coroutine.conditions.add(condition)
  coroutine.waits.add(call)
  onFire(timer, () => done(() => call.resolve(false)))
  return call.promise
}

function checked(holds: () => boolean, call: Call<boolean>, done: (settle: () => void) => void): boolean {
  try {
    if (!holds()) return false
    done(() => call.resolve(true))
  } catch (error) {
    done(() => call.reject(error instanceof Error ? error : new Error(String(error))))
  }
  return true
}

function startTimeout(
  coroutine: Coroutine,
  scope: Scope,
  timeout: { ms: number | undefined; name: string },
): Call | null {
  if (timeout.ms === undefined) return null
  return startTimer(coroutine, scope, { fireAt: coroutine.now + timeout.ms, name: timeout.name })
}

function onFire(timer: Call | null, fired: () => void): void {
  // A cancel of the scope reaches the wait itself: what it does to the timer is of no interest here.
  timer?.promise.then(fired, () => {})
}

/** Runs `fn` in a scope of its own, which ends with it. */
export async function inScope<T>(
  coroutine: Coroutine,
  fn: (scope: { cancel(reason?: string): void; readonly cancellation: AbortSignal }) => Promise<T>,
  options: { timeoutMs?: number; shielded?: boolean },
): Promise<T> {
  const parent = coroutine.enter(options.shielded ? 'ctx.shield' : 'ctx.scope', options.shielded)
  const scope = new Scope(parent, options.shielded)
  const timer = startTimeout(coroutine, parent, { ms: options.timeoutMs, name: 'timeout of scope' })
  const late = { value: false }
  onFire(timer, () => {
    late.value = true
    scope.cancel(new CancelledError('the scope timed out'))
  })
  const face = {
    cancel: (reason?: string) => scope.cancel(new CancelledError(reason)),
    get cancellation() {
      return scope.signal
    },
  }
  try {
    return await coroutine.world.async.run(frameOf(coroutine, scope), () => fn(face))
  } catch (error) {
    if (late.value && error instanceof CancelledError)
      throw new TimeoutError('scope', 'the scope did not end in time', error)
    throw error
  } finally {
    scope.end()
    timer?.release()
  }
}
