/** What a shard says of a run. */
import type { ClosedStatus, RunLink } from './core/events.ts'
import type { SerializedError } from './errors.ts'
import type { Payload } from './payload.ts'

export type RunStatus = 'running' | ClosedStatus

export interface PendingActivity {
  activityId: string
  activityType: string
  attempt: number
  nextAttemptAt?: number
  lastError?: SerializedError
}

export interface WaitingFor {
  kind: 'activity' | 'timer' | 'signal' | 'child' | 'condition' | 'step'
  name: string
  since: number
  until?: number
}

/** One row of `list`. */
export interface RunSummary {
  workflowId: string
  runId: string
  workflowType: string
  status: RunStatus
  taskQueue: string
  startedAt: number
  completedAt?: number
  tier: 'hot' | 'warm' | 'cold'
  version: string
  historyEvents: number
  historyBytes: number
  memo: Record<string, Payload>
  searchAttributes: Record<string, Payload>
  input?: Payload
  result?: Payload
  error?: SerializedError
  blocked?: { code: string; reason: string; since: number; eventId?: number }
}

export interface RunDescription extends RunSummary {
  waitingFor: WaitingFor[]
  pendingActivities: PendingActivity[]
  parent?: RunLink
  /** The schedule that began it, and the time that it is for, epoch ms. */
  schedule?: { scheduleId: string; scheduledAt: number }
}
