/** What a deployment wraps around its client's calls: tracing, tenancy, checks. */
import type { WorkflowHandle } from './handle.ts'
import type { StartOptions } from './start.ts'

export interface StartCall {
  /** The workflow's name. */
  workflow: string
  options: StartOptions & { input?: unknown }
}
export interface SignalCall {
  readonly workflowId: string
  name: string
  payload: unknown
}
export interface QueryCall {
  readonly workflowId: string
  name: string
  args: unknown[]
}
export interface UpdateCall extends QueryCall {
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
  start?(input: StartCall, next: (input: StartCall) => Promise<WorkflowHandle>): Promise<WorkflowHandle>
  signal?(input: SignalCall, next: (input: SignalCall) => Promise<void>): Promise<void>
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
