/** A claimed attempt, from its claim to its settlement. */
import type { Bucket } from '../shared/bucket.ts'
import type { Host } from '../shared/chance.ts'
import type { Coding } from '../shared/codec.ts'
import type { AttemptOutcome } from '../shared/core/inputs.ts'
import { CancelledError, WorkerShutdownError } from '../shared/errors.ts'
import type { ActivityTaskMessage, TaskKey } from '../shared/protocol.ts'
import { attemptAttributes } from '../shared/trace.ts'
import type { Tracing } from '../shared/tracing.ts'
import { Interruption } from './interruption.ts'
import type { Log } from './log.ts'
import { runAttempt } from './run.ts'
import type { ActivityTable, Claimed } from './run.ts'
import type { AttemptLine } from './scheduler.ts'
import type { Slots } from './slots.ts'

/** What a worker brings to each of its attempts. */
export interface Consumer extends Host {
  readonly taskQueue: string
  readonly buildId: string | undefined
  readonly activities: ActivityTable
  readonly maxConcurrent: number
  /** As many: all that is delivered shares them. */
  readonly slots: Slots
  /** The attempts under way: what a shutdown reaches. */
  readonly running: Set<Interruption>
  readonly isStopping: () => boolean
  /** Where payloads above 128 KiB are; null where the Worker has no binding for it. */
  readonly bucket: Bucket | null
  readonly coding: Coding | null
  /** Undefined: nothing makes spans. */
  readonly tracing: Tracing | undefined
  /** How long whoever runs attempts may take, from now on. */
  readonly limitMs: number
  /** Told what came of each batch; what is out of order is logged in any case. */
  readonly tally: Log
}

/** What came of it; `dropped` when there was nothing to report, or nobody to hear it. */
export type Ended = AttemptOutcome['kind'] | 'dropped'

/** From the claim to the settlement; throws when the settlement does not get through. */
export async function carryOut(
  { task, grant }: Pick<Claimed, 'task' | 'grant'>,
  line: AttemptLine,
  consumer: Consumer,
): Promise<Ended> {
  const key = keyOf(task, grant.attempt)
  const { limitMs, tracing, activities } = consumer
  const { time } = line
  const objects = objectsOf(task, consumer)
  const interruption = new Interruption(time)
  const claim = line.renewals.open({
    key,
    heartbeatMs: grant.heartbeatMs,
    onCancel: () => interruption.interrupt(new CancelledError()),
    onSuperseded: () => interruption.supersede(),
  })
  consumer.running.add(interruption)
  if (consumer.isStopping()) interruption.interrupt(new WorkerShutdownError())
  try {
    const attempt = { task, grant, interruption, objects, time, beat: claim.beat, limitMs }
    const outcome = await (tracing ? traced(attempt, activities, tracing) : runAttempt(attempt, activities))
    if (outcome === null) return 'dropped'
    const heartbeat = claim.unconfirmed()
    const reply = await line.settle({ ...key, outcome, ...(heartbeat && { heartbeat }) })
    return reply.ok ? outcome.kind : 'dropped'
  } finally {
    claim.close()
    consumer.running.delete(interruption)
  }
}

function traced(
  attempt: Claimed,
  activities: ActivityTable,
  tracing: Tracing,
): Promise<AttemptOutcome | null> {
  const { task, grant } = attempt
  return tracing.enterSpan(`activity ${task.activityType}`, async (span) => {
    span.setAttributes(attemptAttributes(task, grant.attempt))
    const ended = await runAttempt(attempt, activities)
    span.setAttributes({ 'perdure.outcome': ended?.kind })
    return ended
  })
}

function objectsOf(
  { to, workflowId, runId }: ActivityTaskMessage,
  { bucket, coding, time, chance }: Consumer,
): Claimed['objects'] {
  return {
    bucket,
    coding,
    time,
    chance,
    workflowId,
    owner: { namespace: to.namespace, shard: to.shard, runId },
  }
}

export function keyOf({ runId, seq }: ActivityTaskMessage, attempt: number): TaskKey {
  return { runId, seq, attempt }
}
