import type { ActivityTask } from '../shared/core/attempt.ts'
import type { ActivityScheduled } from '../shared/core/events.ts'
import { rulesOf } from '../shared/core/retry.ts'
import { callKey } from './keys.ts'

/** The first attempt of an activity, due at `now`. By the shard's clock: when that has jumped back, the run's own time is ahead of it. */
export function newTask(
  { workflowId, runId }: { workflowId: string; runId: string },
  event: ActivityScheduled,
  now: number,
): ActivityTask {
  const { seq, activityType, taskQueue, input, priority, concurrencyKey } = event
  const { retry, timeouts } = rulesOf(event)
  return {
    key: callKey(runId, seq),
    runId,
    workflowId,
    seq,
    activityType,
    taskQueue,
    hasInput: input !== undefined,
    retry,
    timeouts,
    ...(priority !== undefined && { priority }),
    ...(concurrencyKey !== undefined && { concurrencyKey, awaitsKey: true }),
    attempt: 1,
    scheduledAt: now,
    dueAt: now,
    sentAt: null,
    sends: 0,
    claim: null,
    cancelRequested: false,
  }
}
