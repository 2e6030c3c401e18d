/**
 * The life of an activity between the event that scheduled it and the event that ends it: sent, claimed, renewed,
 * failed and tried again, timed out. Attempts are columns, not history; only the end becomes an input of the run.
 *
 * T1 At most one attempt number is current; everything that speaks of another one is stale.
 * T2 A claim is taken over only when it has been silent and the message came again; that is a new attempt number.
 * T3 A report for the current attempt is accepted even when memory knows no claim: memory may have been lost.
 * T4 A cancel request ends retries: nobody's attempt resolves at once, a running one by its own end.
 * T5 An attempt that a Worker gives back is nobody's again, under the same number: it has not failed.
 * T6 An attempt that was handed over belongs to whoever has its token: that its claim is silent means nothing.
 * T7 An activity that awaits its concurrency key is neither sent nor claimed. Once it has the key it keeps it to its end.
 */
import type { SerializedError, TimeoutKind } from '../errors.ts'
import type { Payload } from '../payload.ts'
import type { ActivityTimeouts } from './events.ts'
import { serializeError } from './failure.ts'
import type { ActivityEnd, AttemptOutcome } from './inputs.ts'
import { askedDelayMs, isNonRetryable, nextDelayMs } from './retry.ts'
import type { RetryRules } from './retry.ts'
import { TimeoutError } from '../errors.ts'

/** A claim not renewed for this long may be taken over. Consumers renew every 5 s. */
const SILENT_MS = 15_000
/** A claim older than this is written down, so that a lost shard still knows of it. */
const PERSIST_CLAIM_MS = 5_000
/** An unclaimed message is sent again after this, doubling to an hour. */
export const RESEND_MS = 60_000
const RESEND_CAP_MS = 3_600_000

export interface Claim {
  readonly id: string
  readonly deliveries: number
  readonly grantedAt: number
  readonly renewedAt: number
  readonly heartbeatAt: number
  readonly persisted: boolean
  /** Its activity has returned, and somebody else ends it. */
  readonly handedOver?: true
  /** The call that it was granted with has failed: whoever holds it may be gone. */
  readonly callFailed?: true
}

export interface ActivityTask {
  /** `<run id>/<seq>`: made once, since it is looked up at every move. */
  readonly key: string
  readonly runId: string
  readonly workflowId: string
  readonly seq: number
  readonly activityType: string
  readonly taskQueue: string
  readonly hasInput: boolean
  readonly retry: RetryRules
  readonly timeouts: ActivityTimeouts
  /** Absent: 0. */
  readonly priority?: number
  /** No row has it yet, only its event: the input that its row would hold. */
  readonly unwritten?: { readonly input: Payload }
  readonly concurrencyKey?: string
  /** Others are before it at its key. */
  readonly awaitsKey?: true
  readonly attempt: number
  /** When the workflow asked for it. */
  readonly scheduledAt: number
  /** When this attempt may be sent. */
  readonly dueAt: number
  readonly sentAt: number | null
  readonly sends: number
  /** After how long unclaimed the first message counts as lost; absent: a minute. */
  readonly resendMs?: number
  readonly claim: Claim | null
  readonly cancelRequested: boolean
  readonly lastFailure?: SerializedError
  readonly heartbeatDetails?: Payload
}

/** What follows for a task: it goes on as `task`, or it has ended and its run is told. */
export type Next = { kind: 'go_on'; task: ActivityTask } | { kind: 'end'; end: ActivityEnd }

export type Grant =
  | { kind: 'granted'; task: ActivityTask }
  | { kind: 'refused'; reason: 'superseded' | 'running' | 'not_due' }

export function claim(
  task: ActivityTask,
  request: { claimId: string; attempt: number; deliveries: number },
  now: number,
): Grant {
  const held = task.claim
  // The answer to a takeover was lost on its way: the same consumer asks again, still by the number it knew.
  const repeated = held?.id === request.claimId && request.attempt === task.attempt - 1
  if (request.attempt !== task.attempt && !repeated) return { kind: 'refused', reason: 'superseded' }
  if (task.dueAt > now || task.awaitsKey) return { kind: 'refused', reason: 'not_due' }
  if (held?.handedOver) return { kind: 'refused', reason: 'running' }
  if (!held || held.id === request.claimId) return { kind: 'granted', task: granted(task, request, now) }
  const silent = now - held.renewedAt >= SILENT_MS
  const cameAgain = request.deliveries > held.deliveries || (task.sentAt ?? 0) > held.grantedAt
  const exhausted = task.retry.maxAttempts !== undefined && task.attempt >= task.retry.maxAttempts
  if (!silent || !cameAgain || exhausted) return { kind: 'refused', reason: 'running' }
  return { kind: 'granted', task: granted({ ...task, attempt: task.attempt + 1, claim: null }, request, now) }
}

function granted(
  task: ActivityTask,
  request: { claimId: string; deliveries: number },
  now: number,
): ActivityTask {
  const { claimId: id, deliveries } = request
  const persisted = task.retry.maxAttempts === 1
  return { ...task, claim: { id, deliveries, grantedAt: now, renewedAt: now, heartbeatAt: now, persisted } }
}

export type Renewal = { kind: 'renewed'; task: ActivityTask; cancel: boolean } | { kind: 'superseded' }

/** A consumer says that it still works on an attempt, and passes on what the activity reported meanwhile. */
export function renew(
  task: ActivityTask,
  request: { claimId: string; attempt: number; heartbeat?: { details?: Payload } },
  now: number,
): Renewal {
  if (request.attempt !== task.attempt) return { kind: 'superseded' }
  const held = task.claim
  if (held && held.id !== request.claimId) return { kind: 'superseded' }
  const claimed: Claim = {
    ...(held ?? adopted(request.claimId, now)),
    renewedAt: now,
    ...(request.heartbeat && { heartbeatAt: now }),
    persisted: held ? held.persisted || now - held.grantedAt >= PERSIST_CLAIM_MS - 500 : false,
  }
  const details = request.heartbeat &&
    'details' in request.heartbeat && { heartbeatDetails: request.heartbeat.details }
  return {
    kind: 'renewed',
    task: withDetails({ ...task, claim: claimed }, details),
    cancel: task.cancelRequested,
  }
}

/** The claim of somebody whom memory had lost (T3). */
function adopted(id: string, now: number): Claim {
  return { id, deliveries: 1, grantedAt: now, renewedAt: now, heartbeatAt: now, persisted: false }
}

function withDetails(
  task: ActivityTask,
  details: { heartbeatDetails: Payload } | false | undefined,
): ActivityTask {
  if (!details || details.heartbeatDetails === undefined) return task
  return { ...task, heartbeatDetails: details.heartbeatDetails }
}

/** An attempt reports its end; null when it is not the current one or not the holder's (recorded nowhere). */
export function settle(
  task: ActivityTask,
  report: { claimId: string; attempt: number; outcome: AttemptOutcome; heartbeat?: { details?: Payload } },
  clock: { now: number; draw: number },
): Next | null {
  if (report.attempt !== task.attempt) return null
  if (task.claim && task.claim.id !== report.claimId) return null
  const details = report.heartbeat && { heartbeatDetails: report.heartbeat.details }
  switch (report.outcome.kind) {
    case 'completed':
      return { kind: 'end', end: report.outcome }
    case 'cancelled':
      return { kind: 'end', end: { kind: 'cancelled' } }
    case 'given_back':
      return givenBack(withDetails(task, details))
    case 'handed_over':
      return handedOver(withDetails(task, details), report.claimId, clock.now)
    default:
      return afterFailure(withDetails(task, details), { kind: 'failed', error: report.outcome.error }, clock)
  }
}

/** The same attempt, for whoever claims it next: nothing has failed, so nothing backs off and nothing is counted. */
function givenBack(task: ActivityTask): Next {
  if (task.cancelRequested) return { kind: 'end', end: { kind: 'cancelled' } }
  return { kind: 'go_on', task: { ...task, claim: null, sentAt: null, sends: 0 } }
}

/** Nobody renews it and nobody takes it over: the timeouts hold, and its token ends it. */
function handedOver(task: ActivityTask, claimId: string, now: number): Next {
  const held = task.claim ?? adopted(claimId, now)
  const kept: Claim = { ...held, heartbeatAt: now, persisted: true, handedOver: true }
  return { kind: 'go_on', task: { ...task, claim: kept } }
}

type FailedAttempt = Extract<ActivityEnd, { kind: 'failed' | 'timed_out' }>

/** What follows a failed attempt: another one when the policy and the deadline leave room, or the run is told. */
function afterFailure(task: ActivityTask, failed: FailedAttempt, clock: { now: number; draw: number }): Next {
  const end = { kind: 'end', end: failed } as const
  const { maxAttempts } = task.retry
  if (task.cancelRequested || (maxAttempts !== undefined && task.attempt >= maxAttempts)) return end
  const error = failed.kind === 'failed' ? failed.error : attemptTimeout(task, failed.timeout)
  if (isNonRetryable(task.retry, error)) return end
  const dueAt = clock.now + (askedDelayMs(error) ?? nextDelayMs(task.retry, task.attempt, clock.draw))
  if (dueAt > closeDeadline(task)) return end
  return { kind: 'go_on', task: { ...nextAttempt(task, dueAt), lastFailure: error } }
}

function nextAttempt(task: ActivityTask, dueAt: number): ActivityTask {
  return { ...task, attempt: task.attempt + 1, dueAt, claim: null, sentAt: null, sends: 0 }
}

function attemptTimeout(task: ActivityTask, kind: TimeoutKind): SerializedError {
  return serializeError(
    new TimeoutError(kind, `activity ${task.activityType} attempt ${task.attempt}: ${kind} timeout`),
  )
}

/** Of the eager lane: the attempt goes by its Queue when nobody renews it. */
export function callFailed(task: ActivityTask): ActivityTask {
  return task.claim ? { ...task, claim: { ...task.claim, callFailed: true } } : task
}

/** The run asks to cancel: unclaimed work ends at once, claimed work hears of it at its next renewal. */
export function requestCancel(task: ActivityTask): Next {
  if (!task.claim) return { kind: 'end', end: { kind: 'cancelled' } }
  return { kind: 'go_on', task: { ...task, cancelRequested: true } }
}

/** It may be sent; what its timeouts count from stays. */
export function keyGranted(task: ActivityTask): ActivityTask {
  const { awaitsKey: _awaitsKey, ...holding } = task
  return { ...holding, sentAt: null, sends: 0 }
}

/** The earliest moment at which something must be done about the task. */
export function nextDeadline(task: ActivityTask): number {
  return Math.min(closeDeadline(task), task.claim ? claimedDeadline(task, task.claim) : waitingDeadline(task))
}

function closeDeadline(task: ActivityTask): number {
  const { scheduleToCloseMs } = task.timeouts
  return scheduleToCloseMs === undefined ? Infinity : task.scheduledAt + scheduleToCloseMs
}

function claimedDeadline(task: ActivityTask, held: Claim): number {
  return Math.min(attemptDeadline(task, held), silentDeadline(task, held))
}

function attemptDeadline(task: ActivityTask, held: Claim): number {
  const startToCloseAt = held.grantedAt + task.timeouts.startToCloseMs
  const { heartbeatMs } = task.timeouts
  return heartbeatMs === undefined ? startToCloseAt : Math.min(startToCloseAt, held.heartbeatAt + heartbeatMs)
}

/** When a consumer that has gone silent is taken for dead and the message sent again: whoever gets it may take over. */
function silentDeadline(task: ActivityTask, held: Claim): number {
  if (held.handedOver) return Infinity
  const sentAt = task.sentAt ?? 0
  if (held.callFailed && sentAt <= held.grantedAt) return held.renewedAt + SILENT_MS
  return Math.max(held.renewedAt, sentAt) + RESEND_MS
}

function waitingDeadline(task: ActivityTask): number {
  const { scheduleToStartMs } = task.timeouts
  const startBy = scheduleToStartMs === undefined ? Infinity : task.dueAt + scheduleToStartMs
  if (task.awaitsKey) return startBy
  if (task.sentAt === null) return Math.min(startBy, task.dueAt)
  return Math.min(startBy, task.sentAt + resendDelayMs(task))
}

function resendDelayMs({ sends, resendMs = RESEND_MS }: ActivityTask): number {
  return Math.min(RESEND_CAP_MS, resendMs * 2 ** Math.max(0, sends - 1))
}

export type Due = Next | { kind: 'send' } | { kind: 'wait' }

/** What must be done about the task at `now`. */
export function due(task: ActivityTask, clock: { now: number; draw: number }): Due {
  const { now } = clock
  if (closeDeadline(task) <= now) return timedOut(task, 'schedule-to-close')
  const held = task.claim
  if (held) {
    if (attemptDeadline(task, held) > now)
      return { kind: silentDeadline(task, held) <= now ? 'send' : 'wait' }
    const kind = held.grantedAt + task.timeouts.startToCloseMs <= now ? 'start-to-close' : 'heartbeat'
    return afterFailure(task, lateAttempt(task, kind), clock)
  }
  const { scheduleToStartMs } = task.timeouts
  if (scheduleToStartMs !== undefined && task.dueAt + scheduleToStartMs <= now)
    return timedOut(task, 'schedule-to-start')
  return waitingDeadline(task) <= now ? { kind: 'send' } : { kind: 'wait' }
}

function lateAttempt(task: ActivityTask, timeout: TimeoutKind): FailedAttempt {
  return { kind: 'timed_out', timeout, ...(task.lastFailure && { lastFailure: task.lastFailure }) }
}

function timedOut(task: ActivityTask, timeout: TimeoutKind): Next {
  return { kind: 'end', end: lateAttempt(task, timeout) }
}

/** The task as it is once a message for its current attempt has been handed to the queue; `resendMs` as the queue goes now. */
export function sent(task: ActivityTask, now: number, resendMs = RESEND_MS): ActivityTask {
  return { ...task, sentAt: now, sends: task.sends + 1, resendMs }
}
