/**
 * Cancellation scopes form a tree. Cancelling one rejects what waits inside it and in its children, but not what is
 * shielded; ending one lets go of the waits nobody can see any more (the losers of a race).
 */
import { CancelledError } from '../errors.ts'
import type { CallSites } from './site.ts'

/** Something that waits inside a scope. */
export interface Waiting {
  /** The scope is cancelled: reject, now or when the work has ended, as the call's options say. */
  cancel(error: CancelledError): void
  /** The scope has ended: nobody can hear of this wait any more. Work started elsewhere goes on. */
  release(): void
}

export class Scope {
  readonly #parent: Scope | null
  readonly #shielded: boolean
  readonly #waiting = new Set<Waiting>()
  readonly #children = new Set<Scope>()
  /** Where calls are made, in a replay that is to find out. */
  readonly sites: CallSites | null
  #error: CancelledError | null = null
  #controller: AbortController | null = null

  constructor(parent: Scope | null, shielded = false, sites = parent?.sites ?? null) {
    this.sites = sites
    this.#parent = parent
    this.#shielded = shielded
    if (!parent) return
    parent.#children.add(this)
    if (!shielded) this.#error = parent.#error
  }

  get cancelled(): CancelledError | null {
    return this.#error
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#error && !this.#controller.signal.aborted) this.#controller.abort(this.#error)
    return this.#controller.signal
  }

  add(waiting: Waiting): void {
    this.#waiting.add(waiting)
  }

  remove(waiting: Waiting): void {
    this.#waiting.delete(waiting)
  }

  cancel(error: CancelledError): void {
    if (this.#error) return
    this.#error = error
    this.#controller?.abort(error)
    for (const waiting of this.#waiting) waiting.cancel(error)
    for (const child of this.#children) if (!child.#shielded) child.cancel(error)
  }

  end(): void {
    for (const child of this.#children) child.end()
    for (const waiting of this.#waiting) waiting.release()
    this.#waiting.clear()
    if (this.#parent) this.#parent.#children.delete(this)
  }
}
