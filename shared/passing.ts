/** Failures of a call that say nothing about the request. */
import type { ErrorCode } from './error-code.ts'
import { WorkflowError } from './errors.ts'

const PASSING: ReadonlySet<ErrorCode> = new Set(['overloaded', 'workflow_not_begun'])
const FLAGS = ['retryable', 'overloaded', 'durableObjectReset']

/** Whether the same request may succeed a moment later. The flags are workerd's and survive a service binding. */
export function isPassing(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  // Of what names a field the request itself has to change.
  if (error instanceof WorkflowError) return PASSING.has(error.code) && error.path === undefined
  if (isUnconfigured(error)) return false
  if (FLAGS.some((flag) => Reflect.get(error, flag) === true)) return true
  return error.message.includes('Network connection lost')
}

/** What the scheduler's environment lacks is found before any verb: it comes as a throw, not as a refusal. */
export function isUnconfigured(error: unknown): boolean {
  return error instanceof Object && Reflect.get(error, 'code') === 'not_configured'
}
