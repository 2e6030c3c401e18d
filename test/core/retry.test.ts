import { describe, expect, test } from 'vitest'
import { DEFAULT_RETRY, isNonRetryable, nextDelayMs } from '../../shared/core/retry.ts'
import type { RetryRules } from '../../shared/core/retry.ts'
import type { SerializedError } from '../../shared/errors.ts'

function delays(rules: RetryRules, attempts: readonly number[]): number[] {
  return attempts.map((attempt) => nextDelayMs(rules, attempt, 0.5))
}

function listing(name: string): RetryRules {
  return { ...DEFAULT_RETRY, nonRetryable: [name] }
}

describe('the delay after a failed attempt', () => {
  test('by default is one second, doubles, and stays at a hundred seconds', () => {
    expect(delays(DEFAULT_RETRY, [1, 2, 3, 7, 8, 9])).toEqual([1_000, 2_000, 4_000, 64_000, 100_000, 100_000])
  })

  test('grows by the coefficient', () => {
    expect(delays({ ...DEFAULT_RETRY, coefficient: 1.5 }, [1, 2, 3])).toEqual([1_000, 1_500, 2_250])
  })

  test('grows by the same step when linear, up to the cap', () => {
    const rules: RetryRules = { ...DEFAULT_RETRY, backoff: 'linear', maxMs: 2_500 }
    expect(delays(rules, [1, 2, 3, 4])).toEqual([1_000, 2_000, 2_500, 2_500])
  })

  test('stays the same when constant, and is capped even then', () => {
    expect(delays({ ...DEFAULT_RETRY, backoff: 'constant' }, [1, 2, 100])).toEqual([1_000, 1_000, 1_000])
    expect(delays({ ...DEFAULT_RETRY, backoff: 'constant', maxMs: 10 }, [1])).toEqual([10])
  })

  test('is a whole number of milliseconds', () => {
    expect(delays({ ...DEFAULT_RETRY, initialMs: 1, coefficient: 1.3 }, [2, 3])).toEqual([1, 2])
  })

  test('is the cap after any number of attempts, and zero when the first one is', () => {
    expect(delays(DEFAULT_RETRY, [1_000, 5_000, 1e9])).toEqual([100_000, 100_000, 100_000])
    expect(delays({ ...DEFAULT_RETRY, initialMs: 0 }, [1, 1_100, 5_000])).toEqual([0, 0, 0])
  })
})

describe('jitter', () => {
  test('takes its share of the delay at random and never adds to it', () => {
    const rules: RetryRules = { ...DEFAULT_RETRY, jitter: 0.2 }
    expect([0, 0.5, 0.999_999].map((draw) => nextDelayMs(rules, 1, draw))).toEqual([800, 900, 1_000])
    expect(nextDelayMs(rules, 20, 0.999_999)).toBe(100_000)
  })

  test('of 1 draws the whole delay, of 0 nothing', () => {
    expect([0, 0.25].map((draw) => nextDelayMs({ ...DEFAULT_RETRY, jitter: 1 }, 1, draw))).toEqual([0, 250])
    expect([0, 0.25].map((draw) => nextDelayMs({ ...DEFAULT_RETRY, jitter: 0 }, 1, draw))).toEqual([
      1_000, 1_000,
    ])
  })
})

describe('a failure that must not be retried', () => {
  const failure: SerializedError = { name: 'CardDeclined', message: 'no funds', code: 'application_error' }

  test('is one that says so itself, whatever the policy lists', () => {
    expect(isNonRetryable(DEFAULT_RETRY, { ...failure, facts: { nonRetryable: true } })).toBe(true)
    expect(isNonRetryable(DEFAULT_RETRY, { ...failure, facts: { nonRetryable: false } })).toBe(false)
  })

  test('is one that the policy lists by name, code or type', () => {
    const typed = { ...failure, name: 'ApplicationError', facts: { type: 'FraudError' } }
    expect(isNonRetryable(listing('CardDeclined'), failure)).toBe(true)
    expect(isNonRetryable(listing('application_error'), failure)).toBe(true)
    expect(isNonRetryable(listing('FraudError'), typed)).toBe(true)
    expect(isNonRetryable(listing('Other'), typed)).toBe(false)
    expect(isNonRetryable({ ...DEFAULT_RETRY, nonRetryable: [] }, failure)).toBe(false)
  })

  test('is not every failure of a policy without a list', () => {
    expect(isNonRetryable(DEFAULT_RETRY, failure)).toBe(false)
  })
})
