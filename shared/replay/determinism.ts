/**
 * The globals of the isolate, made deterministic inside workflow code and left alone everywhere else. Which code is
 * asking is known from the async context, so one isolate runs workflows, inline steps and requests side by side.
 *
 * G1 Outside workflow code every global behaves as before; originals are captured here, once, before user code runs.
 * G2 Inside it, time and randomness come from the run; IO is refused with the place that asked for it.
 */
import { NonDeterminismError } from '../errors.ts'
import type { Coroutine } from './coroutine.ts'
import type { AsyncContext } from './frame.ts'
import { callSite } from './site.ts'
import { timerGlobals } from './timers.ts'

type Globals = Record<string, unknown>

/**
 * Patches `target` (globalThis), and gives the async context by which its globals now tell who asks: `async`, or that
 * of whoever came first. All code that runs workflows here has to use that one.
 */
export function installDeterminism(target: object, async: AsyncContext): AsyncContext {
  const globals = target as Globals // the global object, read and written by name
  const installed = globals[INSTALLED]
  if (installed !== undefined) return installed as AsyncContext // defined below only
  define(globals, INSTALLED, async)
  const workflow = (): Coroutine | null => {
    const frame = async.current()
    return frame?.mode === 'workflow' ? frame.whose.coroutine : null
  }
  define(globals, 'Date', deterministicDate(globals['Date'] as DateConstructor, workflow)) // the platform's own
  patchMembers(globals, workflow)
  for (const [name, replacement] of Object.entries(timerGlobals(globals, workflow)))
    define(globals, name, replacement)
  for (const name of IO_FUNCTIONS) trapCall(globals, name, workflow)
  for (const name of IO_CLASSES) trapConstructor(globals, name, workflow)
  trapGetter(globals, 'caches', workflow)
  return async
}

const INSTALLED = '__perdureDeterminism'
const IO_FUNCTIONS = ['fetch']
const IO_CLASSES = ['WebSocket', 'EventSource', 'ReadableStream', 'WritableStream', 'TransformStream']

type Workflow = () => Coroutine | null

function deterministicDate(original: DateConstructor, workflow: Workflow): DateConstructor {
  function PatchedDate(this: unknown, ...args: unknown[]): unknown {
    const coroutine = workflow()
    if (!new.target) return coroutine ? new original(coroutine.now).toString() : original()
    const values = args.length === 0 && coroutine ? [coroutine.now] : args
    return Reflect.construct(original, values, new.target)
  }
  PatchedDate.prototype = original.prototype
  const statics = { now: () => workflow()?.now ?? original.now(), parse: original.parse, UTC: original.UTC }
  Object.assign(PatchedDate, statics)
  define(original.prototype, 'constructor', PatchedDate)
  return PatchedDate as unknown as DateConstructor // a function with Date's prototype and statics is one
}

function patchMembers(globals: Globals, workflow: Workflow): void {
  patchMethod(globals['Math'], 'random', (original) => () => workflow()?.random.next() ?? original())
  patchMethod(globals['performance'], 'now', (original) => () => {
    const coroutine = workflow()
    return coroutine ? coroutine.now - coroutine.started.at : original()
  })
  patchMethod(globals['crypto'], 'randomUUID', (original) => () => workflow()?.random.uuid() ?? original())
  patchMethod(globals['crypto'], 'getRandomValues', (original) => (array: unknown) => {
    const coroutine = workflow()
    if (!coroutine || !ArrayBuffer.isView(array)) return original(array)
    coroutine.random.fillBytes(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
    return array
  })
  const cryptoObject = globals['crypto']
  if (isObject(cryptoObject)) trapGetter(cryptoObject, 'subtle', workflow)
}

type AnyFunction = (...args: unknown[]) => unknown

function patchMethod(holder: unknown, name: string, make: (original: AnyFunction) => AnyFunction): void {
  if (!isObject(holder)) return
  const original: unknown = Reflect.get(holder, name)
  if (typeof original === 'function') define(holder, name, make(original.bind(holder) as AnyFunction)) // a method by name
}

function trapCall(globals: Globals, name: string, workflow: Workflow): void {
  const original = globals[name]
  if (typeof original !== 'function') return
  const trapped = (...args: unknown[]): unknown => {
    refuseIn(workflow(), name, trapped)
    return Reflect.apply(original, globals, args)
  }
  define(globals, name, trapped)
}

function trapConstructor(globals: Globals, name: string, workflow: Workflow): void {
  const original = globals[name]
  if (typeof original !== 'function') return
  const construct = (target: typeof original, args: unknown[], newTarget: object): object => {
    refuseIn(workflow(), `new ${name}`, construct)
    return Reflect.construct(target, args, newTarget === trapped ? target : (newTarget as typeof original)) // a constructor
  }
  const trapped: object = new Proxy(original, { construct })
  define(globals, name, trapped)
}

function trapGetter(holder: object, name: string, workflow: Workflow): void {
  const original: unknown = Reflect.get(holder, name)
  if (original === undefined) return
  const get = (): unknown => {
    refuseIn(workflow(), name, get)
    return original
  }
  Object.defineProperty(holder, name, { configurable: true, get })
}

/** Refuses IO in workflow code that called `trap`, and remembers it on the run in case the code catches the refusal. */
export function refuseIn(coroutine: Coroutine | null, what: string, trap: object): void {
  if (!coroutine) return
  const place = callSite(trap)
  const message = `${what} in workflow code${place}: its answer would differ on replay; call it in an activity or in ctx.run()`
  throw coroutine.violate(
    new NonDeterminismError(coroutine.lastEventId, {
      expected: 'deterministic code',
      actual: `${what}${place}`,
      message,
    }),
  )
}

function define(holder: object, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, configurable: true, writable: true })
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
