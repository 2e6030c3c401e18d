import { describe, expect, test } from 'vitest'
import { duration, toEpochMs, toMs } from '../../shared/duration.ts'
import type { Duration, Instant } from '../../shared/duration.ts'

describe('a duration', () => {
  test.each<[Duration, number]>([
    [1500, 1500],
    [0, 0],
    ['250ms', 250],
    ['30s', 30_000],
    ['1 second', 1_000],
    ['2 seconds', 2_000],
    ['5m', 300_000],
    ['1 minute', 60_000],
    ['90 minutes', 5_400_000],
    ['1.5h', 5_400_000],
    ['1 hour', 3_600_000],
    ['2hours', 7_200_000],
    ['7d', 604_800_000],
    ['1 day', 86_400_000],
    ['3 days', 259_200_000],
    ['2w', 1_209_600_000],
    ['1 week', 604_800_000],
    ['2 weeks', 1_209_600_000],
    ['.5s', 500],
    ['1e3ms', 1_000],
  ])('%j is %d ms', (value, ms) => {
    expect(toMs(value, 'timeout')).toBe(ms)
  })

  test('is rounded to whole milliseconds', () => {
    expect(toMs(0.6, 'timeout')).toBe(1)
    expect(toMs('0.0016s', 'timeout')).toBe(2)
    expect(toMs(-0.2, 'timeout')).toBe(0) // and no negative zero
  })

  test('below zero is refused unless the caller gives it a meaning', () => {
    expect(toMs('-5s', 'sleep', { allowNegative: true })).toBe(-5_000)
    expect(() => toMs('-5s', 'timeout')).toThrow(/timeout must be a duration of zero or more .* not "-5s"/)
    expect(() => toMs(-1, 'timeout')).toThrow(/zero or more/)
  })

  test.each<[unknown]>([
    ['soon'],
    [''],
    ['10'],
    ['10 y'],
    ['10 parsecs'],
    ['10  s'],
    [' 10s'],
    ['10s '],
    ['10S'],
    ['1h30m'],
    ['0x10s'],
    ['1_000ms'],
    ['.s'],
    ['1e400s'],
    [NaN],
    [Infinity],
    [1e300],
    [null],
    [undefined],
    [{}],
    [true],
  ])('%j is refused with its path and an example of the right form', (value) => {
    const message = expect.stringMatching(/options\.timeout .*'30s'/)
    expect(() => toMs(value as Duration, 'options.timeout', { allowNegative: true })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', path: 'options.timeout', message }),
    )
  })

  test('as text from outside is checked where it enters', () => {
    expect(duration('5 minutes')).toBe('5 minutes')
    expect(() => duration('5 moons')).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
  })

  test('of any length in a refusal is cut', () => {
    expect(() => duration('x'.repeat(10_000))).toThrow(/^.{1,250}$/)
  })
})

describe('an instant', () => {
  test.each<[Instant, number]>([
    [new Date(5), 5],
    [1_700_000_000_000, 1_700_000_000_000],
    [-1, -1],
    ['2026-12-01T09:00:00Z', Date.UTC(2026, 11, 1, 9)],
    ['2026-12-01T09:00:00.250+02:00', Date.UTC(2026, 11, 1, 7, 0, 0, 250)],
    ['2026-12-01T09:00-05:30', Date.UTC(2026, 11, 1, 14, 30)],
    ['2026-12-01', Date.UTC(2026, 11, 1)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['+010000-01-01T00:00:00.000Z', Date.UTC(10_000, 0, 1)],
  ])('%j is %d', (instant, epochMs) => {
    expect(toEpochMs(instant, 'startAt')).toBe(epochMs)
  })

  test.each<[unknown]>([
    ['tomorrow'],
    ['Dec 1 2026'],
    ['2026-12-01T09:00:00'], // whose nine o'clock?
    ['2026-13-01'],
    ['2026-02-30T00:00:00Z'],
    ['2026-12-01T25:00:00Z'],
    [new Date(NaN)],
    [NaN],
    [Infinity],
    [8_640_000_000_000_001],
    [null],
    [undefined],
  ])('%j is refused with its path and an example of the right form', (instant) => {
    const message = expect.stringMatching(/startAt .*'2026-12-01T09:00:00Z'/)
    expect(() => toEpochMs(instant as Instant, 'startAt')).toThrow(
      expect.objectContaining({ code: 'invalid_argument', path: 'startAt', message }),
    )
  })
})
