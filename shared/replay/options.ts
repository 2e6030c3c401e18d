/** The options of a call, merged, checked and with every default applied; and what its event records of them. */
import type { ActivityOptions } from '../activity.ts'
import type { ActivityTimeouts, CancellationType } from '../core/events.ts'
import { DEFAULT_RETRY, DEFAULT_TIMEOUTS } from '../core/retry.ts'
import type { RetryRules } from '../core/retry.ts'
import type { Duration } from '../duration.ts'
import { checkedChoice, checkedName, checkedPriority } from '../names.ts'
import { milliseconds, retryRules } from '../retry-policy.ts'

export interface CallRules {
  retry: RetryRules
  timeouts: ActivityTimeouts
  cancellation: CancellationType
  taskQueue?: string
  priority?: number
  concurrencyKey?: string
  summary?: string
}

/** Later layers win, option by option. */
export function callRules(layers: readonly (ActivityOptions | undefined)[]): CallRules {
  const options: ActivityOptions = Object.assign({}, ...layers)
  return {
    retry: options.retry ? retryRules(options.retry) : DEFAULT_RETRY,
    timeouts: timeouts(options, startToClose(layers)),
    cancellation: checkedChoice(options.cancellation ?? 'wait', ['wait', 'try', 'abandon'], 'cancellation'),
    ...(options.taskQueue !== undefined && { taskQueue: checkedName(options.taskQueue, 'taskQueue') }),
    ...(options.priority !== undefined && { priority: checkedPriority(options.priority) }),
    ...(options.concurrencyKey !== undefined && {
      concurrencyKey: checkedName(options.concurrencyKey, 'concurrencyKey'),
    }),
    ...(options.summary !== undefined && { summary: options.summary }),
  }
}

/** The rules that differ from the defaults: what an event records of them. */
export function recordedRules(rules: CallRules): Partial<CallRules> {
  const { retry, timeouts: limits, cancellation, taskQueue, concurrencyKey, summary } = rules
  return {
    ...(retry !== DEFAULT_RETRY && { retry }),
    ...(!isDefault(limits) && { timeouts: limits }),
    ...(cancellation !== 'wait' && { cancellation }),
    ...(taskQueue !== undefined && { taskQueue }),
    ...(concurrencyKey !== undefined && { concurrencyKey }),
    ...(summary !== undefined && { summary }),
  }
}

function isDefault(limits: ActivityTimeouts): boolean {
  return limits.startToCloseMs === DEFAULT_TIMEOUTS.startToCloseMs && Object.keys(limits).length === 1
}

/** Of the last layer that names it by either name. */
function startToClose(layers: readonly (ActivityOptions | undefined)[]): Duration | undefined {
  const named = layers.map((layer) => layer?.startToCloseTimeout ?? layer?.timeout)
  return named.findLast((one) => one !== undefined)
}

function timeouts(options: ActivityOptions, attempt: Duration | undefined): ActivityTimeouts {
  const scheduleToStartMs = milliseconds(options.scheduleToStartTimeout, 'scheduleToStartTimeout')
  const scheduleToCloseMs = milliseconds(options.scheduleToCloseTimeout, 'scheduleToCloseTimeout')
  const heartbeatMs = milliseconds(options.heartbeatTimeout, 'heartbeatTimeout')
  return {
    startToCloseMs: milliseconds(attempt, 'startToCloseTimeout') ?? DEFAULT_TIMEOUTS.startToCloseMs,
    ...(scheduleToStartMs !== undefined && { scheduleToStartMs }),
    ...(scheduleToCloseMs !== undefined && { scheduleToCloseMs }),
    ...(heartbeatMs !== undefined && { heartbeatMs }),
  }
}
