/** The options of a call, merged, checked and with every default applied; and what its event records of them. */
import type { ActivityOptions } from '../activity.ts'
import type { ActivityTimeouts, CancellationType } from '../core/events.ts'
import { DEFAULT_RETRY, DEFAULT_TIMEOUTS } from '../core/retry.ts'
import type { RetryRules } from '../core/retry.ts'
import { checkedChoice, checkedName, checkedPriority } from '../names.ts'
import { milliseconds, retryRules } from '../retry-policy.ts'

export interface CallRules {
  retry: RetryRules
  timeouts: ActivityTimeouts
  cancellation: CancellationType
  taskQueue?: string
  priority?: number
  summary?: string
}

/** Later layers win, option by option. */
export function callRules(layers: readonly (ActivityOptions | undefined)[]): CallRules {
  const options: ActivityOptions = Object.assign({}, ...layers)
  return {
    retry: options.retry ? retryRules(options.retry) : DEFAULT_RETRY,
    timeouts: timeouts(options),
    cancellation: checkedChoice(options.cancellation ?? 'wait', ['wait', 'try', 'abandon'], 'cancellation'),
    ...(options.taskQueue !== undefined && { taskQueue: checkedName(options.taskQueue, 'taskQueue') }),
    ...(options.priority !== undefined && { priority: checkedPriority(options.priority) }),
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
