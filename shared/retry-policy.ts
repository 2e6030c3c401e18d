/** A retry policy as users write it, checked and with every default applied. */
import type { RetryPolicy } from './activity.ts'
import { DEFAULT_RETRY } from './core/retry.ts'
import type { RetryRules } from './core/retry.ts'
import { toMs } from './duration.ts'
import type { Duration } from './duration.ts'
import { checkOptions, RETRY_OPTIONS } from './options.ts'

export function retryRules(policy: RetryPolicy): RetryRules {
  checkOptions(policy, RETRY_OPTIONS, 'retry')
  const { maxAttempts, jitter, nonRetryableErrors } = policy
  return {
    initialMs: milliseconds(policy.initialInterval, 'retry.initialInterval') ?? DEFAULT_RETRY.initialMs,
    maxMs: milliseconds(policy.maxInterval, 'retry.maxInterval') ?? DEFAULT_RETRY.maxMs,
    backoff: policy.backoff ?? DEFAULT_RETRY.backoff,
    coefficient: policy.backoffCoefficient ?? DEFAULT_RETRY.coefficient,
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(jitter !== undefined && { jitter }),
    ...(nonRetryableErrors !== undefined && { nonRetryable: nonRetryableErrors }),
  }
}

export function milliseconds(value: Duration | undefined, path: string): number | undefined {
  return value === undefined ? undefined : toMs(value, path)
}
