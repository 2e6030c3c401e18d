/** The events of history as shapes: what a file holds was written by some release, or edited since. */
import * as z from 'zod/mini'
import type { CarriedChild } from '../shared/core/chain-events.ts'
import type { HistoryEvent } from '../shared/core/events.ts'
import type { RetryRules } from '../shared/core/retry.ts'
import type { SerializedError } from '../shared/errors.ts'
import type { Payload } from '../shared/payload.ts'

const text = z.string()
const whole = z.int()
const seq = whole.check(z.gte(0))
const opt = z.exactOptional
const payload = opt(z.custom<Payload>())
const fields = z.record(text, z.custom<Payload>())
const error: z.ZodMiniType<SerializedError> = z.looseObject({ name: text, message: text, code: text })
const policy = z.enum(['terminate', 'cancel', 'abandon'])
const retry: z.ZodMiniType<RetryRules> = z.looseObject({
  maxAttempts: opt(whole),
  initialMs: z.number(),
  maxMs: z.number(),
  backoff: z.enum(['exponential', 'linear', 'constant']),
  coefficient: z.number(),
  jitter: opt(z.number()),
  nonRetryable: opt(z.array(text)),
})
const timeouts = z.looseObject({
  startToCloseMs: z.number(),
  scheduleToStartMs: opt(z.number()),
  scheduleToCloseMs: opt(z.number()),
  heartbeatMs: opt(z.number()),
})
const kind = z.enum([
  'start-to-close',
  'schedule-to-start',
  'schedule-to-close',
  'heartbeat',
  'execution',
  'run',
  'result',
  'signal',
  'scope',
])
const carried: z.ZodMiniType<CarriedChild> = z.looseObject({
  parentRunId: text,
  seq,
  workflowId: text,
  parentClosePolicy: z.enum(['terminate', 'cancel']),
  started: opt(z.looseObject({ runId: text, shard: whole })),
})
const lasting = { taskQueue: opt(text), retry: opt(retry), memo: opt(fields), searchAttributes: opt(fields) }
const target = { seq, workflowId: text, runId: opt(text) }
const ended = { nextRunId: opt(text) }

/** Of one kind or several, all of which record the same. */
function event<const T extends readonly HistoryEvent['type'][], F extends z.core.$ZodLooseShape>(
  types: T,
  own: F,
) {
  return z.looseObject({ type: z.enum(types), at: whole, ...own })
}

const started = event(['workflow_started'], {
  ...lasting,
  workflowType: text,
  taskQueue: text,
  version: text,
  requestId: text,
  input: payload,
  parent: opt(z.looseObject({ workflowId: text, runId: text, shard: whole, seq })),
  schedule: opt(
    z.looseObject({ scheduleId: text, shard: whole, incarnation: text, number: whole, scheduledAt: whole }),
  ),
  executionDeadlineAt: opt(z.number()),
  priority: opt(whole),
  pinned: opt(z.literal(true)),
  traceparent: opt(text),
  firstRunId: opt(text),
  previousRunId: opt(text),
  attempt: opt(whole),
  firstTurnAt: opt(z.number()),
  runTimeoutMs: opt(z.number()),
  resetAt: opt(whole),
  startBytes: opt(whole),
  seed: opt(text),
  children: opt(z.array(carried)),
  signalIds: opt(z.array(text)),
  updates: opt(z.array(z.looseObject({ updateId: text, runId: text }))),
})

const commands = [
  event(['activity_scheduled'], {
    seq,
    activityType: text,
    taskQueue: text,
    input: payload,
    retry: opt(retry),
    timeouts: opt(timeouts),
    cancellation: opt(z.enum(['wait', 'try', 'abandon'])),
    priority: opt(whole),
    concurrencyKey: opt(text),
    summary: opt(text),
  }),
  event(['step_scheduled'], { seq, name: text, retry: opt(retry), timeouts: opt(timeouts) }),
  event(['activity_cancel_requested', 'step_cancel_requested', 'timer_cancelled'], { seq }),
  event(['timer_started'], { seq, fireAt: z.number(), summary: opt(text) }),
  event(['child_requested'], {
    ...lasting,
    seq,
    workflowId: text,
    workflowType: text,
    input: payload,
    parentClosePolicy: policy,
    cancellation: z.enum(['wait', 'wait-requested', 'try', 'abandon']),
    idReuse: z.enum(['allow', 'allow-failed-only', 'reject']),
    idConflict: z.enum(['fail', 'use-existing', 'terminate-existing']),
    executionTimeoutMs: opt(z.number()),
  }),
  event(['child_cancel_requested'], { seq, reason: opt(text) }),
  event(['external_signal_requested'], { ...target, name: text, payload }),
  event(['external_cancel_requested'], { ...target, reason: opt(text) }),
  event(['update_completed'], { updateId: text, result: payload }),
  event(['update_failed'], { updateId: text, error }),
  event(['memo_upserted'], { memo: fields }),
  event(['search_attributes_upserted'], { searchAttributes: fields }),
  event(['patch_recorded'], { patchId: text }),
  event(['workflow_completed'], { result: payload }),
  event(['workflow_failed'], { error, ...ended }),
  event(['workflow_cancelled'], { error }),
  event(['workflow_continued_as_new'], {
    ...lasting,
    ...ended,
    input: payload,
    runTimeoutMs: opt(z.number()),
    startDelayMs: opt(z.number()),
  }),
] as const

const attempt = { seq, attempt: whole }
const outcomes = [
  event(['start_delay_elapsed', 'workflow_resumed'], {}),
  event(['activity_completed', 'step_completed'], { ...attempt, result: payload }),
  event(['activity_failed', 'step_failed'], { ...attempt, error }),
  event(['activity_timed_out'], { ...attempt, kind, lastFailure: opt(error) }),
  event(['activity_cancelled', 'step_cancelled'], attempt),
  event(['timer_fired', 'external_signal_delivered', 'external_cancel_delivered'], { seq }),
  event(['signal_received'], { name: text, payload, signalId: text }),
  event(['update_accepted'], { updateId: text, name: text, args: payload }),
  event(['workflow_cancel_requested', 'workflow_paused'], { reason: opt(text) }),
  event(['child_started'], { seq, runId: text, shard: whole }),
  event(['child_completed'], { seq, result: payload }),
  event(['child_start_failed', 'child_failed', 'child_cancelled', 'child_timed_out', 'child_terminated'], {
    seq,
    error,
  }),
  event(['external_signal_failed', 'external_cancel_failed'], { seq, error }),
] as const

const silent = [
  event(['signals_discarded'], { signalIds: z.array(text), names: z.array(text) }),
  event(['workflow_reset'], { runId: text, toEvent: whole, seed: text, reason: text }),
  event(['workflow_terminated'], { reason: opt(text), ...ended }),
  event(['workflow_timed_out'], { kind: z.enum(['execution', 'run']), ...ended }),
  event(['carried_child_started'], { parentRunId: text, seq, runId: text, shard: whole }),
  event(['carried_child_closed'], { parentRunId: text, seq }),
] as const

/** What is beside the fields that this release knows stays. */
export const eventShape: z.ZodMiniType<HistoryEvent> = z.discriminatedUnion('type', [
  started,
  ...commands,
  ...outcomes,
  ...silent,
])
