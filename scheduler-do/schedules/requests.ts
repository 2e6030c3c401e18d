/** What clients ask of schedules. */
import {
  advanceSchedule,
  backfillSchedule,
  newScheduleState,
  pauseSchedule,
  rememberRequest,
  triggerSchedule,
  unpauseSchedule,
} from '../../shared/core/schedule.ts'
import { timesAfter } from '../../shared/core/calendar.ts'
import type { ScheduleInHand } from '../../shared/core/schedule.ts'
import { unreachable } from '../../shared/core/unreachable.ts'
import { invalid } from '../../shared/names.ts'
import type { Payload } from '../../shared/payload.ts'
import type { Refusal, Reply } from '../../shared/protocol.ts'
import type {
  ChangeScheduleRequest,
  CreateScheduleRequest,
  ListSchedulesRequest,
  ScheduleChange,
  ScheduleDescription,
  ScheduleList,
  ScheduleRequest,
} from '../../shared/schedule.ts'
import { requireEncoded } from '../encode.ts'
import { ask } from '../inbox.ts'
import type { Shard } from '../shard.ts'
import { refusedStart } from '../start.ts'
import { scheduleRow, scheduleRows } from '../store/schedules.ts'
import type { ScheduleDefinition, ScheduleRow } from '../store/schedules.ts'
import type { Turn } from '../turn.ts'
import {
  checkedAction,
  checkedInput,
  checkedNote,
  checkIds,
  policyOf,
  rangesOf,
  rulesOf,
  specOf,
  timesOf,
} from './checks.ts'
import { inHand, moveSchedule, scheduleIn } from './moves.ts'

export function createSchedule(shard: Shard, request: CreateScheduleRequest): Promise<Reply<null>> {
  checkIds(request)
  const { scheduleId, requestId, paused } = request
  const note = checkedNote(request.note)
  const action = checkedAction(request.action)
  requireEncoded(shard, [action.input, ...Object.values(action.memo ?? {})])
  const [times, rules] = [timesOf(request.spec), rulesOf(request.policy)]
  const { job, reply } = ask<null>((turn, answer) => {
    const existing = scheduleIn(turn, shard.sql, scheduleId)
    const known = existing?.state.requests.includes(requestId)
    const refusal = existing ? !known && exists(scheduleId) : refusedStart(turn, shard, action)
    answer(refusal || DONE)
    if (existing || refusal) return
    const definition = { incarnation: shard.newRunId(turn.now), times, rules, action }
    const state = newScheduleState(turn.now, { paused, ...note })
    rememberRequest(state, requestId)
    moveSchedule(turn, { scheduleId, definition, state }, advanceSchedule)
  })
  shard.submit(job)
  return reply
}

export function changeSchedule(shard: Shard, request: ChangeScheduleRequest): Promise<Reply<null>> {
  const { scheduleId, requestId } = request
  const change = checkedChange(request.change, shard.clock.now())
  if (change.kind === 'update') requireEncoded(shard, [change.input?.payload])
  const { job, reply } = ask<null>((turn, answer) => {
    const row = scheduleIn(turn, shard.sql, scheduleId)
    const known = row?.state.requests.includes(requestId)
    const refusal = row ? !known && changeNow(turn, row, { requestId, change }) : notFound(scheduleId)
    answer(refusal || DONE)
  })
  shard.submit(job)
  return reply
}

export function describeSchedule(shard: Shard, request: ScheduleRequest): Reply<ScheduleDescription> {
  const row = scheduleRow(shard.sql, request.scheduleId)
  return row ? { ok: true, value: described(row, shard.clock.now()) } : notFound(request.scheduleId)
}

const PAGE = 50

export function listSchedules(shard: Shard, { after }: ListSchedulesRequest): Reply<ScheduleList> {
  const rows = scheduleRows(shard.sql, { after, limit: PAGE + 1 })
  const schedules = rows.slice(0, PAGE).map((row) => described(row, shard.clock.now()))
  return { ok: true, value: { schedules, more: rows.length > PAGE } }
}

const DONE: Reply<null> = { ok: true, value: null }

/** A request's change in the terms of a schedule. */
type Change =
  | { kind: 'update'; parts: Partial<ScheduleDefinition>; input?: { payload?: Payload } }
  | { kind: 'pause' | 'unpause'; note?: string }
  | { kind: 'trigger' }
  | { kind: 'delete' }
  | { kind: 'backfill'; ranges: { from: number; to: number }[] }

function checkedChange(change: ScheduleChange, now: number): Change {
  switch (change.kind) {
    case 'update': {
      const { spec, policy, input } = change
      checkedInput(input?.payload)
      const parts = { ...(spec && { times: timesOf(spec) }), ...(policy && { rules: rulesOf(policy) }) }
      return { kind: 'update', parts, ...(input && { input }) }
    }
    case 'pause':
    case 'unpause':
      return { kind: change.kind, ...checkedNote(change.note) }
    case 'backfill':
      return { kind: 'backfill', ranges: rangesOf(change.ranges, now) }
    case 'trigger':
    case 'delete':
      return change
    default:
      throw invalid('change', 'one that a schedule knows', change)
  }
}

function changeNow(
  turn: Turn,
  row: ScheduleRow,
  { requestId, change }: { requestId: string; change: Change },
): Refusal | null {
  const { scheduleId, state } = row
  if (change.kind === 'delete') {
    turn.changes.schedules.set(scheduleId, null)
    return null
  }
  // What was due before the change is done by the rules of before.
  moveSchedule(turn, row, advanceSchedule)
  const changed = change.kind === 'update' ? updated(row, change, turn.now) : row
  const refusal = change.kind === 'update' ? null : apply(inHand(row, turn.now), change)
  if (refusal) return refusal
  rememberRequest(state, requestId)
  moveSchedule(turn, changed, advanceSchedule)
  return null
}

type Update = Extract<Change, { kind: 'update' }>

function updated(row: ScheduleRow, { parts, input }: Update, now: number): ScheduleRow {
  const { definition, state } = row
  if (parts.times) {
    state.position = now
    state.dueAt = null
  }
  return {
    ...row,
    definition: { ...definition, ...parts, ...(input && { action: withInput(definition, input) }) },
  }
}

function withInput(
  { action }: ScheduleDefinition,
  { payload }: NonNullable<Update['input']>,
): ScheduleDefinition['action'] {
  const { input: _, ...rest } = action
  return { ...rest, ...(payload !== undefined && { input: payload }) }
}

function apply(
  schedule: ScheduleInHand,
  change: Exclude<Change, { kind: 'update' | 'delete' }>,
): Refusal | null {
  switch (change.kind) {
    case 'pause':
      pauseSchedule(schedule, change.note)
      return null
    case 'unpause':
      unpauseSchedule(schedule, change.note)
      return null
    case 'trigger':
      return triggerSchedule(schedule) ? null : TOO_MANY
    case 'backfill':
      return backfillSchedule(schedule, change.ranges) ? null : TOO_MANY
    default:
      return unreachable(change)
  }
}

const TOO_MANY: Refusal = {
  ok: false,
  code: 'limit_pending',
  message: 'too many starts of the schedule wait already: ask again when some of them have begun',
}

function exists(scheduleId: string): Refusal {
  const message = `a schedule ${scheduleId} exists already: update it, or delete it first`
  return { ok: false, code: 'schedule_exists', message, facts: { scheduleId } }
}

function notFound(scheduleId: string): Refusal {
  const message = `no schedule ${scheduleId} is known here`
  return { ok: false, code: 'schedule_not_found', message, facts: { scheduleId } }
}

const NEXT_RUNS = 5

function described(row: ScheduleRow, now: number): ScheduleDescription {
  const { scheduleId, definition, state } = row
  const { times, rules, action } = definition
  const { paused, note, recent, refused } = state
  const after = paused ? Math.max(state.position, now) : state.position
  return {
    scheduleId,
    workflowType: action.workflowType,
    spec: specOf(times),
    policy: policyOf(rules),
    paused,
    ...(note !== undefined && { note }),
    nextRuns: timesAfter(inHand(row, now).calendar, after, NEXT_RUNS).map(({ dueAt }) => dueAt),
    recentRuns: recent.map(({ workflowId, runId, at: scheduledAt }) => ({ workflowId, runId, scheduledAt })),
    ...(refused && { lastRefused: refused }),
  }
}
