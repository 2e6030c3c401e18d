/** Names and ids as callers give them: checked where they enter, trusted after. */
import { WorkflowError } from './errors.ts'

/** Characters of a name: of a workflow, an activity, a message, a task queue. */
export const MAX_NAME_LENGTH = 200
/** UTF-8 bytes of a workflow id. */
export const MAX_WORKFLOW_ID_BYTES = 1_000

/** `name`, refused unless it is text of 1 to 200 characters, of Unicode; `path` says whose it is. */
export function checkedName(name: unknown, path: string): string {
  if (typeof name === 'string' && isName(name)) return name
  throw invalid(path, `a text of 1 to ${MAX_NAME_LENGTH} characters`, name)
}

/** Whether `text` is neither empty nor too long for a name, and can be in a URL: not half of a character. */
export function isName(text: string): boolean {
  return text.length > 0 && text.length <= MAX_NAME_LENGTH && text.isWellFormed()
}

/** A slash ends it in the name of a shard's object. */
export function checkedNamespace(namespace: unknown, path = 'namespace'): string {
  const name = checkedName(namespace, path)
  if (!name.includes('/')) return name
  throw invalid(path, 'a name without a slash', name)
}

/** The name of a definition, or the name itself. */
export function nameOf(named: { readonly name: string } | string, path: string): string {
  return checkedName(typeof named === 'string' ? named : named?.name, path)
}

/** `id`, refused unless it is text of 1 to 1,000 bytes of UTF-8 without NUL. */
export function checkedWorkflowId(id: unknown, path = 'workflowId'): string {
  if (typeof id === 'string' && id.length > 0 && fitsWorkflowId(id)) return id
  throw invalid(path, `a text of 1 to ${MAX_WORKFLOW_ID_BYTES} bytes of UTF-8 without NUL`, id)
}

/** `value`, refused unless it is one of `choices`. */
export function checkedChoice<T extends string>(value: unknown, choices: readonly T[], path: string): T {
  const choice = choices.find((one) => one === value)
  if (choice !== undefined) return choice
  throw invalid(path, `one of ${choices.join(', ')}`, value)
}

/** `fn`, refused unless it is a function; `what` says whose it is. */
export function checkedFunction<F>(fn: F | undefined, what: string): F {
  if (typeof fn === 'function') return fn
  throw invalid('fn', what, fn)
}

/** `fields`, refused unless they are values by name. */
export function checkedFields(fields: unknown, path: string): Record<string, unknown> {
  if (typeof fields === 'object' && fields !== null && !Array.isArray(fields))
    return fields as Record<string, unknown> // an object, which is no list
  throw invalid(path, 'an object of values by name', fields)
}

/** The refusal of an argument: `path must be <expected>, not <what was given>`. */
export function invalid(path: string, expected: string, given: unknown): WorkflowError {
  return new WorkflowError('invalid_argument', `${path} must be ${expected}, not ${shown(given)}`, { path })
}

/** What `read` answers; a refusal of it says what it is about, and `path` in place of its own where that is given. */
export function about<T>(what: string, read: () => T, path?: string): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof WorkflowError)) throw cause
    throw new WorkflowError(cause.code, `${what}: ${cause.message}`, { cause, path: path ?? cause.path })
  }
}

/** Whether `id` is not too long for the id of a workflow, and is Unicode without NUL, at which SQL's functions end a text. */
export function fitsWorkflowId(id: string): boolean {
  if (id.length > MAX_WORKFLOW_ID_BYTES) return false // a unit of UTF-16 is at least one byte
  if (!id.isWellFormed() || id.includes('\0')) return false
  // A unit of UTF-16 is at most three bytes: only long ids need counting.
  return (
    id.length * 3 <= MAX_WORKFLOW_ID_BYTES || new TextEncoder().encode(id).length <= MAX_WORKFLOW_ID_BYTES
  )
}

/** A value as a refusal tells of it: short, and whatever it is. */
export function shown(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 60 ? `a text of ${value.length} characters` : JSON.stringify(value)
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'function') return 'a function'
  return typeof value === 'object' && value !== null ? 'an object' : String(value).slice(0, 60)
}

/** `value`, refused unless it is a whole number in the range, which is from 1 on where it is not given. */
export function checkedWhole(
  value: unknown,
  path: string,
  [least, most = Infinity]: readonly [least: number, most?: number] = [1],
): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most)
    return value
  throw invalid(path, `a whole number from ${least} ${most === Infinity ? 'on' : `to ${most}`}`, value)
}

/** Throws for what is no priority. */
export function checkedPriority(value: number): number {
  return checkedWhole(value, 'priority', [-1_000, 1_000])
}
