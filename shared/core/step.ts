/** The life of an inline step between the event that scheduled it and the event that ends it. */
import type { SerializedError } from '../errors.ts'
import { WorkflowError } from '../errors.ts'
import type { StepScheduled } from './events.ts'
import { serializeError } from './failure.ts'
import type { StepEnd } from './inputs.ts'
import { askedDelayMs, isNonRetryable, nextDelayMs, rulesOf } from './retry.ts'

export interface OpenStep {
  readonly scheduled: StepScheduled
  cancelRequested: boolean
}

export interface StepRetry {
  kind: 'retry'
  attempt: number
  dueAt: number
}

interface FailedAttempt {
  attempt: number
  error: SerializedError
  /** It stopped because it was asked to. */
  gaveIn: boolean
}

/** What follows a failed attempt: another one, or the end that the workflow is told. A cancel request ends retries. */
export function afterStepFailure(
  { scheduled, cancelRequested }: OpenStep,
  { attempt, error, gaveIn }: FailedAttempt,
  clock: { now: number; draw: number },
): StepRetry | StepEnd {
  const failed = { kind: 'failed', error } as const
  if (cancelRequested) return gaveIn ? { kind: 'cancelled' } : failed
  const { retry } = rulesOf(scheduled)
  if (isLast(scheduled, attempt) || isNonRetryable(retry, error)) return failed
  const dueAt = clock.now + (askedDelayMs(error) ?? nextDelayMs(retry, attempt, clock.draw))
  return dueAt > stepCloseAt(scheduled) ? failed : { kind: 'retry', attempt: attempt + 1, dueAt }
}

/** What follows an attempt that was lost with the object that ran it: it may have run, and nobody knows. */
export function afterStepLoss(
  { scheduled, cancelRequested }: OpenStep,
  attempt: number,
  now: number,
): StepRetry | StepEnd {
  if (cancelRequested) return { kind: 'cancelled' }
  if (!isLast(scheduled, attempt)) return { kind: 'retry', attempt: attempt + 1, dueAt: now }
  const message = `step ${scheduled.name}: its last attempt was lost with the object that ran it`
  return { kind: 'failed', error: serializeError(new WorkflowError('attempt_lost', message)) }
}

/** When the step has had its time, whatever its policy leaves. */
export function stepCloseAt(scheduled: StepScheduled): number {
  const { scheduleToCloseMs } = rulesOf(scheduled).timeouts
  return scheduleToCloseMs === undefined ? Infinity : scheduled.at + scheduleToCloseMs
}

function isLast(scheduled: StepScheduled, attempt: number): boolean {
  const { maxAttempts } = rulesOf(scheduled).retry
  return maxAttempts !== undefined && attempt >= maxAttempts
}
