/** The routes of schedules. */
import type { ScheduleDescription } from '../../shared/schedule.ts'
import { get, send } from './http.ts'
import type { ListPage } from './shapes.ts'

export async function listSchedules(
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<ListPage<ScheduleDescription>> {
  return await get('/schedules', { query: { cursor }, signal })
}

export async function changeSchedule(
  scheduleId: string,
  verb: 'pause' | 'unpause' | 'trigger' | 'backfill',
  body: { note?: string; ranges?: { from: string; to: string }[] } = {},
): Promise<void> {
  await send('POST', `/schedules/${encodeURIComponent(scheduleId)}/${verb}`, { body })
}

export async function deleteSchedule(scheduleId: string): Promise<void> {
  await send('DELETE', `/schedules/${encodeURIComponent(scheduleId)}`)
}
