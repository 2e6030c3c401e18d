/** Schedules: one row each. */
import type { ScheduleRules, ScheduleState } from '../../shared/core/schedule.ts'
import type { ScheduleAction } from '../../shared/schedule.ts'
import type { ScheduleTimes } from '../schedules/calendar.ts'
import type { Sql } from './sql.ts'

export interface ScheduleRow {
  readonly scheduleId: string
  readonly definition: ScheduleDefinition
  readonly state: ScheduleState
}

export interface ScheduleDefinition {
  /** Tells apart schedules that had the id one after another. */
  incarnation: string
  times: ScheduleTimes
  rules: ScheduleRules
  action: ScheduleAction
}

export function putSchedule(sql: Sql, { scheduleId, definition, state }: ScheduleRow): void {
  const statement = `INSERT INTO schedules (schedule_id, definition, state, due_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (schedule_id) DO UPDATE SET definition = excluded.definition, state = excluded.state,
    due_at = excluded.due_at`
  sql.run(statement, scheduleId, JSON.stringify(definition), JSON.stringify(state), state.dueAt)
}

export function deleteSchedule(sql: Sql, scheduleId: string): void {
  sql.run('DELETE FROM schedules WHERE schedule_id = ?', scheduleId)
}

export function scheduleRow(sql: Sql, scheduleId: string): ScheduleRow | null {
  const row = sql.first<Stored>(`SELECT ${COLUMNS} FROM schedules WHERE schedule_id = ?`, scheduleId)
  return row ? rowOf(row) : null
}

/** In the order of their ids. */
export function scheduleRows(sql: Sql, page: { after: string; limit: number }): ScheduleRow[] {
  const statement = `SELECT ${COLUMNS} FROM schedules WHERE schedule_id > ? ORDER BY schedule_id LIMIT ?`
  return sql.all<Stored>(statement, page.after, page.limit).map(rowOf)
}

export function dueSchedules(sql: Sql): { scheduleId: string; dueAt: number }[] {
  type Row = { schedule_id: string; due_at: number }
  const rows = sql.all<Row>('SELECT schedule_id, due_at FROM schedules WHERE due_at IS NOT NULL')
  return rows.map((row) => ({ scheduleId: row.schedule_id, dueAt: row.due_at }))
}

const COLUMNS = 'schedule_id, definition, state'
type Stored = { schedule_id: string; definition: string; state: string }

function rowOf(row: Stored): ScheduleRow {
  return {
    scheduleId: row.schedule_id,
    definition: JSON.parse(row.definition) as ScheduleDefinition, // our own text
    state: JSON.parse(row.state) as ScheduleState, // our own text
  }
}
