/**
 * What crosses between clients, shards and Workers: plain values only. A refusal is a value (`ok: false`), since
 * RPC does not carry classes. Payloads travel encoded (`payload.ts`); only edges encode and decode.
 *
 * P1 Adjacent releases serve each other: every request of a client or an archiver, every task and every message between
 *    shards carries `v`.
 * P2 Every request names the shard it is meant for and the shard count its sender believes in; a shard refuses
 *    what is not its own (`shard_count_mismatch`), so a wrong count can never put a run in the wrong place.
 */
import type { ClosedStatus, HistoryEvent } from './core/events.ts'
import type { RetryPolicy } from './activity.ts'
import type { AttemptOutcome } from './core/inputs.ts'
import type { ErrorCode } from './error-code.ts'
import type { SerializedError } from './errors.ts'
import type { DeliverRequest, DeliverReply } from './delivery.ts'
import type { DescribeRequest, RunDescription } from './description.ts'
import type { CountRequest, ListRequest, RunCount, RunList } from './list.ts'
import type { Json, Payload } from './payload.ts'
import type { TargetReply } from './reference.ts'
import type { ReportRequest } from './task-token.ts'
import type {
  ChangeScheduleRequest,
  CreateScheduleRequest,
  ListSchedulesRequest,
  ScheduleDescription,
  ScheduleList,
  ScheduleRequest,
} from './schedule.ts'
import type { TailApi } from './tail.ts'
import type { UpdateReply, UpdateRequest, UpdateResultRequest } from './update.ts'

export const PROTOCOL_VERSION = 1

export interface Refusal {
  ok: false
  code: ErrorCode
  message: string
  /** Machine-readable facts of the refusal: known names, run ids, a path. */
  facts?: Record<string, Json>
  error?: SerializedError
}
export type Reply<T> = { ok: true; value: T } | Refusal
export type Answer<T> = Promise<Reply<T>>

export interface ShardAddress {
  namespace: string
  shard: number
  shards: number
}

/** The name of a shard's Durable Object. */
export function shardName(namespace: string, shard: number): string {
  return `${namespace}/${shard}`
}

// ---- client verbs ----

/** Whether an id whose runs have closed may be used again: always, unless the last completed, or never. */
export type IdReuse = 'allow' | 'allow-failed-only' | 'reject'
/**
 * What a start of an id with an open run does: it is refused, it gives that run, or it terminates that run first.
 */
export type IdConflict = 'fail' | 'use-existing' | 'terminate-existing'

export interface StartRequest {
  to: ShardAddress
  workflowId: string
  workflowType: string
  /** The run's task queue; absent is the workflow's own, then `default`. */
  taskQueue?: string
  input?: Payload
  idReuse: IdReuse
  idConflict: IdConflict
  executionTimeoutMs?: number
  priority?: number
  runTimeoutMs?: number
  startDelayMs?: number
  /** As the caller wrote it: the shard checks it. */
  retry?: RetryPolicy
  memo?: Record<string, Payload>
  searchAttributes?: Record<string, Payload>
  traceparent?: string
  /** The version of the code to pin the run to. */
  version?: string
  /** Made once per call by the caller and reused on its retries: the same id answers the same run. */
  requestId: string
  /** The run's id, where its payloads have been stored under it already; from `target`. */
  runId?: string
  /** Hold the call open this long for the result, as `result` does. Absent: answer when the start is durable. */
  waitMs?: number
  /** signalWithStart: delivered as the first message of a new run, or as a plain signal to the running one. */
  signal?: { name: string; payload?: Payload; signalId: string }
}

/** Starts of one shard, in one turn. Each has a reply of its own. */
export interface StartManyRequest {
  to: ShardAddress
  starts: Omit<StartRequest, 'to' | 'waitMs'>[]
}

export interface RunRequest {
  to: ShardAddress
  workflowId: string
  /** One run, and no other. */
  runId?: string
  /** The chain that began with this run: its latest run. Neither: the latest run of the id. */
  firstRunId?: string
}

export interface SignalRequest extends RunRequest {
  name: string
  payload?: Payload
  /** Deduplicates within a run. */
  signalId: string
}

export interface CloseRequest extends RunRequest {
  reason?: string
}

export interface ResetRequest extends RunRequest {
  /** The last event kept. */
  toEvent?: number
  /** Instead: the activity or step to run again, by its id or its name. */
  toActivity?: string
  reason: string
  /** As of a start. */
  requestId: string
}

export interface DeleteRequest extends RunRequest {
  runId: string
}

export interface DeleteReply {
  /** Epoch ms by when the cold tier has lost the run; null when it never had it. */
  coldGoneBy: number | null
}

export interface ResultRequest extends RunRequest {
  /** How long to hold the call open, at most 25,000 ms; then the reply is `running` and the caller asks again. */
  waitMs: number
  /** Answer of the run that takes over from one that has ended. */
  follow: boolean
}

export interface StartReply {
  runId: string
  /** The run that its chain began with; absent: it is that one. */
  firstRunId?: string
  /** Where the request asked to wait for it. */
  result?: ResultReply
}

export type ResultReply =
  /** Ask again, for this run. */
  | { status: 'running'; runId: string }
  | { status: 'completed'; runId: string; result?: Payload }
  | { status: Exclude<ClosedStatus, 'completed'>; runId: string; error: SerializedError; nextRunId?: string }

export interface QueryRequest extends RunRequest {
  name: string
  args: Payload[]
}

export interface HistoryRequest extends RunRequest {
  fromEvent: number
}

export interface HistoryPage {
  runId: string
  events: { eventId: number; event: HistoryEvent }[]
  /** Where the next page starts; absent on the last. */
  nextEvent?: number
}

export type OpenStatus = 'running' | 'paused'
export type RunStatus = OpenStatus | ClosedStatus

export function isOpen(status: RunStatus): status is OpenStatus {
  return status === 'running' || status === 'paused'
}

// ---- activity Workers ----

/** A queue message: a token, with the input inline only when it is small. */
export interface ActivityTaskMessage {
  v: number
  to: ShardAddress
  workflowId: string
  runId: string
  seq: number
  attempt: number
  activityType: string
  hasInput: boolean
  input?: Payload
}

export interface TaskKey {
  runId: string
  seq: number
  attempt: number
}

export interface ClaimRequest {
  v: number
  to: ShardAddress
  /** Random, one per delivered batch: who holds these attempts. */
  claimId: string
  tasks: (TaskKey & { deliveries: number; needInput: boolean })[]
}

export type ClaimReply =
  | {
      ok: true
      /** May be higher than asked for: a takeover is a new attempt. */
      attempt: number
      input?: Payload
      /** Epoch ms of the scheduler's clock by which the attempt must have ended. */
      deadlineAt: number
      startToCloseMs: number
      heartbeatMs?: number
      heartbeatDetails?: Payload
      cancelRequested: boolean
      taskQueue: string
      /** Absent where the scheduler has no keys to sign it. */
      taskToken?: string
    }
  | { ok: false; code: 'stale_task'; reason: 'settled' | 'superseded' | 'running' | 'closed' | 'not_due' }

export interface RenewRequest {
  v: number
  to: ShardAddress
  claimId: string
  tasks: (TaskKey & { heartbeat?: { details?: Payload } })[]
}
/** One per task, in order. */
export interface RenewReply {
  /** The workflow asked to cancel this activity. */
  cancel: boolean
  /** The attempt is no longer this consumer's: stop and report nothing. */
  superseded: boolean
}

export interface SettleRequest {
  v: number
  to: ShardAddress
  claimId: string
  tasks: (TaskKey & { outcome: AttemptOutcome; heartbeat?: { details?: Payload } })[]
}
/** One per task, in order. A refused completion is recorded nowhere. */
export type SettleReply = { ok: true } | { ok: false; code: 'stale_task' }

/** A message that went to the dead-letter queue: the attempt is sent again after a back-off. */
export interface UndeliverableRequest {
  v: number
  to: ShardAddress
  tasks: TaskKey[]
}

/** The verbs of a shard. `WorkflowService` has the same ones and forwards each to the shard named in `to`. */
export interface ShardApi extends TailApi {
  start(request: StartRequest): Promise<Reply<StartReply>>
  /** One reply per start, in order. */
  startMany(request: StartManyRequest): Promise<Reply<Reply<StartReply>[]>>
  target(request: RunRequest): Promise<Reply<TargetReply>>
  signal(request: SignalRequest): Promise<Reply<null>>
  update(request: UpdateRequest): Promise<Reply<UpdateReply>>
  updateResult(request: UpdateResultRequest): Promise<Reply<UpdateReply>>
  cancel(request: CloseRequest): Promise<Reply<null>>
  terminate(request: CloseRequest): Promise<Reply<null>>
  pause(request: CloseRequest): Promise<Reply<null>>
  resume(request: RunRequest): Promise<Reply<null>>
  reset(request: ResetRequest): Promise<Reply<StartReply>>
  delete(request: DeleteRequest): Promise<Reply<DeleteReply>>
  result(request: ResultRequest): Promise<Reply<ResultReply>>
  query(request: QueryRequest): Promise<Reply<Payload>>
  describe(request: DescribeRequest): Promise<Reply<RunDescription>>
  history(request: HistoryRequest): Promise<Reply<HistoryPage>>
  list(request: ListRequest): Promise<Reply<RunList>>
  count(request: CountRequest): Promise<Reply<RunCount>>
  /** The namespace's shard count; answered by shard 0, which fixes it at its first use. */
  shardCount(namespace: string): Promise<number>
  claim(request: ClaimRequest): Promise<Reply<ClaimReply[]>>
  renew(request: RenewRequest): Promise<Reply<RenewReply[]>>
  settle(request: SettleRequest): Promise<Reply<SettleReply[]>>
  undeliverable(request: UndeliverableRequest): Promise<Reply<null>>
  report(request: ReportRequest): Promise<Reply<{ cancelRequested: boolean }>>
  createSchedule(request: CreateScheduleRequest): Promise<Reply<null>>
  changeSchedule(request: ChangeScheduleRequest): Promise<Reply<null>>
  describeSchedule(request: ScheduleRequest): Promise<Reply<ScheduleDescription>>
  listSchedules(request: ListSchedulesRequest): Promise<Reply<ScheduleList>>
  deliver(request: DeliverRequest): Promise<Reply<DeliverReply>>
}

/** What clients ask of shards. */
export type ClientApi = Omit<ShardApi, 'claim' | 'renew' | 'settle' | 'undeliverable' | 'deliver'>
