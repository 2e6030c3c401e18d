/** Retry arithmetic. Pure: the caller passes the time and, for jitter, a number from [0, 1). */
import { toMs } from '../duration.ts'
import type { Duration } from '../duration.ts'
import type { SerializedError } from '../errors.ts'
import type { ActivityTimeouts } from './events.ts'

/** A retry policy with every default applied; milliseconds. `maxAttempts` counts the first attempt; absent is unlimited. */
export interface RetryRules {
  maxAttempts?: number
  initialMs: number
  maxMs: number
  backoff: 'exponential' | 'linear' | 'constant'
  coefficient: number
  /** 0 to 1: the share of each delay that is drawn at random. */
  jitter?: number
  nonRetryable?: readonly string[]
}

/** 1 s, doubling, capped at 100 s, for ever. */
export const DEFAULT_RETRY: RetryRules = {
  initialMs: 1_000,
  maxMs: 100_000,
  backoff: 'exponential',
  coefficient: 2,
}

/** Ten minutes for an attempt, and no other limit. */
export const DEFAULT_TIMEOUTS: ActivityTimeouts = { startToCloseMs: 600_000 }

/** The rules of a call. Events leave out what is default: most calls are, and their rows are a third as large for it. */
export function rulesOf(scheduled: { retry?: RetryRules; timeouts?: ActivityTimeouts }): {
  retry: RetryRules
  timeouts: ActivityTimeouts
} {
  return { retry: scheduled.retry ?? DEFAULT_RETRY, timeouts: scheduled.timeouts ?? DEFAULT_TIMEOUTS }
}

/** Milliseconds between failed attempt number `attempt` (from 1) and the next. */
export function nextDelayMs(rules: RetryRules, attempt: number, draw: number): number {
  const plain = Math.min(rules.maxMs, growth(rules, attempt))
  const jitter = rules.jitter ?? 0
  return Math.round(plain * (1 - jitter + jitter * draw))
}

function growth(rules: RetryRules, attempt: number): number {
  if (rules.backoff === 'constant') return rules.initialMs
  if (rules.backoff === 'linear') return rules.initialMs * attempt
  // Above about a thousand attempts the factor is Infinity, and 0 times that is NaN.
  return rules.initialMs === 0 ? 0 : rules.initialMs * rules.coefficient ** (attempt - 1)
}

/** The delay that the failure itself asked for, where it did and it can be read. */
export function askedDelayMs(error: SerializedError): number | undefined {
  const asked = error.facts?.['retryAfter']
  if (typeof asked !== 'number' && typeof asked !== 'string') return undefined
  try {
    return toMs(asked as Duration, 'retryAfter') // user text: what does not parse is no wish
  } catch {
    return undefined
  }
}

/** Whether the failure asks for a delay, and it cannot be read. Null is none: a header that was not there. */
export function asksInVain(error: SerializedError): boolean {
  return (error.facts?.['retryAfter'] ?? null) !== null && askedDelayMs(error) === undefined
}

/** Whether the policy forbids another attempt after this failure, whatever is left of it. */
export function isNonRetryable(rules: RetryRules, error: SerializedError): boolean {
  const facts = error.facts ?? {}
  if (facts['nonRetryable'] === true) return true
  const listed = rules.nonRetryable
  if (listed === undefined) return false
  const type = facts['type']
  return (
    listed.includes(error.name) ||
    listed.includes(error.code) ||
    (typeof type === 'string' && listed.includes(type))
  )
}
