/**
 * One claimed attempt: the user's function and how its end is reported.
 *
 * R1 The scheduler's clock decides on timeouts. This one only tells the activity, so that it may stop.
 * R2 Nothing is reported of an attempt that is no longer ours: its outcome is null.
 */
import { encodeFailure } from '../shared/codec.ts'
import { serializeError } from '../shared/core/failure.ts'
import type { AttemptOutcome } from '../shared/core/inputs.ts'
import type { ActivityFunction } from '../shared/define.ts'
import type { SerializedError } from '../shared/errors.ts'
import { CancelledError, TimeoutError, WorkerShutdownError, WorkflowError } from '../shared/errors.ts'
import { gaveIn } from '../shared/interrupted.ts'
import { decodePayload } from '../shared/payload.ts'
import type { ActivityTaskMessage, ClaimReply } from '../shared/protocol.ts'
import type { Time } from '../shared/time.ts'
import { AttemptContext, HandedOver } from './attempt-context.ts'
import type { Heartbeat } from './heartbeat.ts'
import type { Interruption } from './interruption.ts'
import { outgoing, whole } from './payloads.ts'
import type { Objects } from './payloads.ts'

export type ActivityTable = ReadonlyMap<string, ActivityFunction>

export interface Claimed {
  readonly task: ActivityTaskMessage
  readonly grant: Extract<ClaimReply, { ok: true }>
  readonly interruption: Interruption
  readonly beat: (heartbeat: Heartbeat) => Promise<void>
  readonly objects: Objects
  /** How long whoever runs it may take, whatever the activity may; Infinity where nothing bounds it. */
  readonly limitMs: number
  readonly time: Time
}

/** Runs the activity and answers how its attempt ended; null when there is nothing to report. */
export async function runAttempt(
  claimed: Claimed,
  activities: ActivityTable,
): Promise<AttemptOutcome | null> {
  const { task, grant, interruption } = claimed
  const fn = activities.get(task.activityType)
  if (fn === undefined) return unknownActivity(task.activityType, activities)
  if (grant.cancelRequested) interruption.interrupt(new CancelledError())
  const stopClock = startClock(claimed)
  try {
    const outcome = await interruption.awaited(outcomeOf(fn, claimed))
    return interruption.ours ? outcome : null
  } finally {
    stopClock()
    interruption.end()
  }
}

/** A timer of more would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Tells the activity when its time is over. Relative: the clocks of two machines differ. */
function startClock({ task, grant, interruption, limitMs, time }: Claimed): () => void {
  const bounded = limitMs < grant.startToCloseMs
  const ms = Math.min(grant.startToCloseMs, limitMs)
  return time.after(Math.min(ms, LONGEST_TIMER_MS), () => {
    const message = `activity ${task.activityType} did not end within ${ms} ms${bounded ? CONSUMER_LIMIT : ''}`
    const late = new TimeoutError('start-to-close', message)
    interruption.interrupt(late)
    // The scheduler would wait for longer: it must be told.
    if (bounded) interruption.giveUp({ kind: 'failed', error: serializeError(late) })
  })
}

const CONSUMER_LIMIT =
  ': the consumer of a Queue has no longer. Return ctx.completeLater(), or use a pull task queue'

/** Retryable: while a release rolls out, the next delivery may reach a Worker that knows it. */
function unknownActivity(activityType: string, activities: ActivityTable): AttemptOutcome {
  const known = [...activities.keys()].toSorted()
  const message = `this worker has no activity ${activityType}; it has ${known.join(', ') || 'none'}`
  const error = serializeError(new WorkflowError('unknown_activity', message))
  return { kind: 'failed', error: { ...error, details: { activityType, known } } }
}

async function outcomeOf(fn: ActivityFunction, claimed: Claimed): Promise<AttemptOutcome | null> {
  const { task, grant, objects, interruption } = claimed
  let value: unknown
  try {
    const given = whole(objects, task.input ?? grant.input)
    const details = whole(objects, grant.heartbeatDetails)
    const input = given instanceof Promise ? await given : given
    const last = details instanceof Promise ? await details : details
    value = await fn(decodePayload(input), new AttemptContext(claimed, decodePayload(last)))
  } catch (error) {
    return await leaving(objects, outcomeOfThrow(error, interruption.reason))
  }
  try {
    const sent = outgoing(objects, value, 'result')
    const result = sent instanceof Promise ? await sent : sent
    return result === undefined ? { kind: 'completed' } : { kind: 'completed', result }
  } catch (error) {
    // R2 did not take it: it may take the next attempt's.
    const kept = isOverloaded(error) ? serializeError(error) : finalError(error)
    return await leaving(objects, { kind: 'failed', error: kept })
  }
}

/** The outcome as it leaves the Worker: what it says of a failure, behind the codec. */
async function leaving(
  { coding, workflowId }: Objects,
  outcome: AttemptOutcome | null,
): Promise<AttemptOutcome | null> {
  if (outcome?.kind !== 'failed') return outcome
  return { ...outcome, error: await encodeFailure(coding, outcome.error, workflowId) }
}

function outcomeOfThrow(error: unknown, reason: WorkflowError | undefined): AttemptOutcome | null {
  if (error instanceof HandedOver) return { kind: 'handed_over' }
  if (error instanceof CancelledError) return { kind: 'cancelled' }
  if (!gaveIn(error, reason)) return { kind: 'failed', error: serializeError(error) }
  if (reason instanceof CancelledError) return { kind: 'cancelled' }
  if (reason instanceof WorkerShutdownError) return { kind: 'given_back' }
  return null // it ran out of time (R1) or is no longer ours (R2)
}

function isOverloaded(error: unknown): boolean {
  return error instanceof WorkflowError && error.code === 'overloaded'
}

/** The work is done but its result cannot be kept: doing it again would not help. */
function finalError(error: unknown): SerializedError {
  const serialized = serializeError(error)
  return { ...serialized, facts: { ...serialized.facts, nonRetryable: true } }
}
