/** Options as users write them: what each may be, wherever it is read. */
import { toMs } from './duration.ts'
import { checkedChoice, checkedFields, checkedName, checkedPriority, invalid } from './names.ts'

/** Throws for a value that the option called `path` cannot have. */
type Check = (value: never, path: string) => unknown
type Checks = Readonly<Record<string, Check>>

/**
 * Throws for the first option that is given and is not what it must be; `path` is that of the options, where they are one.
 * What is falsy is none, as where options are read.
 */
export function checkOptions(options: unknown, checks: Checks, path = ''): void {
  if (!options) return
  const fields = checkedFields(options, path || 'options')
  const root = path && `${path}.`
  for (const [key, check] of Object.entries(checks)) {
    const value = fields[key]
    if (value !== undefined) check(value as never, root + key) // a check takes whatever it is
  }
}

export const RETRY_OPTIONS: Checks = {
  maxAttempts: numberThat(
    (n) => Number.isInteger(n) && n >= 1,
    'a whole number from 1 on (without it there is no limit)',
  ),
  initialInterval: toMs,
  maxInterval: toMs,
  backoff: oneOf('exponential', 'linear', 'constant'),
  backoffCoefficient: numberThat((n) => n >= 1 && n < Infinity, 'a number from 1 on'),
  jitter: numberThat((n) => n >= 0 && n <= 1, 'a number from 0 to 1'),
  nonRetryableErrors: (value, path) => {
    if (!isTexts(value)) throw invalid(path, 'a list of names', value)
  },
}
const retry = below(RETRY_OPTIONS)

export const ACTIVITY_OPTIONS: Checks = {
  retry,
  timeout: toMs,
  startToCloseTimeout: toMs,
  scheduleToStartTimeout: toMs,
  scheduleToCloseTimeout: toMs,
  heartbeatTimeout: toMs,
  taskQueue: checkedName,
  concurrencyKey: checkedName,
  priority: checkedPriority,
  cancellation: oneOf('wait', 'try', 'abandon'),
}

export const WORKFLOW_OPTIONS: Checks = {
  retry,
  executionTimeout: toMs,
  taskQueue: checkedName,
  versioning: oneOf('auto-upgrade', 'pinned'),
  activityDefaults: below(ACTIVITY_OPTIONS),
}

function below(checks: Checks): Check {
  return (options, path) => checkOptions(options, checks, path)
}

function numberThat(holds: (n: number) => boolean, expected: string): Check {
  return (value: unknown, path) => {
    if (typeof value !== 'number' || !holds(value)) throw invalid(path, expected, value)
  }
}

/** Null is the first, as where it is read. */
function oneOf(...choices: readonly string[]): Check {
  return (value, path) => checkedChoice(value ?? choices[0], choices, path)
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
