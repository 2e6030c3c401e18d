/** What is asked of schedules, as it comes from outside: refused with the field that is wrong, before anything is written. */
import { OVERLAPS } from '../../shared/core/schedule.ts'
import type { ScheduleRules } from '../../shared/core/schedule.ts'
import { toEpochMs, toMs } from '../../shared/duration.ts'
import type { Instant } from '../../shared/duration.ts'
import { checkedChoice, checkedFields, checkedName, checkedWorkflowId, invalid } from '../../shared/names.ts'
import { largeBytes, tooLarge } from '../../shared/payload.ts'
import type { Payload } from '../../shared/payload.ts'
import { referenceOf } from '../../shared/reference.ts'
import type {
  CreateScheduleRequest,
  ScheduleAction,
  SchedulePolicy,
  ScheduleSpec,
} from '../../shared/schedule.ts'
import { cronOf } from './calendar.ts'
import type { ScheduleTimes } from './calendar.ts'

/** The ids of a new schedule and of its runs. */
export function checkIds({ scheduleId, requestId, action }: CreateScheduleRequest): void {
  checkedName(scheduleId, 'scheduleId')
  checkedName(requestId, 'requestId')
  // The time that is added to it must find room.
  checkedWorkflowId(`${action.workflowId}-${new Date(0).toISOString()}`)
}

export function checkedAction(action: ScheduleAction): ScheduleAction {
  checkedInput(action.input)
  return action
}

/** An input above 128 KiB is an object of its run, and there is none yet. */
export function checkedInput(input: Payload): Payload {
  const size = referenceOf(input)?.size ?? largeBytes(input, 'input')
  if (size === 0) return input
  throw tooLarge('input', `is ${size} bytes as JSON, and the input of a schedule has at most 128 KiB`)
}

const MAX_NOTE_LENGTH = 2_000

export function checkedNote(note: string | undefined): { note?: string } {
  if (note === undefined) return {}
  if (typeof note === 'string' && note.length <= MAX_NOTE_LENGTH) return { note }
  throw invalid('note', `a text of at most ${MAX_NOTE_LENGTH} characters`, note)
}

const YEAR_MS = 365 * 86_400_000
const MIN_CATCH_UP_MS = 10_000

export function rulesOf(policy: SchedulePolicy): ScheduleRules {
  checkFields(policy, ['overlap', 'catchUpWindow', 'pauseOnFailure'], 'policy')
  const { overlap = 'skip', catchUpWindow = YEAR_MS, pauseOnFailure = false } = policy
  const catchUpMs = toMs(catchUpWindow, 'policy.catchUpWindow')
  if (catchUpMs < MIN_CATCH_UP_MS) throw invalid('policy.catchUpWindow', 'ten seconds or more', catchUpWindow)
  if (typeof pauseOnFailure !== 'boolean')
    throw invalid('policy.pauseOnFailure', 'true or false', pauseOnFailure)
  return { overlap: checkedChoice(overlap, OVERLAPS, 'policy.overlap'), catchUpMs, pauseOnFailure }
}

const MIN_INTERVAL_MS = 1_000
const MAX_JITTER_MS = 86_400_000

export function timesOf(spec: ScheduleSpec): ScheduleTimes {
  checkFields(spec, ['cron', 'every', 'timeZone', 'jitter', 'startAt', 'endAt'], 'spec')
  const { every, timeZone = 'UTC', jitter = 0 } = spec
  if (spec.cron === undefined && every === undefined) throw invalid('spec', 'one with cron or every', spec)
  if (!isTimeZone(timeZone))
    throw invalid('spec.timeZone', "the name of a time zone such as 'Europe/Paris'", timeZone)
  const everyMs = every === undefined ? undefined : toMs(every, 'spec.every')
  if (everyMs !== undefined && everyMs < MIN_INTERVAL_MS)
    throw invalid('spec.every', 'a second or more', every)
  const jitterMs = toMs(jitter, 'spec.jitter')
  if (jitterMs > MAX_JITTER_MS) throw invalid('spec.jitter', 'a day at most', jitter)
  const bounds = boundsOf(spec)
  return {
    cron: cronsOf(spec.cron, timeZone),
    ...(everyMs !== undefined && { everyMs }),
    timeZone,
    jitterMs,
    ...bounds,
  }
}

/** What `timesOf` understood. */
export function specOf({ cron, everyMs, jitterMs, ...rest }: ScheduleTimes): ScheduleSpec {
  return {
    ...(cron.length > 0 && { cron }),
    ...(everyMs !== undefined && { every: everyMs }),
    jitter: jitterMs,
    ...rest,
  }
}

/** What `rulesOf` understood. */
export function policyOf({ catchUpMs, ...rest }: ScheduleRules): SchedulePolicy {
  return { ...rest, catchUpWindow: catchUpMs }
}

const MAX_RANGES = 100

export function rangesOf(
  ranges: readonly { from: Instant; to: Instant }[],
  now: number,
): { from: number; to: number }[] {
  if (!Array.isArray(ranges) || ranges.length > MAX_RANGES)
    throw invalid('ranges', `a list of at most ${MAX_RANGES}`, ranges)
  return ranges.map((given: unknown, index) => {
    const range = checkedFields(given, `ranges[${index}]`) as { from: Instant; to: Instant } // both are checked
    const from = toEpochMs(range.from, `ranges[${index}].from`)
    const to = toEpochMs(range.to, `ranges[${index}].to`)
    if (to >= from && to <= now) return { from, to }
    throw invalid(`ranges[${index}].to`, 'no earlier than from and no later than now', range.to)
  })
}

function checkFields(given: object, known: readonly string[], path: string): void {
  if (typeof given !== 'object' || given === null) throw invalid(path, 'an object', given)
  for (const field of Object.keys(given)) checkedChoice(field, known, `${path}.${field}`)
}

function boundsOf({ startAt, endAt }: ScheduleSpec): { startAt?: number; endAt?: number } {
  const bounds = {
    ...(startAt !== undefined && { startAt: toEpochMs(startAt, 'spec.startAt') }),
    ...(endAt !== undefined && { endAt: toEpochMs(endAt, 'spec.endAt') }),
  }
  if ((bounds.endAt ?? Infinity) >= (bounds.startAt ?? -Infinity)) return bounds
  throw invalid('spec.endAt', 'no earlier than startAt', endAt)
}

function isTimeZone(name: unknown): name is string {
  if (typeof name !== 'string') return false
  try {
    Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false // it throws for what no time zone is called
  }
}

const MAX_CRONS = 20

function cronsOf(cron: string | readonly string[] = [], timeZone: string): string[] {
  if (typeof cron === 'string') return [checkedCron(cron, timeZone, 'spec.cron')]
  const list: unknown = cron
  if (Array.isArray(list) && list.length <= MAX_CRONS)
    return list.map((pattern, index) => checkedCron(pattern, timeZone, `spec.cron[${index}]`))
  throw invalid('spec.cron', `a cron, or a list of at most ${MAX_CRONS}`, cron)
}

const MAX_CRON_LENGTH = 200
/** Five fields, or six of which the first is seconds, or a name; croner takes a date too, which is none. */
const CRON = /^(\S+( +\S+){4,5}|@[a-z]+)$/i

function checkedCron(pattern: unknown, timeZone: string, path: string): string {
  const expected = "a cron such as '0 9 * * MON-FRI' or, with seconds, '*/10 * * * * *'"
  if (typeof pattern !== 'string' || pattern.length > MAX_CRON_LENGTH || !CRON.test(pattern))
    throw invalid(path, expected, pattern)
  try {
    if (cronOf(pattern, timeZone).nextRun(new Date(0))) return pattern
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw invalid(path, expected, pattern)
    throw error
  }
  throw invalid(path, 'a cron that comes some day', pattern)
}
