/** A retry policy as users write it, checked and with every default applied. */
import type { RetryPolicy } from './activity.ts'
import { DEFAULT_RETRY } from './core/retry.ts'
import type { RetryRules } from './core/retry.ts'
import { toMs } from './duration.ts'
import type { Duration } from './duration.ts'
import { WorkflowError } from './errors.ts'
import { checkedChoice } from './names.ts'

export function retryRules(policy: RetryPolicy): RetryRules {
  const { maxAttempts, jitter, nonRetryableErrors, backoffCoefficient } = policy
  checkRange(maxAttempts, 'retry.maxAttempts', (n) => Number.isInteger(n) && n >= 1)
  checkRange(jitter, 'retry.jitter', (n) => n >= 0 && n <= 1)
  checkRange(backoffCoefficient, 'retry.backoffCoefficient', (n) => n >= 1 && Number.isFinite(n))
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

function checkRange(value: number | undefined, path: string, holds: (n: number) => boolean): void {
  if (value === undefined || holds(value)) return
  throw new WorkflowError('invalid_argument', `${path}: ${value} is out of range`, { path })
}
