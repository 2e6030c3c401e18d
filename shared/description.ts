/** A run as its shard describes and lists it. */
import type { RunLink } from './core/events.ts'
import type { SerializedError } from './errors.ts'
import type { Payload } from './payload.ts'
import type { RunRequest, RunStatus } from './protocol.ts'

export interface DescribeRequest extends RunRequest {
  /** Say of what it waits for where the code called it. The run is replayed once more to find out. */
  callSites?: boolean
}

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
  /** The frame of its call in the workflow's code, where the request asks for it. */
  at?: string
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
