/** What a deployment wraps around its client's calls: tracing, tenancy, checks. */
import type { WorkflowHandle } from './workflow-handle.ts'
import type { StartOptions } from './start.ts'

/** A start, before it is checked. */
export interface StartCall {
  /** The workflow's name. */
  workflow: string
  /** As the caller gave them. */
  options: StartOptions & {
    /** Not encoded yet. */
    input?: unknown
  }
}

/** A signal, before it is checked. */
export interface SignalCall {
  /** Whom it goes to. */
  readonly workflowId: string
  /** The signal's name. */
  name: string
  /** Not encoded yet. */
  payload: unknown
}

/** A query, before it is checked. */
export interface QueryCall {
  /** Whom it goes to. */
  readonly workflowId: string
  /** The query's or update's name. */
  name: string
  /** Not encoded yet. */
  args: unknown[]
}

/** An update, before it is checked. */
export interface UpdateCall extends QueryCall {
  /** As the caller gave it; absent, one is made. */
  updateId?: string
}

/**
 * Sees each call before its input is checked and encoded; what it passes to `next` is what is sent. The first of the
 * list is the outermost. `start` also wraps `execute`, `signalWithStart` and each item of `startBatch`.
 *
 * ```ts
 * const tenant: ClientInterceptor = {
 *   start: ({ workflow, options }, next) => next({ workflow, options: { ...options, memo: { ...options.memo, tenant: 'acme' } } }),
 * }
 * ```
 */
export interface ClientInterceptor {
  /** `next` starts, and gives the handle. */
  start?(input: StartCall, next: (input: StartCall) => Promise<WorkflowHandle>): Promise<WorkflowHandle>
  /** `next` sends, and resolves when the signal is recorded. */
  signal?(input: SignalCall, next: (input: SignalCall) => Promise<void>): Promise<void>
  /** `next` asks, and gives the answer. */
  query?(input: QueryCall, next: (input: QueryCall) => Promise<unknown>): Promise<unknown>
  /** `next` gives the result; for `startUpdate` the `UpdateHandle`. */
  update?(input: UpdateCall, next: (input: UpdateCall) => Promise<unknown>): Promise<unknown>
}

type Next<I, O> = (input: I) => Promise<O>

/** `last` within what each of `around` does about it. */
export function intercepted<I, O>(
  around: readonly (((input: I, next: Next<I, O>) => Promise<O>) | undefined)[],
  last: Next<I, O>,
): Next<I, O> {
  return around.reduceRight<Next<I, O>>((next, one) => (one ? (input) => one(input, next) : next), last)
}
