/** What routes answer, for the document: the types of shared/ as shapes. */
import * as z from 'zod/mini'
import type { Replayed, RunDescription, RunSummary } from '../../shared/description.ts'
import { STATUSES, TIERS } from '../../shared/listing.ts'
import type { DeleteReply, HistoryPage, ResultReply, StartReply } from '../../shared/protocol.ts'
import type { TargetReply } from '../../shared/reference.ts'
import type { ScheduleDescription } from '../../shared/schedule.ts'
import type { UpdateReply } from '../../shared/update.ts'
import { attributes, error, fields, name, payload, said, whole, workflowId } from '../shapes.ts'
import type { Shape } from '../shapes.ts'
import { policy, spec } from './schedule-shapes.ts'

const optional = z.exactOptional
const at = said(z.int(), { description: 'Epoch milliseconds.' })

const summary = {
  workflowId,
  runId: name,
  workflowType: name,
  status: z.enum(STATUSES),
  taskQueue: name,
  startedAt: at,
  completedAt: optional(at),
  tier: z.enum(TIERS),
  version: z.string(),
  historyEvents: whole(0),
  historyBytes: whole(0),
  memo: fields,
  searchAttributes: attributes,
  input: optional(payload),
  result: optional(payload),
  error: optional(error),
  blocked: optional(
    z.object({ code: z.string(), reason: z.string(), since: at, eventId: optional(whole(1)) }),
  ),
}
const link = z.object({ workflowId, runId: name })

const runSummary: Shape<RunSummary> = said(z.object(summary), { id: 'RunSummary' })

export const runDescription: Shape<RunDescription> = said(
  z.object({
    ...summary,
    waitingFor: z.array(
      z.object({
        kind: z.enum(['activity', 'timer', 'signal', 'child', 'condition', 'step']),
        name: z.string(),
        since: at,
        until: optional(at),
        at: optional(said(z.string(), { description: 'The line of its call, with callSites.' })),
      }),
    ),
    pendingActivities: z.array(
      z.object({
        activityId: z.string(),
        activityType: z.string(),
        attempt: whole(1),
        nextAttemptAt: optional(at),
        lastError: optional(error),
      }),
    ),
    parent: optional(link),
    schedule: optional(z.object({ scheduleId: name, scheduledAt: at })),
  }),
  { id: 'RunDescription' },
)

export const runPage = said(z.object({ items: z.array(runSummary), nextCursor: optional(z.string()) }), {
  id: 'RunPage',
})

export const runCount = said(
  z.object({ count: whole(0), groups: optional(z.record(z.string(), whole(0))) }),
  { id: 'RunCount', examples: [{ count: 43, groups: { running: 3, completed: 40 } }] },
)

export const historyPage: Shape<HistoryPage> = said(
  z.object({
    runId: name,
    events: z.array(
      z.object({
        eventId: whole(1),
        event: said(z.custom<HistoryPage['events'][number]['event']>(), {
          type: 'object',
          properties: { type: { type: 'string' }, at: { type: 'integer' } },
          required: ['type', 'at'],
          additionalProperties: true,
        }),
      }),
    ),
    nextEvent: optional(said(whole(1), { description: 'fromEvent of the next page; absent on the last.' })),
  }),
  { id: 'HistoryPage' },
)

const ofReplay = { runId: name, events: whole(0) }

export const replayed: Shape<Replayed> = said(
  z.discriminatedUnion('ok', [
    z.object({
      ok: z.literal(true),
      ...ofReplay,
      waitsAt: said(z.array(z.string()), {
        description: 'Of an open run: the lines of the calls that it waits for.',
      }),
    }),
    z.object({
      ok: z.literal(false),
      ...ofReplay,
      error: z.object({ code: z.string(), message: z.string() }),
      eventId: said(optional(whole(1)), { description: 'The first event that differs.' }),
      expected: said(optional(z.string()), { description: 'What it recorded.' }),
      actual: said(optional(z.string()), { description: 'What the code asks for in its place.' }),
    }),
  ]),
  { id: 'Replayed' },
)

const FAILED = ['failed', 'cancelled', 'terminated', 'timed_out', 'continued_as_new'] as const

export const result: Shape<ResultReply> = said(
  z.discriminatedUnion('status', [
    said(z.object({ status: z.literal('running'), runId: name }), {
      description: 'Not within waitMs: ask again, for this run.',
    }),
    z.object({ status: z.literal('completed'), runId: name, result: optional(payload) }),
    z.object({ status: z.enum(FAILED), runId: name, error, nextRunId: optional(name) }),
  ]),
  { id: 'Result', examples: [{ status: 'completed', runId: '01KB9Z6E9MZ4X5T0W1V2Y3N8QP', result: 42 }] },
)

const startReply = { runId: name, firstRunId: optional(name), result: optional(result) }

export const started: Shape<StartReply & { workflowId: string }> = said(
  z.object({ workflowId, ...startReply }),
  { id: 'Started', examples: [{ workflowId: 'order-7', runId: '01KB9Z6E9MZ4X5T0W1V2Y3N8QP' }] },
)

export const newRun: Shape<StartReply> = said(z.object(startReply), { id: 'NewRun' })

export const deleted: Shape<DeleteReply> = said(
  z.object({
    coldGoneBy: said(z.nullable(z.int()), {
      description: 'Epoch milliseconds by when the cold tier has lost it; null where it never had it.',
    }),
  }),
  { id: 'Deleted' },
)

export const target: Shape<TargetReply> = said(
  z.object({
    latest: z.nullable(z.object({ runId: name, open: z.boolean() })),
    fresh: said(name, { description: 'For runId of a start.' }),
    shard: optional(whole(0)),
  }),
  { id: 'Target' },
)

export const updated: Shape<UpdateReply> = said(
  z.discriminatedUnion('status', [
    said(z.object({ status: z.literal('accepted'), runId: name }), {
      description: 'Durably accepted, and not ended within waitMs: ask again, for this run.',
    }),
    z.object({ status: z.literal('completed'), runId: name, result: optional(payload) }),
    z.object({ status: z.literal('failed'), runId: name, error }),
  ]),
  { id: 'Update' },
)

export const scheduleDescription: Shape<ScheduleDescription> = said(
  z.object({
    scheduleId: name,
    workflowType: name,
    spec,
    policy,
    paused: z.boolean(),
    note: optional(z.string()),
    nextRuns: z.array(at),
    recentRuns: z.array(z.object({ workflowId, runId: name, scheduledAt: at })),
    lastRefused: optional(z.object({ scheduledAt: at, code: z.string(), message: z.string() })),
  }),
  { id: 'ScheduleDescription' },
)

export const schedulePage = said(
  z.object({ items: z.array(scheduleDescription), nextCursor: optional(z.string()) }),
  { id: 'SchedulePage' },
)
