/** What a workflow function can do. Every call is recorded in history, and answered from it on replay. */
/* oxlint-disable typescript/no-explicit-any -- `any` is "not said" in the public signatures: definitions of any type */
import type {
  ActivityDefinition,
  ActivityName,
  ActivityOptions,
  InputArg,
  InputOf,
  OutputOf,
  StepContext,
} from './activity.ts'
import type { SearchAttributes } from './attributes.ts'
import type { ChildHandle, ChildOptions } from './child.ts'
import type { Duration, Instant } from './duration.ts'
import type {
  Keys,
  MessageMap,
  QueryDefinition,
  SignalDefinition,
  SignalPayload,
  SignalResult,
  UpdateDefinition,
} from './message.ts'
import type { Untyped } from './register.ts'
import type { ContinueAsNewOptions, WorkflowDefinition } from './workflow.ts'

/** One part of a workflow that can be cancelled without the rest. */
export interface Scope {
  /** Makes the pending awaits inside throw `CancelledError`. */
  cancel(reason?: string): void
  /** Aborted when the scope is cancelled, or a scope around it. */
  cancellation: AbortSignal
}

/**
 * What a workflow function has: `ctx`. Calls are made in the order in which the code makes them, and a replay must
 * make the same ones; outside the workflow function itself (in a step, a query handler or a validator) they throw
 * `invalid_argument`.
 */
export interface WorkflowContext<M extends MessageMap = {}> {
  /** In the caller's terms; runs that follow one another have the same. */
  readonly workflowId: string
  /** A ULID: of this run alone. */
  readonly runId: string
  /** The name that the workflow was defined with. */
  readonly workflowType: string
  /** Where its activities go unless they say otherwise. */
  readonly taskQueue: string
  /** Of the workflow's `retry`, from 1. */
  readonly attempt: number
  /** When the run was recorded. */
  readonly startTime: Date
  /** How many recorded calls the code has made. */
  readonly currentStep: number
  /**
   * Whether the code is being taken through what is recorded already. For logs: code that branches on it does not
   * match its history.
   */
  readonly isReplaying: boolean
  /** W3C trace context of the run: the trace that its activities' and steps' own contexts belong to. */
  readonly traceparent: string
  /**
   * Counted once, whatever is replayed, and given out when what the code did with it is durable; what is lost with its
   * object in that very moment is not. To the Analytics Engine dataset bound as METRICS, else to the log:
   * `ctx.metrics.counter('orders').add(1, { country })`
   */
  readonly metrics: {
    /** Something that is counted. */
    counter(name: string): {
      /** Adds `n`. */
      add(n: number, tags?: Record<string, string>): void
    }
    /** Something that is measured. */
    histogram(name: string): {
      /** One measurement. */
      record(value: number, tags?: Record<string, string>): void
    }
  }
  /**
   * What the run has recorded before the code's present step. Long histories make a run slow to bring back: from 4,096
   * events or 4 MB `continueAsNewSuggested` is true.
   */
  readonly history: {
    /** How many. */
    events: number
    /** Their length as JSON. */
    bytes: number
    /** Whether it is time for `ctx.continueAsNew`. */
    continueAsNewSuggested: boolean
  }
  /** The version of the workflows that the run began on. */
  readonly version: string
  /** The workflow whose child it is. */
  readonly parent?: {
    /** The parent's workflow id. */
    workflowId: string
    /** The run that started it. */
    runId: string
  }
  /** The schedule that began the run. */
  readonly schedule?: {
    /** Its id. */
    scheduleId: string
    /** The time that the run is for. */
    scheduledAt: Date
  }
  /** Aborted when the workflow is asked to cancel. */
  readonly cancellation: AbortSignal
  /** Silent on replay. */
  readonly log: Pick<Console, 'debug' | 'info' | 'warn' | 'error'>
  /** The time of the present turn, the same on replay. */
  now(): Date
  /** From 0 to below 1, the same on replay. */
  random(): number
  /** A version 4 UUID, the same on replay. */
  uuid(): string

  /**
   * Runs an activity on its task queue, with retries, and gives its result. Rejects with `ActivityError` after the last
   * attempt (`cause` is that attempt's own error, or the `TimeoutError`), or with `CancelledError`.
   */
  activity<I, O>(
    definition: ActivityDefinition<I, O, any>,
    options: ActivityOptions & InputArg<I>,
  ): Promise<O>
  /** By the name of an activity that `Register` knows. */
  activity<N extends ActivityName>(name: N, options: ActivityOptions & InputOf<N>): Promise<OutputOf<N>>
  /** By any other name. */
  activity<O = Untyped, N extends string = string>(
    name: N extends ActivityName ? never : N,
    options?: ActivityOptions & { input?: unknown },
  ): Promise<O>
  /**
   * Runs `fn` next to the workflow's state, with retries, and records its result. Retry, `startToCloseTimeout`,
   * `scheduleToCloseTimeout` and `cancellation` apply as to an activity; the other options mean nothing here.
   *
   * ```ts
   * const rate = await ctx.run('rate', async ({ cancellation }) => fetchRate({ signal: cancellation }))
   * ```
   */
  run<T>(name: string, fn: (step: StepContext) => Promise<T> | T, options?: ActivityOptions): Promise<T>

  /** Zero or negative resolves in the next turn. There is no maximum. */
  sleep(duration: Duration, options?: { summary?: string }): Promise<void>
  /** A past instant resolves in the next turn. */
  sleepUntil(instant: Instant): Promise<void>
  /**
   * Resolves when `fn` is true; it is asked again after whatever happens to the run.
   * `await ctx.condition(() => approvals.length >= 2)`
   */
  condition(fn: () => boolean): Promise<true>
  /** False: the timeout came first. */
  condition(fn: () => boolean, timeout: Duration): Promise<boolean>

  /** The next signal of that name, in the order received. Out of time: `SignalTimeoutError`. */
  waitForSignal<P>(definition: SignalDefinition<P>, options?: { timeout?: Duration }): Promise<P>
  /** Out of time, it gives the default. */
  waitForSignal<P, const D>(
    definition: SignalDefinition<P>,
    options: { timeout: Duration; default: D },
  ): Promise<P | D>
  /** By name, typed where the workflow declares it. Out of time, it gives the default. */
  waitForSignal<K extends Keys<M, SignalDefinition>, const D>(
    name: K,
    options: { timeout: Duration; default: D },
  ): Promise<SignalPayload<M, K> | D>
  /** By name, typed where the workflow declares it. Out of time: `SignalTimeoutError`. */
  waitForSignal<K extends Keys<M, SignalDefinition>>(
    name: K,
    options?: { timeout?: Duration },
  ): Promise<SignalPayload<M, K>>
  /** By any other name. */
  waitForSignal<T = Untyped, const D = never, K extends string = string>(
    name: K extends Keys<M, SignalDefinition> ? never : K,
    options?: { timeout?: Duration } | { timeout: Duration; default: D },
  ): Promise<T | D>
  /** `waitForSignal` that tells an answer from a timeout. */
  receiveSignal<P>(
    definition: SignalDefinition<P> | string,
    options?: { timeout?: Duration },
  ): Promise<SignalResult<P>>
  /** The signals of that name one after another, for `for await`: it waits for each, and ends with `break` or a cancel. */
  signals<P>(definition: SignalDefinition<P> | string): AsyncIterable<P>
  /**
   * `fn` takes the signals of that name: those that came before, in order, and from then on each that no pending wait
   * takes. It may be asynchronous and use `ctx`; the run stays open until it has ended, and fails with what it throws.
   */
  setSignalHandler<P>(
    definition: SignalDefinition<P> | string,
    fn: (payload: P) => void | Promise<void>,
  ): void
  /**
   * `fn` answers queries of that name: synchronously, from the workflow's variables, changing nothing.
   * `ctx.setQueryHandler(status, () => stage)`
   */
  setQueryHandler<R, A extends unknown[]>(
    definition: QueryDefinition<R, A>,
    fn: (...args: NoInfer<A>) => NoInfer<R>,
  ): void
  /** By name. */
  setQueryHandler<R>(name: string, fn: (...args: any[]) => R): void

  /**
   * `fn` runs updates of that name; its result or its throw is what `handle.update` gets, and the run stays open until it
   * has ended. It may be asynchronous and use `ctx`. `validate` says before anything is recorded whether the update is
   * accepted: synchronously, from the workflow's variables, changing nothing; what it throws is what the caller gets.
   */
  setUpdateHandler<R, A extends unknown[]>(
    definition: UpdateDefinition<R, A>,
    fn: (...args: NoInfer<A>) => NoInfer<R | Promise<R>>,
    options?: { validate?: (...args: NoInfer<A>) => void },
  ): void
  /** By name. */
  setUpdateHandler<R>(
    name: string,
    fn: (...args: any[]) => R | Promise<R>,
    options?: { validate?: (...args: any[]) => void },
  ): void

  /** Resolves when the child has started; `ChildWorkflowError` where it cannot be, `cause` says why. */
  startChild<I, R, CM extends MessageMap>(
    workflow: WorkflowDefinition<I, R, CM>,
    options: ChildOptions & InputArg<I>,
  ): Promise<ChildHandle<R, CM>>
  /** `startChild`, and then its `result()`: `await ctx.executeChild(shipping, { input: parcel })`. */
  executeChild<I, R, CM extends MessageMap>(
    workflow: WorkflowDefinition<I, R, CM>,
    options: ChildOptions & InputArg<I>,
  ): Promise<R>
  /** Any other workflow of the namespace, to signal or cancel it: `await ctx.external('cart-7').signal(paid)`. */
  external<CM extends MessageMap = {}>(
    workflowId: string,
    runId?: string,
  ): Omit<ChildHandle<never, CM>, 'result'>

  /**
   * Settles as `fn` does. `cancel()` makes pending awaits inside throw `CancelledError`; on timeout they do too and the
   * scope throws `TimeoutError` of kind 'scope'.
   * `await ctx.scope(() => ctx.activity(search, { input: query }), { timeout: '1m' })`
   */
  scope<T>(fn: (scope: Scope) => Promise<T>, options?: { timeout?: Duration }): Promise<T>
  /** Inside `fn`, a cancel of the workflow or of a scope around it is not felt. */
  shield<T>(fn: () => Promise<T>): Promise<T>
  /**
   * `fn` undoes what has been done, if the run fails or is cancelled: the newest first, each awaited, and none of them
   * feels a cancel. Register it before the work that it undoes. One that fails does not keep the others from running;
   * the run then fails with a `CompensationError`.
   * `ctx.compensate(async () => void (await ctx.activity(release, { input: id })))`
   */
  compensate(fn: () => Promise<void>): void

  /**
   * Changes the run's memo: what `describe` and `list` show of it. Fields not named stay; null or undefined unsets.
   * A field has at most 128 KiB as JSON, all of them 512 KiB.
   */
  upsertMemo(memo: Record<string, unknown>): void
  /**
   * Changes the search attributes that the run is found by. Attributes not named stay; null or an empty list unsets.
   * `ctx.upsertSearchAttributes({ stage: 'paid', courier: null })`
   */
  upsertSearchAttributes(attributes: SearchAttributes): void
  /**
   * True where the run may take the new path: it is new, or it recorded the patch.
   * `if (ctx.patched('fraud-check')) await ctx.activity(checkFraud, { input: order })`
   */
  patched(id: string): boolean
  /** In place of `patched()` once no run is on the old path. */
  deprecatePatch(id: string): void

  /**
   * Ends this run and goes on as a new one of the same id, with a new input and an empty history: it throws, and never
   * returns. What was received and not read goes along, and so do memo and search attributes. Once it has been called,
   * the run ends this way however the function ends.
   * `if (ctx.history.continueAsNewSuggested) ctx.continueAsNew({ ...state, cursor })`
   */
  continueAsNew<I>(input: I, options?: ContinueAsNewOptions): never
}
