/**
 * What moves a schedule within a turn: its time, a request, the report of a run. Its row and the messages that come of the move
 * are one commit, so that no start is lost and none is made twice.
 */
import type { ScheduleLink } from '../../shared/core/events.ts'
import { advanceSchedule, reportToSchedule } from '../../shared/core/schedule.ts'
import type { ScheduleEffect, ScheduleInHand, ScheduleReport } from '../../shared/core/schedule.ts'
import type { Delivery } from '../../shared/delivery.ts'
import type { Job } from '../inbox.ts'
import { dueKey } from '../keys.ts'
import type { Shard } from '../shard.ts'
import { startRun } from '../start.ts'
import type { StartWorld } from '../start.ts'
import { scheduleRow } from '../store/schedules.ts'
import type { ScheduleRow } from '../store/schedules.ts'
import type { Sql } from '../store/sql.ts'
import type { Turn } from '../turn.ts'
import { calendarOf } from './calendar.ts'

/** The schedule as the turn has left it so far. */
export function scheduleIn(turn: Turn, sql: Sql, scheduleId: string): ScheduleRow | null {
  const changed = turn.changes.schedules.get(scheduleId)
  return changed === undefined ? scheduleRow(sql, scheduleId) : changed
}

export function inHand({ scheduleId, definition, state }: ScheduleRow, now: number): ScheduleInHand {
  const { rules, times } = definition
  return { rules, calendar: calendarOf(scheduleId, times), state, now }
}

/** The row is the turn's before anything is sent: what a shard sends to itself is answered at once, and moves it again. */
export function moveSchedule(
  turn: Turn,
  row: ScheduleRow,
  move: (schedule: ScheduleInHand) => ScheduleEffect[],
): void {
  turn.changes.schedules.set(row.scheduleId, row)
  for (const effect of move(inHand(row, turn.now))) perform(turn, row, effect)
}

const RETRY_MS = 60_000

/** What is to be done once a schedule is due. */
export function scheduleJob(shard: Shard, scheduleId: string): Job {
  return {
    begin: (turn) => {
      const row = scheduleIn(turn, shard.sql, scheduleId)
      if (row) moveSchedule(turn, row, advanceSchedule)
    },
    release: () => {},
    refuse: () =>
      shard.memory.deadlines.set(dueKey({ kind: 'schedule', scheduleId }), shard.clock.now() + RETRY_MS),
  }
}

type Scheduled = Extract<Delivery, { kind: 'start_scheduled' | 'schedule_report' }>

/** A message between a schedule and its runs. */
export function applyScheduled(turn: Turn, world: StartWorld, delivery: Scheduled): void {
  if (delivery.kind === 'start_scheduled') startScheduled(turn, world, delivery)
  else takeReport(turn, world, delivery)
}

/** `by` is the run that tells it; empty where none does. */
export function reportTo(
  turn: Turn,
  schedule: ScheduleLink,
  { by, report }: { by: string; report: ScheduleReport },
): void {
  turn.send(by, schedule.shard, { kind: 'schedule_report', schedule, report })
}

/** Nothing tells that an earlier attempt to start it ended the object, but that its time is long over. */
const LATE_MS = 10_000

/** On the shard of the run. */
function startScheduled(
  turn: Turn,
  world: StartWorld,
  { schedule, start }: Extract<Scheduled, { kind: 'start_scheduled' }>,
): void {
  const { workflowId } = start
  turn.world.wary ||= turn.now - schedule.scheduledAt > LATE_MS
  const requestId = `schedule:${schedule.incarnation}/${schedule.number}`
  const started = startRun(turn, world, { ...start, requestId, schedule })
  if (started.ok && started.created) {
    const { runId } = started
    reportTo(turn, schedule, { by: runId, report: { kind: 'started', run: { workflowId, runId } } })
    return
  }
  const refusal = started.ok
    ? { code: 'workflow_already_started', message: `workflow ${workflowId} is already running` }
    : started
  const { code, message } = refusal
  reportTo(turn, schedule, { by: '', report: { kind: 'refused', code, message } })
}

/** On the shard of the schedule, which may be gone by then. */
function takeReport(
  turn: Turn,
  world: StartWorld,
  { schedule, report }: Extract<Scheduled, { kind: 'schedule_report' }>,
): void {
  const row = scheduleIn(turn, world.sql, schedule.scheduleId)
  if (row?.definition.incarnation !== schedule.incarnation) return
  moveSchedule(turn, row, (hand) => {
    const effects = reportToSchedule(hand, schedule, report)
    return report.kind === 'closed' ? [...effects, ...advanceSchedule(hand)] : effects
  })
}

function perform(turn: Turn, { scheduleId, definition }: ScheduleRow, effect: ScheduleEffect): void {
  if (effect.kind === 'end') {
    const { run: to, policy } = effect
    const reason = `schedule ${scheduleId} begins another run`
    turn.send('', turn.world.shardOf(to.workflowId), { kind: 'close_child', to, policy, reason })
    return
  }
  const { incarnation, action } = definition
  const { number, at: scheduledAt } = effect
  const workflowId = workflowIdAt(action.workflowId, effect)
  const schedule = { scheduleId, shard: turn.world.shard, incarnation, number, scheduledAt }
  turn.send('', turn.world.shardOf(workflowId), {
    kind: 'start_scheduled',
    schedule,
    start: { ...action, workflowId },
  })
}

/** A run asked for by hand has its milliseconds in its id: it is another than that of a time of the schedule. */
function workflowIdAt(base: string, { at, manual }: { at: number; manual: boolean }): string {
  const time = new Date(at).toISOString()
  return `${base}-${manual ? time : time.replace('.000Z', 'Z')}`
}
