/**
 * The errors a user can meet. Callers branch on `code` (lower snake case, this one list) and never on the text,
 * which tells a person what to do next. A class exists only where some caller acts differently on it.
 *
 * Classes do not survive RPC, so every hop carries a `SerializedError` (a plain value) and `deserializeError`
 * rebuilds the class from its code on the other side, cause chain included.
 */
export type ErrorCode =
  | 'workflow_not_found'
  | 'workflow_already_started'
  | 'workflow_closed'
  | 'workflow_running'
  | 'workflow_paused'
  | 'workflow_failed'
  | 'continued_as_new'
  | 'unknown_workflow'
  | 'unknown_version'
  | 'unknown_activity'
  | 'unknown_task_queue'
  | 'query_not_registered'
  | 'update_not_registered'
  | 'update_rejected'
  | 'update_not_found'
  | 'invalid_argument'
  | 'payload_too_large'
  | 'payload_unsupported'
  | 'payload_needs_bucket'
  | 'codec_failed'
  | 'application_error'
  | 'activity_failed'
  | 'child_failed'
  | 'compensation_failed'
  | 'cancelled'
  | 'terminated'
  | 'timeout'
  | 'attempt_lost'
  | 'worker_shutdown'
  | 'nondeterminism'
  | 'blocked'
  | 'limit_pending'
  | 'limit_updates'
  | 'history_limit'
  | 'shard_count_mismatch'
  | 'schedule_exists'
  | 'schedule_not_found'
  | 'stale_task'
  | 'lease_held'
  | 'lease_lost'
  | 'overloaded'
  | 'unauthorized'
  | 'forbidden'
  | 'protocol_mismatch'
  | 'not_configured'
  | 'internal'

/** An error as a plain value: what history, RPC and `describe` carry. */
export interface SerializedError {
  name: string
  message: string
  code: string
  stack?: string
  cause?: SerializedError
  details?: unknown
  /** What of it is behind the user's codec. */
  encoded?: unknown
  /** The class's own fields (`attempt`, `kind`, `workflowId`, ...), plain JSON. */
  facts?: Record<string, unknown>
}

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
  override readonly name: string = 'WorkflowError'
  readonly code: ErrorCode
  readonly path: string | undefined

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown; path?: string | undefined }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.path = options?.path
  }
}

/** A failure the application raises on purpose; `type` is what `nonRetryableErrors` matches. */
export class ApplicationError extends WorkflowError {
  override readonly name: string = 'ApplicationError'
  readonly type: string
  readonly nonRetryable: boolean
  readonly details: unknown
  /** Milliseconds or duration text before the next attempt, instead of the policy's back-off. */
  readonly retryAfter: string | number | undefined

  constructor(
    message: string,
    options?: {
      type?: string
      nonRetryable?: boolean
      retryAfter?: string | number
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
  readonly activityType: string
  readonly attempt: number
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
  readonly kind: TimeoutKind

  constructor(kind: TimeoutKind, message: string, cause?: unknown) {
    super('timeout', message, { cause })
    this.kind = kind
  }
}

/** `waitForSignal` with a timeout and no default. */
export class SignalTimeoutError extends TimeoutError {
  override readonly name: string = 'SignalTimeoutError'
  readonly signalName: string

  constructor(signalName: string, message = `signal ${signalName} did not arrive in time`) {
    super('signal', message)
    this.signalName = signalName
  }
}

/** What every cancelled await rejects with; also `cancellation.reason` inside an activity. */
export class CancelledError extends WorkflowError {
  override readonly name: string = 'CancelledError'
  readonly reason: string | undefined

  constructor(reason?: string) {
    super('cancelled', reason === undefined ? 'cancelled' : `cancelled: ${reason}`)
    this.reason = reason
  }
}

/** The run was terminated by an operator, its parent's close or an id policy. */
export class TerminatedError extends WorkflowError {
  override readonly name: string = 'TerminatedError'
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
  readonly workflowId: string

  constructor(workflowId: string, cause: Error) {
    super('child_failed', `child workflow ${workflowId}: ${cause.message}`, { cause })
    this.workflowId = workflowId
  }
}

/** What a run had done could not all be undone: `failures` says what failed, `cause` why the run had to compensate. */
export class CompensationError extends WorkflowError {
  override readonly name: string = 'CompensationError'
  readonly failures: readonly Error[]

  constructor(failures: readonly Error[], cause: unknown) {
    const texts = failures.map(({ message }) => message).join('; ')
    super('compensation_failed', `${failures.length} of the compensations failed: ${texts}`, { cause })
    this.failures = failures
  }
}

export type FailedStatus = 'failed' | 'cancelled' | 'terminated' | 'timed_out' | 'continued_as_new'

/** `result()` of a run that did not complete; `cause` is the failure that ended it. */
export class WorkflowFailedError extends WorkflowError {
  override readonly name: string = 'WorkflowFailedError'
  readonly workflowId: string
  readonly runId: string
  readonly status: FailedStatus
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

export class WorkflowAlreadyStartedError extends WorkflowError {
  override readonly name: string = 'WorkflowAlreadyStartedError'
  readonly workflowId: string
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

export class WorkflowNotFoundError extends WorkflowError {
  override readonly name: string = 'WorkflowNotFoundError'
  readonly workflowId: string

  constructor(workflowId: string, message = `no workflow ${workflowId} is known here`) {
    super('workflow_not_found', message)
    this.workflowId = workflowId
  }
}

/** The workflow code asked for something other than what its history recorded. It blocks the run; it never fails it. */
export class NonDeterminismError extends WorkflowError {
  override readonly name: string = 'NonDeterminismError'
  readonly eventId: number
  readonly expected: string
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

export class QueryNotRegisteredError extends WorkflowError {
  override readonly name: string = 'QueryNotRegisteredError'
  readonly known: readonly string[]

  constructor(message: string, known: readonly string[]) {
    super('query_not_registered', message)
    this.known = known
  }
}
