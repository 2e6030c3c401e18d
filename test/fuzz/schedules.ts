/** Schedules: crons, intervals, time zones and bounds as callers write them, and the times that come of them. */
import { deepStrictEqual } from 'node:assert/strict'
import * as fc from 'fast-check'
import { advanceSchedule, newScheduleState, OVERLAPS } from '../../shared/core/schedule.ts'
import type { Overlap } from '../../shared/core/schedule.ts'
import { timesAfter } from '../../shared/core/calendar.ts'
import type { Json } from '../../shared/payload.ts'
import type { SchedulePolicy, ScheduleSpec } from '../../shared/schedule.ts'
import { calendarOf } from '../../scheduler-do/schedules/calendar.ts'
import { policyOf, rangesOf, rulesOf, specOf, timesOf } from '../../scheduler-do/schedules/checks.ts'
import { hostileJson, hostileText, hostileValue } from './hostile.ts'
import { mutatedJson, mutatedText } from './mutated.ts'
import { holds, target, verdictOf } from './target.ts'
import type { Target } from './target.ts'

const zones = fc.constantFrom(
  'UTC',
  'Europe/Paris',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Pacific/Apia',
  'Antarctica/Troll',
  '+05:30',
)
const part = (most: number, least = 0) =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min: least, max: most }).map(String),
    fc.tuple(fc.nat(most), fc.nat(most)).map(([a, b]) => `${a}-${b}`),
    fc.integer({ min: 1, max: most + 5 }).map((step) => `*/${step}`),
    fc.array(fc.nat(most), { minLength: 1, maxLength: 4 }).map((list) => list.join(',')),
    fc.constantFrom('L', 'W', '15W', '5#2', 'MON-FRI', 'FEB', '?', '+1', '1-', '*/0', '*/'),
  )
const cron = fc.oneof(
  fc.tuple(part(59), part(23), part(31, 1), part(12, 1), part(7)).map((parts) => parts.join(' ')),
  fc.tuple(part(59), part(59), part(23), part(31, 1), part(12, 1), part(7)).map((parts) => parts.join(' ')),
  fc.constantFrom('@daily', '@hourly', '@yearly', '@reboot', '0 0 30 2 *', '0 0 29 2 1', '0 0 31 4,6,9,11 *'),
)
const moment = fc.oneof(
  fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }).map(Number),
  // Around changes of clocks.
  fc
    .tuple(
      fc.constantFrom(1_774_746_000_000, 1_792_890_000_000, 1_759_593_600_000),
      fc.integer({ min: -7_200_000, max: 7_200_000 }),
    )
    .map(([at, by]) => at + by),
  fc.constantFrom(
    -8_640_000_000_000_000,
    8_640_000_000_000_000,
    8_639_999_999_999_999,
    0,
    -1,
    253_402_300_799_999,
  ),
)
const spec = fc.record(
  {
    cron: fc.oneof(cron, fc.array(cron, { maxLength: 3 }), mutatedText(cron)),
    every: fc.oneof(
      fc.integer({ min: 1, max: 10_000_000 }),
      fc.constantFrom('1h', '1s', '100 weeks', '36500000d'),
    ),
    timeZone: fc.oneof({ weight: 9, arbitrary: zones }, { weight: 1, arbitrary: hostileText }),
    jitter: fc.constantFrom(0, '30s', '1d', '2d', -1),
    startAt: moment,
    endAt: moment,
  },
  { requiredKeys: [] },
)

const policy = fc.record(
  {
    overlap: fc.constantFrom(...OVERLAPS),
    catchUpWindow: fc.constantFrom('10s', '1h', '365d', '36500000d', '1s'),
    pauseOnFailure: fc.boolean(),
  },
  { requiredKeys: [] },
)

export const scheduleTargets: readonly Target[] = [
  target({ name: 'schedule-spec', weight: 20 }, fc.tuple(spec, moment), ([given, after]) =>
    verdictOf(() => {
      const times = timesOf(given as ScheduleSpec)
      deepStrictEqual(timesOf(specOf(times)), times)
      const calendar = calendarOf('seed', times)
      let last = after
      for (const { at, dueAt } of timesAfter(calendar, after, 5)) {
        holds(at > last, `${at} comes behind ${last}`)
        holds(dueAt >= at && dueAt - at <= times.jitterMs, `due at ${dueAt}`)
        holds(at >= (times.startAt ?? -Infinity) && at <= (times.endAt ?? Infinity), 'within its bounds')
        holds(calendar.next(at - 1)?.at === at, 'the same time from right before it')
        last = at
      }
    }),
  ),
  target({ name: 'schedule-cron', weight: 20 }, fc.oneof(mutatedText(cron), hostileText), (text) =>
    verdictOf(() => {
      const calendar = calendarOf('seed', timesOf({ cron: text }))
      holds(calendar.next(1_767_268_800_000) !== null || calendar.next(0) !== null, 'it comes some day')
    }),
  ),
  target({ name: 'schedule-hostile', weight: 40 }, fc.tuple(hostileValue, hostileValue), ([one, other]) =>
    verdictOf(() => {
      timesOf(one as ScheduleSpec)
      rulesOf(other as SchedulePolicy)
    }),
  ),
  target(
    { name: 'schedule-ranges', weight: 30 },
    mutatedJson(
      fc.constant<Json>([
        { from: '2026-01-01', to: '2026-02-01' },
        { from: 0, to: 5 },
      ]),
    ),
    (json) => verdictOf(() => rangesOf(json as never, 1_767_268_800_000)),
  ),
  target(
    { name: 'schedule-policy', weight: 40 },
    fc.oneof(mutatedJson(policy.map((one) => one as Json)), hostileJson),
    (json) =>
      verdictOf(() => {
        const rules = rulesOf(json as SchedulePolicy)
        deepStrictEqual(rulesOf(policyOf(rules)), rules)
      }),
  ),
  target(
    { name: 'schedule-advance', weight: 5 },
    fc.tuple(
      spec,
      fc.constantFrom<Overlap[]>(...OVERLAPS),
      fc.nat(2 ** 41),
      fc.array(fc.nat(2 ** 40), { maxLength: 4 }),
    ),
    ([given, overlap, begun, steps]) =>
      verdictOf(() => {
        const calendar = calendarOf('seed', timesOf(given as ScheduleSpec))
        const rules = { overlap, catchUpMs: 3_600_000, pauseOnFailure: true }
        const state = newScheduleState(begun, { paused: false })
        let now = begun
        for (const step of steps) {
          now += step
          const position = state.position
          const effects = advanceSchedule({ rules, calendar, state, now })
          holds(effects.length <= 201, `${effects.length} effects at once`)
          holds(state.position >= position, 'position only moves forward')
        }
      }),
  ),
]
