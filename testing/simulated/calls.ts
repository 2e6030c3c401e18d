/** Requests from Worker to Worker, and from tests: the one path that they and their replies take. */
import { connectionLost } from './faults.ts'
import type { Faults, Party } from './faults.ts'
import { carried, carriedError } from './values.ts'
import type { Timeline } from './timeline.ts'

/** Whoever may be lost while its request is under way; null for what is not: tests, and Workers without state. */
export type Caller = Party | null

export interface Receiver {
  /** Rejects when it is lost before it has answered. */
  receive(method: string, args: unknown[]): Promise<unknown>
}

interface Call {
  readonly receiver: Receiver
  readonly caller: Caller
  readonly method: string
  readonly args: unknown[]
}

export class Calls {
  readonly #timeline: Timeline
  readonly #faults: Faults
  /** Hears of every request on its way, and may change it. */
  onCall: (call: { method: string; args: unknown[] }) => void = () => {}

  constructor(timeline: Timeline, faults: Faults) {
    this.#timeline = timeline
    this.#faults = faults
  }

  /** What a caller holds of a receiver: it has every method, and whether the other side does shows when it is called. */
  stub(receiver: Receiver, caller: Caller): object {
    const ask = (method: string, args: unknown[]): Promise<unknown> =>
      this.#call({ receiver, caller, method, args })
    return new Proxy(
      {},
      {
        get: (_target, name) =>
          typeof name === 'string' && name !== 'then' ? (...args: unknown[]) => ask(name, args) : undefined,
      },
    )
  }

  async #call(call: Call): Promise<unknown> {
    const { receiver, caller, method } = call
    if (this.#timeline.ended) throw new Error('the test environment was disposed of')
    const args = call.args.map((arg) => (isFunction(arg) ? this.#lent(arg, call) : carried(arg)))
    this.onCall({ method, args })
    const { fate, requestMs, replyMs } = this.#faults.call(method, caller)
    this.#faults.at(`call ${method}`, caller, args)
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    /** A reply to whoever is lost is never heard. */
    const reply = (answer: () => void): void =>
      this.#timeline.post(() => {
        if (caller?.lost) return
        this.#faults.at(`answer ${method}`, caller)
        answer()
      }, replyMs)
    const unheard = (): void => reply(() => reject(connectionLost()))
    this.#timeline.post(() => {
      if (caller?.lost) return
      if (fate === 'not_done') {
        unheard()
        return
      }
      void receiver
        .receive(method, args)
        .then(carried)
        .then(
          (value) => (fate === 'done' ? reply(() => resolve(value)) : unheard()),
          (error: unknown) => reply(() => reject(carriedError(error))),
        )
    }, requestMs)
    return await promise
  }

  /** A function of the caller, as the receiver has it: called over the same path, while there is somebody to be called. */
  #lent(fn: Fn, { caller, method }: Call): Fn {
    const receive: Receiver['receive'] = async (_method, args) => {
      if (caller?.lost) throw connectionLost()
      return fn(...args)
    }
    return (...args) => this.#call({ receiver: { receive }, caller: null, method: `${method} back`, args })
  }
}

export type Fn = (...args: unknown[]) => unknown

export function isFunction(value: unknown): value is Fn {
  return typeof value === 'function'
}

/** Calls a method that is on the prototype, as the platform does. */
export async function invoke(target: object, method: string, args: unknown[]): Promise<unknown> {
  const own = Object.hasOwn(target, method) || method in Object.prototype
  const found: unknown = own ? undefined : Reflect.get(target, method)
  if (typeof found === 'function') return (await Reflect.apply(found, target, args)) as unknown
  throw new TypeError(`The RPC receiver does not implement the method "${method}".`)
}
