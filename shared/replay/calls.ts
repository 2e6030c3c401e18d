/** The calls a run has made and not heard back from, by their `seq`. */
import { CancelledError, WorkflowError } from '../errors.ts'
import { Scope } from './scope.ts'
import type { Waiting } from './scope.ts'

export type CallKind = 'activity' | 'step' | 'timer' | 'child' | 'external' | 'signal' | 'condition'

export interface CallFacts {
  readonly kind: CallKind
  readonly name: string
  readonly since: number
  readonly until?: number
  readonly at?: string
}

/** How many calls of one kind a run may have pending. */
const MAX_PENDING = 2_000

export class Call<T = unknown> implements Waiting {
  /** Never gone: with the last object of a shape goes all that was compiled for it. */
  static readonly specimen = new Call({ kind: 'step', name: '', since: 0 }, new Scope(null))
  readonly facts: CallFacts
  readonly promise: Promise<T>
  /** What cancelling does; unset, the call settles at once. */
  onCancel: (error: CancelledError) => void
  /** What the end of its scope does: nothing, unless only the code of that scope could hear of it. */
  onRelease: () => void = () => {}
  readonly #scope: Scope
  readonly #resolve: (value: T) => void
  readonly #reject: (error: Error) => void
  #settled = false

  constructor(facts: CallFacts, scope: Scope) {
    this.facts = facts
    this.#scope = scope
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.promise = promise
    this.#resolve = resolve
    this.#reject = reject
    this.onCancel = (error) => this.reject(error)
    scope.add(this)
    scope.sites?.note(facts)
  }

  get settled(): boolean {
    return this.#settled
  }

  /** Why its scope was cancelled, where it was. */
  get cancelled(): CancelledError | null {
    return this.#scope.cancelled
  }

  resolve(value: T): void {
    this.#settle()
    this.#resolve(value)
  }

  reject(error: Error): void {
    this.#settle()
    // Code may ask for work and never look at what came of it. Node ends a process for such a promise.
    this.promise.catch(() => {})
    this.#reject(error)
  }

  cancel(error: CancelledError): void {
    if (!this.#settled) this.onCancel(error)
  }

  release(): void {
    if (this.#settled) return
    this.#scope.remove(this)
    this.onRelease()
  }

  #settle(): void {
    this.#settled = true
    this.#scope.remove(this)
  }
}

export class Calls {
  readonly #open = new Map<number, Call>()
  readonly #counts = new Map<CallKind, number>()

  /** Refuses the call that would be one too many of its kind. */
  checkRoom(kind: CallKind): void {
    if ((this.#counts.get(kind) ?? 0) < MAX_PENDING) return
    throw new WorkflowError(
      'limit_pending',
      `the run already has ${MAX_PENDING} pending calls of kind ${kind}: await some first`,
    )
  }

  add(seq: number, call: Call): void {
    this.#open.set(seq, call)
    this.#counts.set(call.facts.kind, (this.#counts.get(call.facts.kind) ?? 0) + 1)
  }

  /** The call with that number, no longer pending; undefined when the code has let go of it. */
  take(seq: number): Call | undefined {
    const call = this.#open.get(seq)
    if (call && this.#open.delete(seq))
      this.#counts.set(call.facts.kind, (this.#counts.get(call.facts.kind) ?? 1) - 1)
    return call
  }

  pending(): CallFacts[] {
    return Array.from(this.#open.values(), (call) => call.facts)
  }
}
