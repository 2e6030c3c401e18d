/** A retry policy as users write it, checked and with every default applied. */
import type { RetryPolicy } from './activity.ts'
import { DEFAULT_RETRY } from './core/retry.ts'
import type { RetryRules } from './core/retry.ts'
import { toMs } from './duration.ts'
import type { Duration } from './duration.ts'
import { checkedChoice, checkedFields, invalid } from './names.ts'

export function retryRules(policy: RetryPolicy): RetryRules {
  const { maxAttempts, jitter, nonRetryableErrors, backoffCoefficient } = checkedFields(
    policy,
    'retry',
  ) as RetryPolicy // each is checked
  checkNumber(maxAttempts, 'retry.maxAttempts', ATTEMPTS)
  checkNumber(jitter, 'retry.jitter', JITTER)
  checkNumber(backoffCoefficient, 'retry.backoffCoefficient', COEFFICIENT)
  if (nonRetryableErrors !== undefined && !isTexts(nonRetryableErrors))
    throw invalid('retry.nonRetryableErrors', 'a list of names', nonRetryableErrors)
  return {
    initialMs: milliseconds(policy.initialInterval, 'retry.initialInterval') ?? DEFAULT_RETRY.initialMs,
    maxMs: milliseconds(policy.maxInterval, 'retry.maxInterval') ?? DEFAULT_RETRY.maxMs,
    backoff: checkedChoice(
      policy.backoff ?? DEFAULT_RETRY.backoff,
      ['exponential', 'linear', 'constant'],
      'retry.backoff',
    ),
    coefficient: backoffCoefficient ?? DEFAULT_RETRY.coefficient,
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(jitter !== undefined && { jitter }),
    ...(nonRetryableErrors !== undefined && { nonRetryable: nonRetryableErrors }),
  }
}

export function milliseconds(value: Duration | undefined, path: string): number | undefined {
  return value === undefined ? undefined : toMs(value, path)
}

type Range = readonly [expected: string, holds: (n: number) => boolean]

const ATTEMPTS: Range = [
  'a whole number from 1 on (without it there is no limit)',
  (n) => Number.isInteger(n) && n >= 1,
]
const JITTER: Range = ['a number from 0 to 1', (n) => n >= 0 && n <= 1]
const COEFFICIENT: Range = ['a number from 1 on', (n) => n >= 1 && Number.isFinite(n)]

function checkNumber(value: unknown, path: string, [expected, holds]: Range): void {
  if (value === undefined || (typeof value === 'number' && holds(value))) return
  throw invalid(path, expected, value)
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
