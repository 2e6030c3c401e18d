import { describe, expect, test } from 'vitest'
import { calendarOf } from '../../scheduler-do/schedules/calendar.ts'
import type { ScheduleTimes } from '../../scheduler-do/schedules/calendar.ts'
import { timesOf } from '../../scheduler-do/schedules/checks.ts'
import { timesAfter } from '../../shared/core/calendar.ts'
import { WorkflowError } from '../../shared/errors.ts'
import type { ScheduleSpec } from '../../shared/schedule.ts'

const SECOND = 1_000
const MINUTE = 60_000

function times(spec: Partial<ScheduleTimes>): ScheduleTimes {
  return { cron: [], timeZone: 'UTC', jitterMs: 0, ...spec }
}

/** The next times behind a moment, by the clock of UTC. */
function next(spec: Partial<ScheduleTimes>, after: string, count: number): string[] {
  const calendar = calendarOf('s', times(spec))
  return timesAfter(calendar, Date.parse(after), count).map(({ at }) =>
    new Date(at).toISOString().slice(0, 19),
  )
}

describe('a cron', () => {
  test.each([
    ['*/2 * * * * *', '2026-01-01T00:00:00Z', ['2026-01-01T00:00:02', '2026-01-01T00:00:04']],
    ['*/2 * * * * *', '2026-01-01T00:00:01.999Z', ['2026-01-01T00:00:02', '2026-01-01T00:00:04']],
    ['0 0 29 2 *', '2026-01-01T00:00:00Z', ['2028-02-29T00:00:00', '2032-02-29T00:00:00']],
    ['0 0 31 * *', '2026-01-31T00:00:00Z', ['2026-03-31T00:00:00', '2026-05-31T00:00:00']],
    ['0 12 L * *', '2028-01-31T12:00:00Z', ['2028-02-29T12:00:00', '2028-03-31T12:00:00']],
    ['0 9 * * MON-FRI', '2026-11-27T09:00:00Z', ['2026-11-30T09:00:00', '2026-12-01T09:00:00']],
    ['0 0 13 * FRI', '2026-11-12T00:00:00Z', ['2026-11-13T00:00:00', '2026-11-20T00:00:00']],
    ['@monthly', '2026-12-31T23:59:59Z', ['2027-01-01T00:00:00', '2027-02-01T00:00:00']],
  ])('%s after %s', (pattern, after, expected) => {
    expect(next({ cron: [pattern] }, after, 2)).toEqual(expected)
  })

  test('several are one calendar, and a time that two of them have comes once', () => {
    const cron = ['0 9 * * *', '0 17 * * *', '0 */17 * * *']
    expect(next({ cron }, '2026-01-01T00:00:00Z', 4)).toEqual([
      '2026-01-01T09:00:00',
      '2026-01-01T17:00:00',
      '2026-01-02T00:00:00',
      '2026-01-02T09:00:00',
    ])
  })
})

describe('where clocks change', () => {
  const daily = { cron: ['30 2 * * *'] }

  test('a daily time in the gap comes right behind it', () => {
    expect(next({ ...daily, timeZone: 'Europe/Berlin' }, '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T01:30:00',
      '2026-03-29T01:00:00', // 03:00, since there was no 02:30
      '2026-03-30T00:30:00',
    ])
    expect(next({ ...daily, timeZone: 'America/New_York' }, '2026-03-07T12:00:00Z', 2)).toEqual([
      '2026-03-08T07:00:00',
      '2026-03-09T06:30:00',
    ])
  })

  test('a daily time that comes twice is kept once', () => {
    expect(next({ ...daily, timeZone: 'Europe/Berlin' }, '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00',
      '2026-10-26T01:30:00',
    ])
    const fixed = { cron: ['15 1,13 * * *'], timeZone: 'America/New_York' }
    expect(next(fixed, '2026-11-01T00:00:00Z', 3)).toEqual([
      '2026-11-01T05:15:00',
      '2026-11-01T18:15:00',
      '2026-11-02T06:15:00',
    ])
  })

  test('one with a step goes on, hour by hour', () => {
    const half = { cron: ['*/30 * * * *'], timeZone: 'Europe/Berlin' }
    const hour = (from: string) => next(half, from, 6).map((at) => at.slice(11, 16))
    expect(hour('2026-10-24T23:30:00Z')).toEqual(['00:00', '00:30', '01:00', '01:30', '02:00', '02:30'])
    expect(hour('2026-03-29T00:00:00Z')).toEqual(['00:30', '01:00', '01:30', '02:00', '02:30', '03:00'])
  })

  test('zones that are off by a part of an hour, or shift by half of one', () => {
    const midnight = { cron: ['0 0 * * *'] }
    expect(next({ ...midnight, timeZone: 'Asia/Kathmandu' }, '2026-01-01T00:00:00Z', 1)).toEqual([
      '2026-01-01T18:15:00',
    ])
    expect(next({ ...midnight, timeZone: 'Australia/Lord_Howe' }, '2026-04-04T00:00:00Z', 2)).toEqual([
      '2026-04-04T13:00:00',
      '2026-04-05T13:30:00',
    ])
  })
})

describe('an interval', () => {
  test('counts from the epoch', () => {
    expect(next({ everyMs: 90 * MINUTE }, '2026-01-01T00:00:00Z', 2)).toEqual([
      '2026-01-01T01:30:00',
      '2026-01-01T03:00:00',
    ])
  })

  test('or from startAt, which is the first', () => {
    const startAt = Date.parse('2026-01-01T00:07:00Z')
    const spec = { everyMs: 10 * MINUTE, startAt }
    expect(next(spec, '2025-06-01T00:00:00Z', 2)).toEqual(['2026-01-01T00:07:00', '2026-01-01T00:17:00'])
    expect(next(spec, '2026-01-01T00:17:00Z', 1)).toEqual(['2026-01-01T00:27:00'])
  })
})

test('no time comes before startAt or after endAt; both are included', () => {
  const bounds = { startAt: Date.parse('2026-05-01T00:00:00Z'), endAt: Date.parse('2026-05-03T00:00:00Z') }
  const expected = ['2026-05-01T00:00:00', '2026-05-02T00:00:00', '2026-05-03T00:00:00']
  expect(next({ cron: ['@daily'], ...bounds }, '2026-01-01T00:00:00Z', 9)).toEqual(expected)
  expect(next({ everyMs: 1440 * MINUTE, ...bounds }, '2026-01-01T00:00:00Z', 9)).toEqual(expected)
})

describe('jitter', () => {
  const spec = times({ everyMs: MINUTE, jitterMs: 30 * SECOND })

  test('is less than asked for, not always the same, and always the same for a time', () => {
    const after = Date.parse('2026-01-01T00:00:00Z')
    const late = timesAfter(calendarOf('a', spec), after, 200).map(({ at, dueAt }) => dueAt - at)
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...late)).toBeLessThan(30 * SECOND)
    expect(Math.max(...late) - Math.min(...late)).toBeGreaterThan(25 * SECOND)
    expect(timesAfter(calendarOf('a', spec), after, 200).map(({ at, dueAt }) => dueAt - at)).toEqual(late)
    expect(timesAfter(calendarOf('b', spec), after, 200).map(({ at, dueAt }) => dueAt - at)).not.toEqual(late)
  })

  test('never reaches the next time', () => {
    const wide = calendarOf('a', { ...spec, jitterMs: 3_600 * SECOND })
    for (const { at, dueAt } of timesAfter(wide, Date.parse('2026-01-01T00:00:00Z'), 200)) {
      expect(dueAt).toBeGreaterThanOrEqual(at)
      expect(dueAt).toBeLessThan(at + MINUTE)
    }
  })
})

describe('a spec that cannot be kept is refused', () => {
  test.each<[string, ScheduleSpec]>([
    ['spec', {}],
    ['spec.cron[0]', { cron: ['61 * * * *'] }],
    ['spec.cron[1]', { cron: ['@daily', 'every day'] }],
    ['spec.cron[0]', { cron: [''] }],
    ['spec.cron[0]', { cron: ['2026-01-01T00:00:00'] }],
    ['spec.cron[0]', { cron: ['0 0 0 1 1 * 2026'] }],
    ['spec.cron[0]', { cron: ['0 0 30 2 *'] }],
    ['spec.cron[0]', { cron: [7 as unknown as string] }], // from callers without types
    ['spec.cron', { cron: 'noon' }],
    ['spec.crons', { crons: '@daily' } as ScheduleSpec],
    ['spec.cron', { cron: Array.from({ length: 21 }, () => '@daily') }],
    ['spec.every', { every: 999 }],
    ['spec.every', { every: NaN }],
    ['spec.every', { every: 'often' as '1h' }],
    ['spec.timeZone', { cron: ['@daily'], timeZone: 'Mars/Olympus' }],
    ['spec.jitter', { every: MINUTE, jitter: -1 }],
    ['spec.jitter', { every: MINUTE, jitter: '25h' }],
    ['spec.startAt', { every: MINUTE, startAt: 'soon' }],
    ['spec.endAt', { every: MINUTE, startAt: 2, endAt: 1 }],
  ])('%s', (path, spec) => {
    expect(refusedPath(() => timesOf(spec))).toBe(path)
  })
})

function refusedPath(check: () => unknown): string | undefined {
  try {
    check()
  } catch (error) {
    if (error instanceof WorkflowError && error.code === 'invalid_argument') return error.path
    throw error
  }
  return undefined
}
