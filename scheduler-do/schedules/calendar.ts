/**
 * The times of a schedule: its crons by the clock of their time zone, and its interval.
 *
 * Where clocks are put forward, a cron of fixed hours and minutes comes right behind the gap; where they are put back, it
 * comes once. One with a wildcard or a step in its hours or minutes goes by what the clock shows, as often as it shows it.
 */
import { Cron } from 'croner'
import murmurhash from 'murmurhash'
import type { Calendar, CalendarTime } from '../../shared/core/calendar.ts'

export interface ScheduleTimes {
  cron: string[]
  everyMs?: number
  /** Of the crons. */
  timeZone: string
  jitterMs: number
  startAt?: number
  endAt?: number
}

/** What a Date can hold. */
const END_OF_TIME = 8_640_000_000_000_000

/** Times of one schedule have their own jitter: `seed` tells them from those of others. */
export function calendarOf(seed: string, times: ScheduleTimes): Calendar {
  const crons = times.cron.map((pattern) => cronOf(pattern, times.timeZone))
  const { jitterMs, startAt = -END_OF_TIME, endAt = END_OF_TIME } = times
  const after = (moment: number): number | null => {
    const from = Math.max(moment, startAt - 1)
    const nexts = [...crons.map((cron) => nextOf(cron, from)), nextInterval(times, from)]
    const at = Math.min(...nexts.map((next) => next ?? Infinity))
    return at <= endAt ? at : null
  }
  const next = (moment: number): CalendarTime | null => {
    const at = after(moment)
    if (at === null || jitterMs === 0) return at === null ? null : { at, dueAt: at }
    const spread = Math.min(jitterMs, (after(at) ?? Infinity) - at)
    return { at, dueAt: at + Math.floor(spread * share(`${seed}/${at}`)) }
  }
  return { next, jitterMs }
}

/** Years in which crons come: none of croner's does later, and where a zone's clock shows no date it searches for ever. */
const [FIRST_CRON, LAST_CRON] = [Date.UTC(1_000, 0), Date.UTC(3_000, 0)]

function nextOf(cron: Cron, after: number): number | undefined {
  return after < LAST_CRON ? cron.nextRun(new Date(Math.max(after, FIRST_CRON)))?.getTime() : undefined
}

/** Throws a TypeError or a RangeError for what is no cron. */
export function cronOf(pattern: string, timezone: string): Cron {
  return new Cron(pattern, { timezone, mode: '5-or-6-parts', fixedTimeRule: 'no-wildcard' })
}

/** The next multiple of the interval since `startAt`, or since the epoch. By remainders: what lies between two times may be beyond 2^53. */
function nextInterval({ everyMs, startAt = 0 }: ScheduleTimes, after: number): number | undefined {
  if (everyMs === undefined) return undefined
  const since = ((after % everyMs) - (startAt % everyMs)) % everyMs
  return after + (everyMs - (since < 0 ? since + everyMs : since))
}

/** A number in [0, 1) that is always the same for a text. */
function share(text: string): number {
  return murmurhash.v3(text, 0) / 2 ** 32
}
