/** A run as its shard describes, lists and replays it. */
import type { RunLink } from './core/events.ts'
import type { SerializedError } from './errors.ts'
import type { Payload } from './payload.ts'
import type { Reply, RunRequest, RunStatus } from './protocol.ts'

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

/** What came of a run's history against the code that is deployed. */
export type Replayed = { runId: string; events: number } & (
  | {
      ok: true
      /** Of an open run: the frames of the calls that it waits for, in its code. */
      waitsAt: string[]
    }
  | ({ ok: false; error: { code: string; message: string } } & Partial<Difference>)
)

/** The first event that differs: what it recorded, and what the code asks for in its place. */
interface Difference {
  eventId: number
  expected: string
  actual: string
}

/** The verb of a shard for whoever looks at its runs over HTTP. */
export interface ReplayApi {
  /** Beside the run, which may be in any tier: nothing of it changes. */
  replay(request: RunRequest): Promise<Reply<Replayed>>
}
