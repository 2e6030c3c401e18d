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
  checkRange(maxAttempts, 'retry.maxAttempts', (n) => Number.isInteger(n) && n >= 1)
  checkRange(jitter, 'retry.jitter', (n) => n >= 0 && n <= 1)
  checkRange(backoffCoefficient, 'retry.backoffCoefficient', (n) => n >= 1 && Number.isFinite(n))
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

function checkRange(value: unknown, path: string, holds: (n: number) => boolean): void {
  if (value === undefined || (typeof value === 'number' && holds(value))) return
  throw invalid(path, 'a number in its range', value)
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
