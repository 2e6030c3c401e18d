/** Schedules as clients ask shards for them: specs, policies and ranges as their callers wrote them, checked by the shard. */
import type { Overlap } from './core/schedule.ts'
import type { Duration, Instant } from './duration.ts'
import type { Payload } from './payload.ts'
import type { ShardAddress, StartRequest } from './protocol.ts'

/** When runs begin: at every time that one of the crons or the interval gives. One of both must be there. */
export interface ScheduleSpec {
  /** Five fields, six with seconds first, or a name such as `@daily`. */
  cron?: string | readonly string[]
  /** From a second. Counted from `startAt`, or else from the Unix epoch: `every: '1h'` is on the hour, in UTC. */
  every?: Duration
  /** By whose clocks the crons go, such as `Europe/Paris`. Default: UTC. */
  timeZone?: string
  /** Each run begins up to this much later, always the same for a time, and before the next time. Default: 0; at most a day. */
  jitter?: Duration
  /** No time before it. */
  startAt?: Instant
  /** No time after it. */
  endAt?: Instant
}

/** What happens when a time of a schedule cannot be kept as it is. */
export interface SchedulePolicy {
  /** What happens to a time that comes while a run of the schedule is open. Default: skip. */
  overlap?: Overlap
  /** Times that could not be kept are made up for when they are no longer past than this; from 10 s. Default: 365 days. */
  catchUpWindow?: Duration
  /** Pauses when a run fails, times out or cannot be started. Default: false. */
  pauseOnFailure?: boolean
}

/** What: a start, whose workflow id the time is added to. */
export type ScheduleAction = Omit<StartRequest, 'to' | 'requestId' | 'runId' | 'waitMs' | 'signal'>

export interface ScheduleRequest {
  to: ShardAddress
  scheduleId: string
}

export interface CreateScheduleRequest extends ScheduleRequest {
  /** Made once per call and reused on its retries. */
  requestId: string
  spec: ScheduleSpec
  policy: SchedulePolicy
  action: ScheduleAction
  paused: boolean
  note?: string
}

export interface ChangeScheduleRequest extends ScheduleRequest {
  requestId: string
  change: ScheduleChange
}

export type ScheduleChange =
  | { kind: 'update'; spec?: ScheduleSpec; policy?: SchedulePolicy; input?: { payload?: Payload } }
  | { kind: 'pause' | 'unpause'; note?: string }
  | { kind: 'trigger' }
  | { kind: 'backfill'; ranges: readonly { from: Instant; to: Instant }[] }
  | { kind: 'delete' }

/** Times are epoch ms, durations ms. */
export interface ScheduleDescription {
  scheduleId: string
  workflowType: string
  spec: ScheduleSpec
  policy: SchedulePolicy
  paused: boolean
  note?: string
  nextRuns: number[]
  recentRuns: { workflowId: string; runId: string; scheduledAt: number }[]
  lastRefused?: { scheduledAt: number; code: string; message: string }
}

export interface ListSchedulesRequest {
  to: ShardAddress
  /** Ids behind this one. */
  after: string
}

/** Schedules of a shard in the order of their ids. */
export interface ScheduleList {
  schedules: ScheduleDescription[]
  /** Whether there are others behind them. */
  more: boolean
}
