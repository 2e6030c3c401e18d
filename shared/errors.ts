/**
 * The errors a user can meet. Callers branch on `code` and never on the text, which tells a person what to do next.
 * A class exists only where some caller acts differently on it.
 *
 * Classes do not survive RPC, so every hop carries a `SerializedError` (a plain value) and `deserializeError`
 * rebuilds the class from its code on the other side, cause chain included.
 */
import type { Duration } from './duration.ts'
import type { ErrorCode } from './error-code.ts'

/** An error as a plain value: what history, RPC and `describe` carry. */
export interface SerializedError {
  /** The class's, or that of the error thrown. */
  name: string
  /** For people. */
  message: string
  /** An `ErrorCode`; of an error that is none of the engine's, `application_error`. */
  code: string
  /** Of the origin. */
  stack?: string
  /** What it came from. */
  cause?: SerializedError
  /** An `ApplicationError`'s own, decoded. */
  details?: unknown
  /** What of it is behind the user's codec. */
  encoded?: unknown
  /** The class's own fields (`attempt`, `kind`, `workflowId`, ...), plain JSON. */
  facts?: Record<string, unknown>
}

/** Which clock ran out. */
export type TimeoutKind =
  | 'start-to-close'
  | 'schedule-to-start'
  | 'schedule-to-close'
  | 'heartbeat'
  | 'execution'
  | 'run'
  | 'result'
  | 'signal'
  | 'scope'

/** Every error of the engine. `code` says which; `path` names the offending field of a bad input. */
export class WorkflowError extends Error {
  /** The class's name. */
  override readonly name: string = 'WorkflowError'
  /** What to branch on. */
  readonly code: ErrorCode
  /** The field of a bad argument, such as `searchAttributes.total`, or the binding that is missing. */
  readonly path: string | undefined
  /** Of `overloaded`: milliseconds before the same call may succeed, where the shard can tell. */
  declare readonly retryAfterMs?: number

  constructor(
    code: ErrorCode,
    message: string,
    options?: { cause?: unknown; path?: string | undefined; retryAfterMs?: number | undefined },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.path = options?.path
    if (options?.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs
  }
}

/**
 * A failure the application raises on purpose.
 *
 * ```ts
 * throw new ApplicationError('card declined', { type: 'CardDeclined', nonRetryable: true, details: { code: 51 } })
 * ```
 */
export class ApplicationError extends WorkflowError {
  override readonly name: string = 'ApplicationError'
  /** What `nonRetryableErrors` matches. Default: `ApplicationError`. */
  readonly type: string
  /** Whether it ends the retries at once. Default: false. */
  readonly nonRetryable: boolean
  /** Plain data that travels with it. */
  readonly details: unknown
  /**
   * Before the next attempt, instead of the policy's back-off; one that cannot be read leaves it at that, and the scheduler
   * logs `retry_after_unread`.
   */
  readonly retryAfter: Duration | undefined

  constructor(
    message: string,
    options?: {
      type?: string
      nonRetryable?: boolean
      retryAfter?: Duration
      details?: unknown
      cause?: unknown
    },
  ) {
    super('application_error', message, { cause: options?.cause })
    this.type = options?.type ?? 'ApplicationError'
    this.nonRetryable = options?.nonRetryable ?? false
    this.details = options?.details
    this.retryAfter = options?.retryAfter
  }
}

/** An activity or inline step that ended in failure, after its last attempt; `cause` is that attempt's own error. */
export class ActivityError extends WorkflowError {
  override readonly name: string = 'ActivityError'
  /** The activity's name, or the step's. */
  readonly activityType: string
  /** The last one, from 1. */
  readonly attempt: number
  /** That attempt's own error. */
  declare readonly cause: WorkflowError

  constructor(activityType: string, attempt: number, cause: Error) {
    super('activity_failed', `activity ${activityType} failed on attempt ${attempt}: ${cause.message}`, {
      cause,
    })
    this.activityType = activityType
    this.attempt = attempt
  }
}

/** Something did not happen in time; `kind` names the clock that ran out. */
export class TimeoutError extends WorkflowError {
  override readonly name: string = 'TimeoutError'
  /** Which clock ran out. */
  readonly kind: TimeoutKind

  constructor(kind: TimeoutKind, message: string, cause?: unknown) {
    super('timeout', message, { cause })
    this.kind = kind
  }
}

/** `waitForSignal` with a timeout and no default. */
export class SignalTimeoutError extends TimeoutError {
  override readonly name: string = 'SignalTimeoutError'
  /** The signal that did not come. */
  readonly signalName: string

  constructor(signalName: string, message = `signal ${signalName} did not arrive in time`) {
    super('signal', message)
    this.signalName = signalName
  }
}

/** What every cancelled await rejects with; also `cancellation.reason` inside an activity. */
export class CancelledError extends WorkflowError {
  override readonly name: string = 'CancelledError'
  /** As whoever cancelled gave it; an activity is not told. */
  readonly reason: string | undefined

  constructor(reason?: string) {
    super('cancelled', reason === undefined ? 'cancelled' : `cancelled: ${reason}`)
    this.reason = reason
  }
}

/** The run was terminated by an operator, its parent's close or an id policy. */
export class TerminatedError extends WorkflowError {
  override readonly name: string = 'TerminatedError'
  /** As whoever terminated gave it. */
  readonly reason: string | undefined

  constructor(reason?: string) {
    super('terminated', reason === undefined ? 'terminated' : `terminated: ${reason}`)
    this.reason = reason
  }
}

/** `cancellation.reason` when the worker shuts down: not a user's cancel. */
export class WorkerShutdownError extends WorkflowError {
  override readonly name: string = 'WorkerShutdownError'
  constructor(message = 'the worker is shutting down') {
    super('worker_shutdown', message)
  }
}

/** A child that did not complete; `cause` says how it ended. */
export class ChildWorkflowError extends WorkflowError {
  override readonly name: string = 'ChildWorkflowError'
  /** The child's. */
  readonly workflowId: string
  /** How it ended. */
  declare readonly cause: WorkflowError

  constructor(workflowId: string, cause: Error) {
    super('child_failed', `child workflow ${workflowId}: ${cause.message}`, { cause })
    this.workflowId = workflowId
  }
}

/** What a run had done could not all be undone: `failures` says what failed, `cause` why the run had to compensate. */
export class CompensationError extends WorkflowError {
  override readonly name: string = 'CompensationError'
  /** What was thrown, in the order in which the compensations ran. */
  readonly failures: readonly Error[]

  constructor(failures: readonly Error[], cause: unknown) {
    const texts = failures.map(({ message }) => message).join('; ')
    super('compensation_failed', `${failures.length} of the compensations failed: ${texts}`, { cause })
    this.failures = failures
  }
}

/** How a run ended that did not complete. */
export type FailedStatus = 'failed' | 'cancelled' | 'terminated' | 'timed_out' | 'continued_as_new'

/** `result()` of a run that did not complete; `cause` is the failure that ended it. */
export class WorkflowFailedError extends WorkflowError {
  override readonly name: string = 'WorkflowFailedError'
  /** The workflow. */
  readonly workflowId: string
  /** The run that ended. */
  readonly runId: string
  /** How it ended. */
  readonly status: FailedStatus
  /** The failure that ended it. */
  declare readonly cause: WorkflowError

  constructor(run: { workflowId: string; runId: string; status: FailedStatus }, cause: Error) {
    super(
      'workflow_failed',
      `workflow ${run.workflowId} ${run.status.replaceAll('_', ' ')}: ${cause.message}`,
      { cause },
    )
    this.workflowId = run.workflowId
    this.runId = run.runId
    this.status = run.status
  }
}

/** A start of an id that `idConflict` or `idReuse` forbids. */
export class WorkflowAlreadyStartedError extends WorkflowError {
  override readonly name: string = 'WorkflowAlreadyStartedError'
  /** The id. */
  readonly workflowId: string
  /** The run that has it. */
  readonly runId: string

  constructor(workflowId: string, runId: string, message?: string) {
    super(
      'workflow_already_started',
      message ??
        `workflow ${workflowId} is already running as ${runId}; pass idConflict or another workflowId`,
    )
    this.workflowId = workflowId
    this.runId = runId
  }
}

/** The id, or the run of the id, is not known. */
export class WorkflowNotFoundError extends WorkflowError {
  override readonly name: string = 'WorkflowNotFoundError'
  /** The id. */
  readonly workflowId: string

  constructor(workflowId: string, message = `no workflow ${workflowId} is known here`) {
    super('workflow_not_found', message)
    this.workflowId = workflowId
  }
}

/** The workflow code asked for something other than what its history recorded. It blocks the run; it never fails it. */
export class NonDeterminismError extends WorkflowError {
  override readonly name: string = 'NonDeterminismError'
  /** The event at which they differ. */
  readonly eventId: number
  /** What it recorded. */
  readonly expected: string
  /** What the code asked for. */
  readonly actual: string

  constructor(eventId: number, found: { expected: string; actual: string; message?: string }) {
    const { expected, actual, message } = found
    super(
      'nondeterminism',
      message ??
        `event ${eventId} recorded ${expected} but the code asked for ${actual}; use ctx.patched() instead of editing a workflow that has running runs`,
    )
    this.eventId = eventId
    this.expected = expected
    this.actual = actual
  }
}

/** A query that the workflow has no handler of, or has none of yet. */
export class QueryNotRegisteredError extends WorkflowError {
  override readonly name: string = 'QueryNotRegisteredError'
  /** The queries that it has handlers of. */
  readonly known: readonly string[]

  constructor(message: string, known: readonly string[]) {
    super('query_not_registered', message)
    this.known = known
  }
}
