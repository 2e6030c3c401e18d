/** What an activity is to its author, to the workflow that calls it and to the engine that runs it. */
/* oxlint-disable typescript/no-explicit-any -- `any` is "not said" in the public signatures: inputs and results by name only */
import type { Duration } from './duration.ts'
import type { Register } from './register.ts'

/** @inline */
interface RetryBase {
  /** Counts the first attempt; absent is unlimited. */
  maxAttempts?: number
  /** Before the second attempt. Default: 1 s. */
  initialInterval?: Duration
  /** No delay is longer. Default: 100 s. */
  maxInterval?: Duration
  /** 0 to 1: the share of each delay that is drawn at random. Default: 0. */
  jitter?: number
  /** Error names, codes or `ApplicationError` types that end the retries at once. */
  nonRetryableErrors?: readonly string[]
}
/** When a failed attempt is tried again. Without one: after 1 s, doubling up to 100 s, for ever. */
export type RetryPolicy = RetryBase &
  (
    | {
        /** How the delays grow. Default: exponential. */
        backoff?: 'exponential'
        /** What each delay is multiplied by for the next. Default: 2. */
        backoffCoefficient?: number
      }
    | {
        /** `linear`: the initial interval times the number of failed attempts; `constant`: always the initial interval. */
        backoff: 'linear' | 'constant'
        /** Belongs to `exponential` alone. */
        backoffCoefficient?: never
      }
  )

/** What a running activity knows of itself; `H` is the type of its heartbeat details. */
export interface ActivityContext<H = unknown> {
  /** Names this call; the same for every attempt. */
  readonly activityId: string
  /** The name that the activity was defined with. */
  readonly activityType: string
  /** From 1. */
  readonly attempt: number
  /** The workflow that called it. */
  readonly workflowId: string
  /** The run that called it. */
  readonly runId: string
  /** The task queue that it came by. */
  readonly taskQueue: string
  /** The same for every attempt of this call: hand it to services that deduplicate. */
  readonly idempotencyKey: string
  /** What the last attempt reported before it ended. */
  readonly heartbeatDetails: H | undefined
  /** Aborted on cancel, timeout and worker shutdown; `reason` says which. */
  readonly cancellation: AbortSignal
  /** When the attempt is given up: the earlier end of its start-to-close and schedule-to-close timeouts. */
  readonly deadline: Date
  /** W3C trace context of this attempt, in the trace of its run: a header for the services that it calls. */
  readonly traceparent: string
  /**
   * Says that the attempt goes on, which restarts its `heartbeatTimeout`; `details` are what the next attempt finds
   * as `heartbeatDetails`. Cheap to call often: what is new is sent every few seconds.
   * ```ts
   * for (const [index, page] of pages.entries()) {
   *   await copy(page, { signal: ctx.cancellation })
   *   await ctx.heartbeat({ done: index + 1 })
   * }
   * ```
   */
  heartbeat(details?: H): Promise<void>
  /**
   * Opaque: hand it to whoever finishes the work with `client.activities.complete(taskToken, result)`, and then
   * `return ctx.completeLater()`. Throws `not_configured` where the scheduler has no TASK_TOKEN_KEYS.
   */
  readonly taskToken: string
  /**
   * Ends the function without ending the activity; it throws, so let it through. Start-to-close and heartbeat timeouts go
   * on, and so does `client.activities.heartbeat`.
   */
  completeLater(): never
}

/** What the function of an inline step knows of itself. */
export interface StepContext {
  /** W3C trace context of this attempt, in the trace of its run: a header for the services that it calls. */
  readonly traceparent: string
  /** From 1; one that was lost with its object counts. */
  readonly attempt: number
  /** The same for every attempt of this call: hand it to services that deduplicate. */
  readonly idempotencyKey: string
  /**
   * Aborted when the step is cancelled, has had its time, or its run has closed, and when the object that runs it is given
   * up (`reason` is a WorkerShutdownError). Cooperative: a function that does not look at it runs on.
   */
  readonly cancellation: AbortSignal
}

/** How one call of an activity is run; each option overrides the definition's. */
export interface ActivityOptions {
  /** Default: after 1 s, doubling up to 100 s, for ever. */
  retry?: RetryPolicy
  /** Alias of `startToCloseTimeout`. */
  timeout?: Duration
  /** Of one attempt; out of time, it has failed as `timeout` and is retried. Default: 10 minutes. */
  startToCloseTimeout?: Duration
  /** Until an attempt begins; out of time, the call fails and is not retried. Default: none. */
  scheduleToStartTimeout?: Duration
  /** Of the call with all its attempts; no retry is planned beyond it. Default: none. */
  scheduleToCloseTimeout?: Duration
  /** Between two heartbeats of an attempt; out of time, it has failed as `timeout` and is retried. Default: none. */
  heartbeatTimeout?: Duration
  /**
   * Whose Workers run it. Default: the workflow's own task queue. The call fails with `unknown_task_queue` where the
   * scheduler has no such queue.
   */
  taskQueue?: string
  /**
   * When a cancelled call settles: after the activity ended, at once while it is told, or at once while it runs on.
   * Default: wait.
   */
  cancellation?: 'wait' | 'try' | 'abandon'
  /**
   * Which of the attempts that wait in a shard goes first: the higher, from -1,000 to 1,000. Default: the run's, or 0. It
   * decides where tasks wait for a rate or to be pulled; what is in a Queue already is delivered in the Queue's order.
   */
  priority?: number
  /**
   * At most one activity at a time runs per key in its task queue, whichever run called it; the others wait in the order in
   * which they asked. 1 to 200 characters. It holds the key from its first attempt to its end, over its retries and their
   * back-off; while it waits, schedule-to-start and schedule-to-close run. Default: none, nothing waits.
   *
   * ```ts
   * await ctx.activity(charge, { input, concurrencyKey: `account/${input.accountId}` })
   * ```
   */
  concurrencyKey?: string
  /** A text for people, kept in the event that schedules the call. */
  summary?: string
}

/** `input` may be left out where its type allows undefined. */
export type InputArg<I> = undefined extends I ? { input?: I } : { input: I }

/** An activity's name and types; made by `defineActivity()`. */
export interface ActivityDefinition<I = any, O = any, N extends string = string> {
  /** Tells definitions apart. */
  readonly kind: 'activity'
  /** What Workers and histories know it by. */
  readonly name: N
  /** @internal Carries the types; never set. */
  readonly '~types'?: { input: I; output: O }
}

type RegisteredActivities = Register extends { activities: infer A } ? A : {}
/** Never for one that may have any name: it would be what every name is taken for. */
type NameOf<A> = A extends ActivityDefinition<any, any, infer N> ? (string extends N ? never : N) : never
/** A map, since a search among all of them for each name would take the compiler their square. */
type ActivityByName = {
  [K in keyof RegisteredActivities as NameOf<RegisteredActivities[K]>]: RegisteredActivities[K]
}
/** The names of the registered activities. */
export type ActivityName = Extract<keyof ActivityByName, string>
type Registered<N> = N extends keyof ActivityByName ? ActivityByName[N] : never
export type InputOf<N> = Registered<N> extends ActivityDefinition<infer I, any, any> ? InputArg<I> : {}
export type OutputOf<N> = Registered<N> extends ActivityDefinition<any, infer O, any> ? O : never
