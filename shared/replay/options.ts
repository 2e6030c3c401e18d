/** The options of a call, merged, checked and with every default applied; and what its event records of them. */
import type { ActivityOptions, RetryPolicy } from '../activity.ts'
import type { ActivityTimeouts, CancellationType } from '../core/events.ts'
import { DEFAULT_RETRY, DEFAULT_TIMEOUTS } from '../core/retry.ts'
import type { RetryRules } from '../core/retry.ts'
import { toMs } from '../duration.ts'
import type { Duration } from '../duration.ts'
import { WorkflowError } from '../errors.ts'
import { checkedChoice, checkedName } from '../names.ts'

export interface CallRules {
  retry: RetryRules
  timeouts: ActivityTimeouts
  cancellation: CancellationType
  taskQueue?: string
  summary?: string
}

/** Later layers win, option by option. */
export function callRules(layers: readonly (ActivityOptions | undefined)[]): CallRules {
  const options: ActivityOptions = Object.assign({}, ...layers)
  return {
    retry: retryRules(options.retry),
    timeouts: timeouts(options),
    cancellation: checkedChoice(options.cancellation ?? 'wait', ['wait', 'try', 'abandon'], 'cancellation'),
    ...(options.taskQueue !== undefined && { taskQueue: checkedName(options.taskQueue, 'taskQueue') }),
    ...(options.summary !== undefined && { summary: options.summary }),
  }
}

/** The rules that differ from the defaults: what an event records of them. */
export function recordedRules(rules: CallRules): Partial<CallRules> {
  const { retry, timeouts: limits, cancellation, taskQueue, summary } = rules
  return {
    ...(retry !== DEFAULT_RETRY && { retry }),
    ...(!isDefault(limits) && { timeouts: limits }),
    ...(cancellation !== 'wait' && { cancellation }),
    ...(taskQueue !== undefined && { taskQueue }),
    ...(summary !== undefined && { summary }),
  }
}

function isDefault(limits: ActivityTimeouts): boolean {
  return limits.startToCloseMs === DEFAULT_TIMEOUTS.startToCloseMs && Object.keys(limits).length === 1
}

function retryRules(policy: RetryPolicy | undefined): RetryRules {
  if (!policy) return DEFAULT_RETRY
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

function timeouts(options: ActivityOptions): ActivityTimeouts {
  const startToClose = options.startToCloseTimeout ?? options.timeout
  const scheduleToStartMs = milliseconds(options.scheduleToStartTimeout, 'scheduleToStartTimeout')
  const scheduleToCloseMs = milliseconds(options.scheduleToCloseTimeout, 'scheduleToCloseTimeout')
  const heartbeatMs = milliseconds(options.heartbeatTimeout, 'heartbeatTimeout')
  return {
    startToCloseMs: milliseconds(startToClose, 'startToCloseTimeout') ?? DEFAULT_TIMEOUTS.startToCloseMs,
    ...(scheduleToStartMs !== undefined && { scheduleToStartMs }),
    ...(scheduleToCloseMs !== undefined && { scheduleToCloseMs }),
    ...(heartbeatMs !== undefined && { heartbeatMs }),
  }
}

function milliseconds(value: Duration | undefined, path: string): number | undefined {
  return value === undefined ? undefined : toMs(value, path)
}

function checkRange(value: number | undefined, path: string, holds: (n: number) => boolean): void {
  if (value === undefined || holds(value)) return
  throw new WorkflowError('invalid_argument', `${path}: ${value} is out of range`, { path })
}
