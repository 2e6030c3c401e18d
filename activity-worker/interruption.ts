import type { AttemptOutcome } from '../shared/core/inputs.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { Time } from '../shared/time.ts'

/** An activity that lost its attempt may still put things in order, for this long. */
export const CLEANUP_MS = 5_000

/** How an attempt under way is reached from outside: by a cancel request, the clock, a takeover, a shutdown. */
export class Interruption {
  /** Made when it is asked for: most activities never do. */
  #controller: AbortController | null = null
  #reason: WorkflowError | undefined
  #giveUp: ((outcome: AttemptOutcome | null) => void) | undefined
  readonly #time: Time
  #cancelCleanup: (() => void) | undefined
  #ours = true
  #ended = false

  constructor(time: Time) {
    this.#time = time
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#reason && !this.#controller.signal.aborted) this.#controller.abort(this.#reason)
    return this.#controller.signal
  }

  /** Why the activity should stop; undefined while it should not. */
  get reason(): WorkflowError | undefined {
    return this.#reason
  }

  /** Whether the end of the attempt is ours to report. */
  get ours(): boolean {
    return this.#ours
  }

  /** What `work` comes to, unless it is given up before that, though it may run on. */
  awaited(work: Promise<AttemptOutcome | null>): Promise<AttemptOutcome | null> {
    return new Promise((resolve, reject) => {
      this.#giveUp = resolve
      work.then(resolve, reject)
    })
  }

  /** Tells the activity why it should stop; the first reason stays. */
  interrupt(reason: WorkflowError): void {
    this.#reason ??= reason
    this.#controller?.abort(this.#reason)
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
    this.giveUp(null)
  }

  /** Nobody waits for the activity any more: it has come to `outcome`. */
  giveUp(outcome: AttemptOutcome | null): void {
    this.#giveUp?.(outcome)
  }

  /** The activity is no longer waited for: no timer stays. */
  end(): void {
    this.#ended = true
    this.#cancelCleanup?.()
  }
}
