/**
 * Updates: calls of a running workflow that its caller waits for.
 *
 * U1 Whether one is accepted is said before it is recorded, by the run as it is then; what is not accepted leaves nothing.
 * U2 What was accepted is never judged again: a replay runs the handler alone.
 * U3 Whatever the handler throws is the failure of the update; the run goes on.
 */
import type { Command } from '../core/decide.ts'
import type { OutcomeEvent } from '../core/events.ts'
import { serializeError } from '../core/failure.ts'
import type { UpdateRefusal } from '../core/inputs.ts'
import { NonDeterminismError } from '../errors.ts'
import { decodePayload } from '../payload.ts'
import type { Payload } from '../payload.ts'
import type { Coroutine } from './coroutine.ts'
import { askNow } from './queries.ts'
import { Scope } from './scope.ts'

interface UpdateHandler {
  readonly fn: (...args: unknown[]) => unknown
  readonly validate: ((...args: unknown[]) => unknown) | undefined
}

export class Updates {
  readonly #coroutine: Coroutine
  readonly #handlers = new Map<string, UpdateHandler>()

  constructor(coroutine: Coroutine) {
    this.#coroutine = coroutine
  }

  handle(name: string, handler: UpdateHandler): void {
    this.#handlers.set(name, handler)
  }

  /** Why the update is not accepted; null: it is. */
  judge(name: string, args: Payload): UpdateRefusal | null {
    const handler = this.#handlers.get(name)
    if (!handler) {
      const known = [...this.#handlers.keys()]
      const message = `no update handler for ${name}; registered: ${known.join(', ') || 'none'}`
      return { code: 'update_not_registered', message, known }
    }
    const { validate } = handler
    if (!validate) return null
    try {
      const values = argumentsOf(args)
      askNow(this.#coroutine, { mode: 'validator', name }, () => validate(...values))
      return null
    } catch (error) {
      const rejected = serializeError(error)
      return {
        code: 'update_rejected',
        message: `update ${name} was rejected: ${rejected.message}`,
        error: rejected,
      }
    }
  }

  /** Runs the handler; its end is a command. */
  accepted(event: Extract<OutcomeEvent, { type: 'update_accepted' }>, content: Payload): void {
    const { updateId, name } = event
    const handler = this.#handlers.get(name)
    if (handler) {
      void this.#coroutine.ending.during(() => this.#run(updateId, () => handler.fn(...argumentsOf(content))))
      return
    }
    const found = { expected: `update_accepted ${name}`, actual: `no handler for update ${name}` }
    this.#coroutine.violate(new NonDeterminismError(this.#coroutine.lastEventId, found))
  }

  async #run(updateId: string, fn: () => unknown): Promise<void> {
    const coroutine = this.#coroutine
    const scope = new Scope(coroutine.root)
    const end = await coroutine.spawn(fn, scope).then(
      (result) => this.#completed(updateId, result),
      (error: unknown) => this.#failed(updateId, error),
    )
    scope.end()
    if (end && coroutine.mayAct('the end of an update')) coroutine.issue(end)
  }

  #completed(updateId: string, value: unknown): Command | null {
    try {
      const result = this.#coroutine.encode(value, 'result')
      return { type: 'update_completed', updateId, ...(result !== undefined && { result }) }
    } catch (error) {
      return this.#failed(updateId, error)
    }
  }

  #failed(updateId: string, error: unknown): Command | null {
    if (!(error instanceof NonDeterminismError))
      return { type: 'update_failed', updateId, error: serializeError(error) }
    this.#coroutine.violate(error)
    return null
  }
}

/** They are sent as one list. */
function argumentsOf(args: Payload): unknown[] {
  const values = decodePayload(args)
  return Array.isArray(values) ? values : []
}
