/** An activity that waits for its Worker, and a claim of it. */
import type { ActivityTask, Claim } from '../../shared/core/attempt.ts'
import { DEFAULT_RETRY } from '../../shared/core/retry.ts'
import { noon } from './runs.ts'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND

export function task(changes: Partial<ActivityTask> = {}): ActivityTask {
  return {
    key: '01RUN/1',
    runId: '01RUN',
    workflowId: 'order-1',
    seq: 1,
    activityType: 'reserve',
    taskQueue: 'default',
    hasInput: false,
    retry: DEFAULT_RETRY,
    timeouts: { startToCloseMs: 10 * MINUTE },
    attempt: 1,
    scheduledAt: noon,
    dueAt: noon,
    sentAt: noon,
    sends: 1,
    claim: null,
    cancelRequested: false,
    ...changes,
  }
}

export function held(changes: Partial<Claim> = {}): Claim {
  const at = { grantedAt: noon, renewedAt: noon, heartbeatAt: noon }
  return { id: 'c-1', deliveries: 1, persisted: false, ...at, ...changes }
}

/** Draws half of what jitter leaves open. */
export const clock = (now: number) => ({ now, draw: 0.5 })
