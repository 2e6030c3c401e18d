/** The requests of clients and of other shards, as shapes: what one does not have is refused with its path. */
import * as z from 'zod/mini'
import type { RetryPolicy } from '../shared/activity.ts'
import type { AcquireArchiveRequest, Fenced } from '../shared/archive.ts'
import type { Delivery, DeliverRequest } from '../shared/delivery.ts'
import type { DescribeRequest } from '../shared/description.ts'
import type { HealthRequest } from '../shared/health.ts'
import type { CountRequest, ListRequest } from '../shared/list.ts'
import type * as P from '../shared/protocol.ts'
import type * as S from '../shared/schedule.ts'
import type { StatsRequest } from '../shared/stats.ts'
import { sequenceIn } from '../shared/tail.ts'
import type { EventsRequest, RunEventsRequest } from '../shared/tail.ts'
import { MAX_TOGETHER } from '../shared/together.ts'
import type { GatheredCall, TogetherRequest } from '../shared/together.ts'
import type { UpdateRequest, UpdateResultRequest } from '../shared/update.ts'
import {
  attributes,
  address,
  fields,
  listOf,
  name,
  namespace,
  payload,
  quick,
  reason,
  record,
  whole,
  workflowId,
} from './shapes.ts'
import type { Shape, Whole } from './shapes.ts'
import { isUsualStart } from './usual.ts'

const optional = z.exactOptional
const MAX_STARTS = 500
const MAX_PAGE = 1_001
const wait = whole(0)

const run = { to: address, workflowId, runId: optional(name), firstRunId: optional(name) }
const signalled = { name, payload: optional(payload), signalId: name }
/** What every start says, that of a schedule too. */
export const started = {
  workflowId,
  workflowType: name,
  taskQueue: optional(name),
  input: optional(payload),
  idReuse: z.enum(['allow', 'allow-failed-only', 'reject']),
  idConflict: z.enum(['fail', 'use-existing', 'terminate-existing']),
  executionTimeoutMs: optional(whole(0)),
  priority: optional(whole(-1_000, 1_000)),
  runTimeoutMs: optional(whole(0)),
  startDelayMs: optional(whole(0)),
  retry: optional(record<RetryPolicy>()),
  memo: optional(fields),
  searchAttributes: optional(attributes),
  traceparent: optional(name),
  version: optional(name),
}
const own = { requestId: name, runId: optional(name), signal: optional(z.object(signalled)) }

export const start: Whole<P.StartRequest> = quick(
  z.object({ to: address, ...started, ...own, waitMs: optional(wait) }),
  isUsualStart,
)
export const startMany: Whole<P.StartManyRequest> = z.object({
  to: address,
  // Each is checked by itself, and refused by itself.
  starts: listOf(record<P.StartManyRequest['starts'][number]>(), MAX_STARTS),
})
export const together: Whole<TogetherRequest> = z.object({
  to: address,
  // As above.
  calls: listOf(record<GatheredCall>(), MAX_TOGETHER),
})
export const target: Whole<P.RunRequest> = z.object(run)
export const signal: Whole<P.SignalRequest> = z.object({ ...run, ...signalled })
export const update: Whole<UpdateRequest> = z.object({
  ...run,
  updateId: name,
  name,
  args: optional(payload),
  waitMs: wait,
})
export const updateResult: Whole<UpdateResultRequest> = z.object({ ...run, updateId: name, waitMs: wait })
export const close: Whole<P.CloseRequest> = z.object({ ...run, reason: optional(reason) })
export const reset: Whole<P.ResetRequest> = z.object({
  ...run,
  toEvent: optional(whole(1)),
  toActivity: optional(name),
  reason,
  requestId: name,
})
export const remove: Whole<P.DeleteRequest> = z.object({ ...run, runId: name })
export const result: Whole<P.ResultRequest> = z.object({ ...run, waitMs: wait, follow: z.boolean() })
export const query: Whole<P.QueryRequest> = z.object({ ...run, name, args: listOf(payload, 100) })
export const describe: Whole<DescribeRequest> = z.object({ ...run, callSites: optional(z.boolean()) })
export const history: Whole<P.HistoryRequest> = z.object({ ...run, fromEvent: whole(1) })
export const events: Whole<EventsRequest> = z.object({
  to: address,
  after: optional(z.string().check(z.refine((position) => sequenceIn(position) !== null))),
  waitMs: wait,
})
export const runEvents: Whole<RunEventsRequest> = z.object({
  ...run,
  after: whole(0),
  fromEvent: optional(whole(1)),
  follow: z.boolean(),
  waitMs: wait,
})

const STATUSES = ['completed', 'failed', 'cancelled', 'terminated', 'timed_out', 'continued_as_new'] as const
const tier = z.enum(['hot', 'warm', 'cold'])
const at = z.number().check(z.refine(Number.isSafeInteger))
const filter = {
  to: address,
  status: optional(listOf(z.enum(['running', 'paused', ...STATUSES]), 8)),
  taskQueue: optional(name),
  workflowType: optional(name),
  idPrefix: optional(workflowId),
  searchAttributes: optional(attributes),
  startedAfter: optional(at),
  startedBefore: optional(at),
  closedAfter: optional(at),
  closedBefore: optional(at),
  tiers: optional(listOf(tier, 3)),
}
export const list: Whole<ListRequest> = z.object({
  ...filter,
  orderBy: z.enum(['startedAt', '-startedAt', 'closedAt', '-closedAt']),
  limit: whole(1, MAX_PAGE),
  after: optional(z.object({ at, runId: name })),
})
export const count: Whole<CountRequest> = z.object({
  ...filter,
  groupBy: optional(z.enum(['status', 'workflowType', 'taskQueue'])),
  rest: optional(z.object({ from: whole(0), to: whole(0) })),
})

const scheduled = { to: address, scheduleId: name }
const spec = record<S.ScheduleSpec>()
const policy = record<S.SchedulePolicy>()
/** Specs, policies, notes and ranges are as their callers wrote them: `schedules/checks.ts` reads them. */
export const createSchedule: Whole<S.CreateScheduleRequest> = z.object({
  ...scheduled,
  requestId: name,
  spec,
  policy,
  action: z.object(started),
  paused: z.boolean(),
  note: optional(reason),
})
export const changeSchedule: Whole<S.ChangeScheduleRequest> = z.object({
  ...scheduled,
  requestId: name,
  change: record<S.ScheduleChange>(),
})
export const describeSchedule: Whole<S.ScheduleRequest> = z.object(scheduled)
export const listSchedules: Whole<S.ListSchedulesRequest> = z.object({
  to: address,
  after: z.string().check(z.maxLength(200)),
})

export const stats: Whole<StatsRequest> = z.object({ to: address })
export const lease: Whole<{ namespace: string }> = z.object({ namespace })

const MAX_CURSOR_LENGTH = 1_000
export const health: Whole<HealthRequest> = z.object({
  to: address,
  cursor: optional(z.string().check(z.maxLength(MAX_CURSOR_LENGTH))),
  repair: optional(z.boolean()),
})

/** Between shards: what they say of themselves is of our own making. */
export const deliver: Whole<DeliverRequest> = z.object({
  v: whole(0),
  to: address,
  from: whole(0),
  deliveries: listOf(z.object({ number: whole(1), delivery: record<Delivery>() })),
  again: optional(z.literal(true)),
})

const MAX_LEASE_MS = 3_600_000
export const release: Whole<{ namespace: string; holder: string }> = z.object({ namespace, holder: name })
export const acquire: Whole<AcquireArchiveRequest> = z.object({
  namespace,
  holder: name,
  ttlMs: whole(1, MAX_LEASE_MS),
})

/** What the archiver asks; the fence says that it is the one whose turn it is. */
export function fenced<R extends Fenced>(): Shape<R> {
  return z.custom<R>().check(z.refine((request) => FENCED.safeParse(request).success))
}

const FENCED = z.object({ to: address, fence: whole(0) })
