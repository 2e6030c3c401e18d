/**
 * Durations and instants as users write them. Not the `ms` package: it takes years and abbreviations that the types
 * do not list, and answers undefined or NaN where a caller needs to know which field is wrong.
 */
import { WorkflowError } from './errors.ts'
import { shown } from './names.ts'

/** @inline */
type Unit =
  | 'ms'
  | 's'
  | 'm'
  | 'h'
  | 'd'
  | 'w'
  | 'second'
  | 'seconds'
  | 'minute'
  | 'minutes'
  | 'hour'
  | 'hours'
  | 'day'
  | 'days'
  | 'week'
  | 'weeks'

/** A number and a unit: `'24h'`, `'1.5 hours'`, `'30 seconds'`. */
export type DurationString = `${number}${Unit}` | `${number} ${Unit}`
/** A number is milliseconds. */
export type Duration = DurationString | number
/** A Date, an ISO 8601 string with a time zone, or epoch milliseconds. */
export type Instant = Date | string | number

/** 100,000 years: added to a present instant it is still one that a Date can hold. */
export const MAX_DURATION_MS = 100_000 * 365 * 86_400_000
const MAX_EPOCH_MS = 8_640_000_000_000_000

/**
 * A duration from text that is not known before run time: `sleep(duration(config.grace))`. Throws `invalid_argument` for
 * text that is none.
 */
export function duration(text: string): Duration {
  toMs(text as DurationString, 'duration', { allowNegative: true }) // the cast is what this call checks
  return text as DurationString // just checked
}

/** Whole milliseconds of `value`; `path` names it in the refusal. Negative only where the caller gives it a meaning. */
export function toMs(value: Duration, path: string, options: { allowNegative?: boolean } = {}): number {
  const ms = Math.round(typeof value === 'number' ? value : parse(value)) + 0 // + 0: no negative zero
  if (!(Math.abs(ms) <= MAX_DURATION_MS)) throw badDuration(value, path, 'a duration')
  if (ms < 0 && options.allowNegative !== true) throw badDuration(value, path, 'a duration of zero or more')
  return ms
}

/** Epoch milliseconds of `instant`; `path` names it in the refusal. */
export function toEpochMs(instant: Instant, path: string): number {
  const ms = Math.round(instant instanceof Date ? instant.getTime() : parseInstant(instant)) + 0
  if (Math.abs(ms) <= MAX_EPOCH_MS) return ms
  const forms = `a Date, epoch milliseconds or an ISO 8601 string with a time zone such as '2026-12-01T09:00:00Z'`
  throw new WorkflowError('invalid_argument', `${path} must be ${forms}, not ${shown(instant)}`, { path })
}

const UNIT_MS: Readonly<Record<Unit, number>> = {
  ms: 1,
  s: 1_000,
  second: 1_000,
  seconds: 1_000,
  m: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
  weeks: 604_800_000,
}
const UNITS = Object.keys(UNIT_MS).join('|')
/** Digits are matched in one way only: in two, the time that a long text takes would be its length squared. */
const DURATION = new RegExp(`^([+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:e[+-]?\\d+)?) ?(${UNITS})$`)

/** NaN when it is not a duration; callers without types may pass anything. */
function parse(text: unknown): number {
  const match = typeof text === 'string' ? DURATION.exec(text) : null
  return match === null ? NaN : Number(match[1]) * UNIT_MS[match[2] as Unit] // the expression lists the units
}

function badDuration(value: unknown, path: string, what: string): WorkflowError {
  const message = `${path} must be ${what} such as '30s', '5 minutes' or 1500 (milliseconds), not ${shown(value)}`
  return new WorkflowError('invalid_argument', message, { path })
}

const ISO_INSTANT = /^([+-]\d{6}|\d{4})-(\d\d)-(\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/

/** NaN when it is none. Other forms that Date.parse takes mean different instants on different machines. */
function parseInstant(instant: unknown): number {
  if (typeof instant !== 'string') return typeof instant === 'number' ? instant : NaN
  const match = ISO_INSTANT.exec(instant)
  if (match === null) return NaN
  // Date.parse takes 30 February for 2 March.
  const day = new Date(`${match[1]}-${match[2]}-${match[3]}T00:00:00Z`).getUTCDate()
  return day === Number(match[3]) ? Date.parse(instant) : NaN
}
