/** Numbers, sizes, durations and times as people read them. */
import prettyBytes from 'pretty-bytes'
import prettyMilliseconds from 'pretty-ms'
import type { Clock } from '../api/session.ts'

export function numberText(value: number): string {
  return NUMBER.format(value)
}

export function bytesText(bytes: number): string {
  return prettyBytes(bytes, { binary: true, maximumFractionDigits: 1 })
}

export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}ms`
  return prettyMilliseconds(ms, { unitCount: 2, secondsDecimalDigits: ms < 60_000 ? 1 : 0 })
}

/** `2m ago`, `in 3h`. */
export function relativeText(at: number, now: number): string {
  const distance = Math.abs(now - at)
  if (distance < 1_000) return 'now'
  const text = prettyMilliseconds(distance, { compact: true })
  return at <= now ? `${text} ago` : `in ${text}`
}

export function timeText(at: number, clock: Clock): string {
  return FORMATS[clock].format(at)
}

/** The time of the day. */
export function hourText(at: number, clock: Clock): string {
  return HOURS[clock].format(at)
}

const NUMBER = new Intl.NumberFormat('en')
const FORMATS = byClock({ dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' })
const HOURS = byClock({ timeStyle: 'medium', hourCycle: 'h23' })

function byClock(parts: Intl.DateTimeFormatOptions): Readonly<Record<Clock, Intl.DateTimeFormat>> {
  return {
    local: new Intl.DateTimeFormat('en-GB', parts),
    utc: new Intl.DateTimeFormat('en-GB', { ...parts, timeZone: 'UTC' }),
  }
}
