/** The times of a schedule, in their order. */

export interface CalendarTime {
  readonly at: number
  /** When its run begins: `at`, and the jitter. It comes before the next time. */
  readonly dueAt: number
}

export interface Calendar {
  /** The first time behind `after`; null where there is none. */
  next(after: number): CalendarTime | null
  /** No time falls due later than this after itself. */
  readonly jitterMs: number
}

/** Up to `count` times behind `after`. */
export function timesAfter(calendar: Calendar, after: number, count: number): CalendarTime[] {
  const times: CalendarTime[] = []
  let next = count > 0 ? calendar.next(after) : null
  while (next) {
    times.push(next)
    next = times.length < count ? calendar.next(next.at) : null
  }
  return times
}

/** The moment up to which every time has fallen due at `now`; `from` is one that is known. */
export function dueUntil(calendar: Calendar, from: number, now: number): number {
  const last = lastUntil(calendar, Math.max(from, now - calendar.jitterMs), now)
  return last && last.dueAt > now ? last.at - 1 : now
}

/** The last time behind `from` that is not behind `now`. */
function lastUntil(calendar: Calendar, from: number, now: number): CalendarTime | null {
  let found: CalendarTime | null = null
  let low = from
  let high = now
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const next = calendar.next(middle)
    if (next && next.at <= now) {
      found = next
      low = next.at
    } else high = middle
  }
  return found
}
