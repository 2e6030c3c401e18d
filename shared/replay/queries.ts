/** Queries: answered from the workflow's variables between two turns. */
import { QueryNotRegisteredError, WorkflowError } from '../errors.ts'
import { decodePayload } from '../payload.ts'
import type { Payload } from '../payload.ts'
import type { Coroutine } from './coroutine.ts'
import type { Frame } from './frame.ts'

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
    const answer = askNow(this.#coroutine, { mode: 'query', name }, () => handler(...values))
    return this.#coroutine.encode(answer, 'result')
  }
}

/** The answer of a handler that is no part of the workflow: at once, from its variables, changing nothing. */
export function askNow(
  coroutine: Coroutine,
  { mode, name }: { mode: 'query' | 'validator'; name: string },
  fn: () => unknown,
): unknown {
  const { world, whose } = coroutine
  const frame: Frame = { mode, whose, scope: null }
  const answer = world.async.run(frame, () => world.isolate(fn))
  if (!(answer instanceof Promise)) return answer
  answer.catch(() => {}) // nobody waits for it
  const what = mode === 'query' ? `handler of query ${name}` : `validator of update ${name}`
  throw new WorkflowError('invalid_argument', `the ${what} is asynchronous: answer from variables`)
}
