/** What a workflow function can do. Every call is recorded in history, and answered from it on replay. */
/* oxlint-disable typescript/no-explicit-any -- `any` is "not said" in the public signatures: definitions of any type */
import type {
  ActivityDefinition,
  ActivityName,
  ActivityOptions,
  InputArg,
  InputOf,
  OutputOf,
  RetryPolicy,
  StepContext,
} from './activity.ts'
import type { SearchAttributes } from './attributes.ts'
import type { Duration, Instant } from './duration.ts'
import type {
  Keys,
  MessageMap,
  MessageTarget,
  QueryDefinition,
  SignalDefinition,
  SignalPayload,
  UpdateDefinition,
} from './message.ts'
import type { IdConflict, IdReuse } from './protocol.ts'
import type { Untyped } from './register.ts'
import type { WorkflowDefinition } from './workflow.ts'

export type SignalResult<T> = { received: true; payload: T; receivedAt: Date } | { received: false }

/** What the next run has of its own; what is absent stays as it is. */
export interface ContinueAsNewOptions {
  taskQueue?: string
  runTimeout?: Duration
  /** How long its first turn waits. */
  startDelay?: Duration
  retry?: RetryPolicy
  memo?: Record<string, unknown>
  searchAttributes?: SearchAttributes
}

export interface ChildOptions {
  /** Absent: one is made, the same on every replay. */
  workflowId?: string
  taskQueue?: string
  executionTimeout?: Duration
  /** A child that fails is tried again, as a new run of the same id; its parent hears of the last. Default: it is not. */
  retry?: RetryPolicy
  /** What becomes of the child when this workflow closes. */
  parentClosePolicy?: 'terminate' | 'cancel' | 'abandon'
  /** When a cancelled child settles here: after it ended, when it was told, at once while it is told, or at once untold. */
  cancellation?: 'wait' | 'wait-requested' | 'try' | 'abandon'
  idReuse?: IdReuse
  idConflict?: IdConflict
  memo?: Record<string, unknown>
  searchAttributes?: SearchAttributes
}

/** A child that has started. */
export interface ChildHandle<R, M extends MessageMap> extends MessageTarget<M> {
  readonly workflowId: string
  readonly firstRunId: string
  result(): Promise<R>
  cancel(reason?: string): Promise<void>
}

/** One part of a workflow that can be cancelled without the rest. */
export interface Scope {
  cancel(reason?: string): void
  cancellation: AbortSignal
}

export interface WorkflowContext<M extends MessageMap = {}> {
  readonly workflowId: string
  readonly runId: string
  readonly workflowType: string
  readonly taskQueue: string
  /** Of the workflow's `retry`, from 1. */
  readonly attempt: number
  readonly startTime: Date
  /** How many recorded calls the code has made. */
  readonly currentStep: number
  readonly isReplaying: boolean
  /** W3C trace context of the run: the trace that its activities' and steps' own contexts belong to. */
  readonly traceparent: string
  /**
   * Counted once, whatever is replayed, and given out when what the code did with it is durable; what is lost with its
   * object in that very moment is not. To the Analytics Engine dataset bound as METRICS, else to the log:
   * `ctx.metrics.counter('orders').add(1, { country })`
   */
  readonly metrics: {
    counter(name: string): { add(n: number, tags?: Record<string, string>): void }
    histogram(name: string): { record(value: number, tags?: Record<string, string>): void }
  }
  /**
   * What the run has recorded before the code's present step. `bytes` are of JSON. Long histories make a run slow to bring
   * back: from 4,096 events or 4 MB `continueAsNewSuggested` is true.
   */
  readonly history: { events: number; bytes: number; continueAsNewSuggested: boolean }
  readonly version: string
  readonly parent?: { workflowId: string; runId: string }
  /** The schedule that began the run, and the time that the run is for. */
  readonly schedule?: { scheduleId: string; scheduledAt: Date }
  /** Aborted when the workflow is asked to cancel. */
  readonly cancellation: AbortSignal
  /** Silent on replay. */
  readonly log: Pick<Console, 'debug' | 'info' | 'warn' | 'error'>
  now(): Date
  random(): number
  uuid(): string

  /** Runs an activity on its task queue, with retries, and gives its result. */
  activity<I, O>(
    definition: ActivityDefinition<I, O, any>,
    options: ActivityOptions & InputArg<I>,
  ): Promise<O>
  activity<N extends ActivityName>(name: N, options: ActivityOptions & InputOf<N>): Promise<OutputOf<N>>
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
  sleepUntil(instant: Instant): Promise<void>
  /** Resolves when `fn` is true; it is asked again after whatever happens to the run. False: the timeout came first. */
  condition(fn: () => boolean): Promise<true>
  condition(fn: () => boolean, timeout: Duration): Promise<boolean>

  /** The next signal of that name, in the order received. Out of time: the default, or a `SignalTimeoutError`. */
  waitForSignal<P>(definition: SignalDefinition<P>, options?: { timeout?: Duration }): Promise<P>
  waitForSignal<P, const D>(
    definition: SignalDefinition<P>,
    options: { timeout: Duration; default: D },
  ): Promise<P | D>
  waitForSignal<K extends Keys<M, SignalDefinition>, const D>(
    name: K,
    options: { timeout: Duration; default: D },
  ): Promise<SignalPayload<M, K> | D>
  waitForSignal<K extends Keys<M, SignalDefinition>>(
    name: K,
    options?: { timeout?: Duration },
  ): Promise<SignalPayload<M, K>>
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
  /** `fn` answers queries of that name: synchronously, from the workflow's variables, changing nothing. */
  setQueryHandler<R, A extends unknown[]>(
    definition: QueryDefinition<R, A>,
    fn: (...args: NoInfer<A>) => NoInfer<R>,
  ): void
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
  setUpdateHandler<R>(
    name: string,
    fn: (...args: any[]) => R | Promise<R>,
    options?: { validate?: (...args: any[]) => void },
  ): void

  /** Resolves when the child has started. */
  startChild<I, R, CM extends MessageMap>(
    workflow: WorkflowDefinition<I, R, CM>,
    options: ChildOptions & InputArg<I>,
  ): Promise<ChildHandle<R, CM>>
  /** Starts the child and gives its result. */
  executeChild<I, R, CM extends MessageMap>(
    workflow: WorkflowDefinition<I, R, CM>,
    options: ChildOptions & InputArg<I>,
  ): Promise<R>
  /** Any other workflow of the namespace, to signal or cancel it. */
  external<CM extends MessageMap = {}>(
    workflowId: string,
    runId?: string,
  ): Omit<ChildHandle<never, CM>, 'result'>

  /**
   * Settles as `fn` does. `cancel()` makes pending awaits inside throw `CancelledError`; on timeout they do too and the
   * scope throws `TimeoutError` of kind 'scope'.
   */
  scope<T>(fn: (scope: Scope) => Promise<T>, options?: { timeout?: Duration }): Promise<T>
  /** Inside `fn`, a cancel of the workflow or of a scope around it is not felt. */
  shield<T>(fn: () => Promise<T>): Promise<T>
  /**
   * `fn` undoes what has been done, if the run fails or is cancelled: the newest first, each awaited, and none of them
   * feels a cancel. Register it before the work that it undoes. One that fails does not keep the others from running;
   * the run then fails with a `CompensationError`.
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
  /** True where the run may take the new path: it is new, or it recorded the patch. */
  patched(id: string): boolean
  /** In place of `patched()` once no run is on the old path. */
  deprecatePatch(id: string): void

  /**
   * Ends this run and goes on as a new one of the same id, with a new input and an empty history: it throws, and never
   * returns. What was received and not read goes along, and so do memo and search attributes. Once it has been called,
   * the run ends this way however the function ends.
   */
  continueAsNew<I>(input: I, options?: ContinueAsNewOptions): never
}
