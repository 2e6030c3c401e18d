/**
 * How a run comes to its end: its function has settled, every handler that began has ended, and where it failed, what
 * was done has been compensated.
 *
 * N1 The closing command is there only while nothing is under way; what is fed meanwhile may begin more.
 * N2 The first failure is the run's: what fails after it changes nothing, but a failed compensation is told with it.
 */
import type { Command } from '../core/decide.ts'
import { serializeError } from '../core/failure.ts'
import { CancelledError, CompensationError, NonDeterminismError } from '../errors.ts'
import type { Continuation } from './continuation.ts'
import type { Coroutine } from './coroutine.ts'
import { Scope } from './scope.ts'

export type Compensation = () => Promise<unknown>

export class Ending {
  readonly #coroutine: Coroutine
  readonly #compensations: Compensation[] = []
  /** Of compensations. */
  readonly #failures: Error[] = []
  /** Handlers under way, and the compensating. */
  #underWay = 0
  #returned = false
  #closing: Command | null = null
  /** Set once the code has asked to continue as new: however its function ends then, that is how the run ends. */
  continuation: Continuation | null = null
  /** What the run fails with, if it does. */
  #failure: { error: unknown } | null = null

  constructor(coroutine: Coroutine) {
    this.#coroutine = coroutine
  }

  /** What closes the run, once nothing of it is under way. */
  get closing(): Command | null {
    if (!this.#closing || this.#underWay > 0) return null
    // A handler has failed the run: the function may still clean up, for as long as it waits for something.
    return this.#returned || this.#coroutine.waitingFor().length === 0 ? this.#closing : null
  }

  /** The driver has recorded it, or it was never recorded. */
  clear(): void {
    this.#closing = null
  }

  /** To be undone if the run fails. */
  compensate(fn: Compensation): void {
    this.#compensations.push(fn)
  }

  /** The function has returned. */
  completed(result: unknown): void {
    this.#returned = true
    if (this.#failure) return
    try {
      const payload = this.#coroutine.encode(result, 'result')
      const completed = {
        type: 'workflow_completed',
        ...(payload !== undefined && { result: payload }),
      } as const
      this.#closing = this.continuation?.command ?? completed
    } catch (error) {
      this.#fail(error)
    }
  }

  /** The function has thrown. */
  failed(error: unknown): void {
    this.#returned = true
    this.#fail(error)
  }

  /** A handler under way: the run stays open until it has ended. */
  async during(handler: () => Promise<void>): Promise<void> {
    this.#underWay += 1
    await handler()
    this.#underWay -= 1
    this.#compensateFailed()
  }

  /** A signal handler has thrown: the run fails, and everything else of it is told to stop. */
  handlerFailed(error: unknown): void {
    const { root } = this.#coroutine
    // It was told to stop itself: how the run ends is the function's to say.
    if (root.cancelled && error instanceof CancelledError) return
    this.#fail(error)
    root.cancel(new CancelledError('a signal handler failed'))
  }

  #fail(error: unknown): void {
    if (error instanceof NonDeterminismError) {
      this.#coroutine.violate(error)
      return
    }
    if (this.#failure) return
    if (this.continuation) {
      this.#closing = this.continuation.command
      return
    }
    this.#failure = { error }
    const cancelled = this.#coroutine.root.cancelled !== null && error instanceof CancelledError
    this.#closing = {
      type: cancelled ? 'workflow_cancelled' : 'workflow_failed',
      error: serializeError(error),
    }
    this.#compensateFailed()
  }

  #compensateFailed(): void {
    if (!this.#failure || this.#underWay > 0 || this.#compensations.length === 0) return
    const { error } = this.#failure
    void this.during(async () => {
      await this.#compensateAll()
      if (this.#failures.length === 0) return
      const told = new CompensationError(this.#failures, error)
      this.#closing = { type: 'workflow_failed', error: serializeError(told) }
    })
  }

  /** The newest first, each after the one before it has ended, whatever became of that. */
  async #compensateAll(): Promise<void> {
    const scope = new Scope(this.#coroutine.root, true)
    for (let next = this.#compensations.pop(); next; next = this.#compensations.pop()) {
      try {
        await this.#coroutine.spawn(next, scope)
      } catch (error) {
        if (error instanceof NonDeterminismError) this.#coroutine.violate(error)
        this.#failures.push(error instanceof Error ? error : new Error(String(error)))
      }
    }
    scope.end()
  }
}
