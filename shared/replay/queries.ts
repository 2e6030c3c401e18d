/** Queries: answered from the workflow's variables between two turns. */
import { QueryNotRegisteredError } from '../errors.ts'
import { decodePayload } from '../payload.ts'
import type { Payload } from '../payload.ts'
import type { Coroutine } from './coroutine.ts'

type Handler = (...args: unknown[]) => unknown

export class Queries {
  readonly #coroutine: Coroutine
  readonly #handlers = new Map<string, Handler>()

  constructor(coroutine: Coroutine) {
    this.#coroutine = coroutine
  }

  get known(): string[] {
    return [...this.#handlers.keys()]
  }

  handle(name: string, handler: Handler): void {
    this.#handlers.set(name, handler)
  }

  answer(name: string, args: readonly Payload[]): Payload {
    const handler = this.#handlers.get(name)
    if (!handler) {
      const list = this.known.join(', ') || 'none'
      throw new QueryNotRegisteredError(`no query handler for ${name}; registered: ${list}`, this.known)
    }
    const values = args.map((arg) => decodePayload(arg))
    const answer = this.#coroutine.askNow({ mode: 'query', name }, () => handler(...values))
    return this.#coroutine.encode(answer, 'result')
  }
}
