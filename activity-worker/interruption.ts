import { WorkflowError } from '../shared/errors.ts'
import type { Time } from '../shared/time.ts'

/** An activity that lost its attempt may still put things in order, for this long. */
export const CLEANUP_MS = 5_000

/** How an attempt under way is reached from outside: by a cancel request, the clock, a takeover, a shutdown. */
export class Interruption {
  readonly #controller = new AbortController()
  readonly #abandoned = Promise.withResolvers<null>()
  readonly #time: Time
  #cancelCleanup: (() => void) | undefined
  #ours = true
  #ended = false

  constructor(time: Time) {
    this.#time = time
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Whether the end of the attempt is ours to report. */
  get ours(): boolean {
    return this.#ours
  }

  /** Resolves when nobody waits for the activity any more, though it may run on. */
  get abandoned(): Promise<null> {
    return this.#abandoned.promise
  }

  /** Tells the activity why it should stop; the first reason stays. */
  interrupt(reason: WorkflowError): void {
    this.#controller.abort(reason)
  }

  supersede(): void {
    // A renewal may be answered after the settlement that overtook it.
    if (this.#ended || !this.#ours) return
    this.#ours = false
    this.interrupt(
      new WorkflowError('stale_task', 'the attempt has ended, or another consumer has taken it over'),
    )
    this.#cancelCleanup = this.#time.after(CLEANUP_MS, () => this.abandon())
  }

  abandon(): void {
    this.#ours = false
    this.#abandoned.resolve(null)
  }

  /** The activity is no longer waited for: no timer stays. */
  end(): void {
    this.#ended = true
    this.#cancelCleanup?.()
  }
}
