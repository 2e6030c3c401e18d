/** Where in the user's code a call was made, for people. */

/** ` at file:line` of the user's code, where the stack tells it. In a bundle all is one file: `below` is what it called. */
export function callSite(below?: object): string {
  const site = new Error('call site')
  const { captureStackTrace } = Error as { captureStackTrace?: (target: object, below: object) => void } // V8's own
  if (below) captureStackTrace?.(site, below)
  const frames = site.stack?.split('\n').slice(1) ?? []
  const own = /\/shared\/(replay|core)\/|\/scheduler-do\//
  const platform = /<anonymous>|\b(node|cloudflare|cloudflare-internal):/ // an `env` that is imported is the platform's proxy
  const frame = frames.find((line) => !own.test(line) && !platform.test(line))
  return frame === undefined ? '' : ` ${frame.trim()}`
}

/** Where the pending calls of a run were made. A stack costs more than a step: only a replay made for it keeps them. */
export class CallSites {
  #here = ''
  readonly #sites = new WeakMap<object, string>()

  /** Notes `call` as made where the user called what runs now. */
  note(call: object): void {
    if (this.#here !== '') this.#sites.set(call, this.#here)
  }

  /** A frame of a stack: `order (file:///src/workflows.ts:12:20)`. */
  of(call: object): { at?: string } {
    const at = this.#sites.get(call)
    return at === undefined ? {} : { at }
  }

  /** Runs `call`, which the user made by calling `face`. */
  during<T>(face: object, call: () => T): T {
    const outer = this.#here
    this.#here = callSite(face).replace(/^ at /, '')
    try {
      return call()
    } finally {
      this.#here = outer
    }
  }

  /** `methods` for the user to call, and those of what they give: an external workflow, an iterator of signals. */
  traced<T extends object>(methods: T): T {
    const entries = Object.entries(methods).map(([name, value]: [string, unknown]) => {
      if (typeof value !== 'function') return [name, value]
      const face = (...args: unknown[]): unknown => {
        const given: unknown = this.during(face, () => Reflect.apply(value, methods, args))
        return isPlain(given) ? this.traced(given) : given
      }
      return [name, face]
    })
    const iterable = Symbol.asyncIterator in methods && {
      [Symbol.asyncIterator]() {
        return this
      },
    }
    return { ...Object.fromEntries(entries), ...iterable } as T // the same names, and what they do
  }
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
