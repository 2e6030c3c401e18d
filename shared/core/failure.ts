/**
 * Errors as values and back. History, RPC and `describe` carry the value.
 *
 * F1 `serializeError` takes whatever was thrown and never throws: a failure that cannot be recorded would be lost.
 * F2 Its result is bounded (below 1 MB), whatever was thrown: texts, details and the cause chain are cut.
 * F3 An error of ours comes back as its class; the application's own as an ApplicationError whose `type` is its name.
 * F4 `deserializeError` never throws either: a run whose history holds a failure that cannot be read would be lost.
 */
import {
  ActivityError,
  ApplicationError,
  CancelledError,
  ChildWorkflowError,
  CompensationError,
  NonDeterminismError,
  QueryNotRegisteredError,
  SignalTimeoutError,
  TerminatedError,
  TimeoutError,
  WorkerShutdownError,
  WorkflowAlreadyStartedError,
  WorkflowError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '../errors.ts'
import type { Duration } from '../duration.ts'
import type { ErrorCode } from '../error-code.ts'
import type { FailedStatus, SerializedError, TimeoutKind } from '../errors.ts'
import { decodePayload, encodePayload, payloadBytes } from '../payload.ts'
import type { Payload } from '../payload.ts'
import { MAX_INLINE_BYTES } from '../reference.ts'
import { textOf } from './text.ts'

const MAX_TEXT = 8_192
const MAX_CAUSES = 16

/** What was thrown, as a value: an Error, or anything else that a `throw` took. */
export function serializeError(thrown: unknown): SerializedError {
  const links: SerializedError[] = []
  const seen = new Set<unknown>([undefined, null])
  const budget: Budget = { bytes: MAX_INLINE_BYTES }
  let next = thrown
  do {
    seen.add(next)
    const { link, cause } = serializeLink(next, budget)
    links.push(link)
    next = cause
  } while (!seen.has(next) && links.length <= MAX_CAUSES)
  return links.reduceRight((cause, link) => ({ ...link, cause }))
}

/** The error that `serialized` was made from, with its own message, stack and causes. */
export function deserializeError(serialized: SerializedError): WorkflowError {
  const causes: SerializedError[] = []
  for (let next = serialized?.cause; next && causes.length < MAX_CAUSES; next = next.cause) causes.push(next)
  const cause = causes.reduceRight<WorkflowError | undefined>(
    (inner, link) => rebuild(soundLink(link), inner),
    undefined,
  )
  return rebuild(soundLink(serialized), cause)
}

/** What is left for the facts and details of one chain. */
interface Budget {
  bytes: number
}

function serializeLink(thrown: unknown, budget: Budget): { link: SerializedError; cause: unknown } {
  try {
    return { link: linkOf(thrown, budget), cause: read(thrown, 'cause') }
  } catch {
    // A getter that throws, a revoked proxy: the failure still counts.
    const message = 'a value was thrown that cannot be read'
    return { link: { name: 'Error', message, code: 'application_error' }, cause: undefined }
  }
}

function linkOf(thrown: unknown, budget: Budget): SerializedError {
  const message = read(thrown, 'message')
  const name = read(thrown, 'name')
  const stack = read(thrown, 'stack')
  const facts = thrown instanceof WorkflowError ? factsOf(thrown, budget) : {}
  const details = stored(detailsOf(thrown), budget)
  return {
    name: typeof name === 'string' ? cut(name) : 'Error',
    message: cut(typeof message === 'string' ? message : textOf(thrown)),
    code: thrown instanceof WorkflowError ? thrown.code : 'application_error',
    ...(typeof stack === 'string' && { stack: cut(stack) }),
    ...(details !== undefined && { details }),
    ...(Object.keys(facts).length > 0 && { facts }),
  }
}

function read(thrown: unknown, key: string): unknown {
  return typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, key) : undefined
}

/** Own fields that have a place of their own in a SerializedError. */
const PLACED: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause'])

function factsOf(error: WorkflowError, budget: Budget): Record<string, unknown> {
  const facts: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(error)) {
    if (PLACED.has(key) || key === 'code' || key === 'details' || typeof value === 'function') continue
    const fact = stored(value, budget)
    if (fact !== undefined) facts[key] = fact
  }
  return facts
}

/** An error's own `details`; failing that, what a person would miss: the errors of an AggregateError, `code`, `status`. */
function detailsOf(thrown: unknown): unknown {
  if (typeof thrown !== 'object' || thrown === null) return undefined
  if (!(thrown instanceof Error)) return thrown
  const details = read(thrown, 'details')
  if (details !== undefined || thrown instanceof WorkflowError) return details
  if (thrown instanceof AggregateError) return { errors: thrown.errors }
  // Not its objects: HTTP clients hang whole requests there, credentials included.
  const fields = Object.entries(thrown).filter(([key, value]) => !PLACED.has(key) && isScalar(value))
  return fields.length > 0 ? Object.fromEntries(fields) : undefined
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

/** `value` as a payload; as text where it is not one or the budget is spent. */
function stored(value: unknown, budget: Budget): Payload {
  let payload: Payload
  try {
    payload = encodePayload(value, 'details')
  } catch {
    payload = cut(textOf(value)) // an error about the details would hide the error
  }
  // 6: the most bytes that JSON makes of a character
  if (payloadBytes(payload) > budget.bytes) payload = cut(textOf(value)).slice(0, budget.bytes / 6)
  budget.bytes = Math.max(0, budget.bytes - payloadBytes(payload))
  return payload
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : text.slice(0, MAX_TEXT).toWellFormed()
}

type Facts = Readonly<Record<string, unknown>>

/** F4: fields of other types than its own, from whatever peer it comes, are as if they were absent. */
function soundLink(link: SerializedError | null): SerializedError {
  const { name, message, code, stack, facts, details }: Partial<Record<keyof SerializedError, unknown>> = {
    ...link,
  }
  return {
    name: textFact(name) ?? 'Error',
    message: textFact(message) ?? textOf(link),
    code: textFact(code) ?? 'application_error',
    ...(typeof stack === 'string' && { stack }),
    ...(typeof facts === 'object' && facts !== null && { facts: facts as Record<string, unknown> }), // looked at one by one
    details,
  }
}

function rebuild(link: SerializedError, cause: WorkflowError | undefined): WorkflowError {
  const facts: Facts = Object.fromEntries(
    Object.entries(link.facts ?? {}).map(([key, fact]) => [key, decoded(fact)]),
  )
  const error = ofItsClass(link, facts, cause)
  hide(error, 'message', link.message)
  hide(error, 'stack', link.stack ?? `${link.name}: ${link.message}`) // never the stack of this call
  if (cause !== undefined) hide(error, 'cause', cause)
  for (const [key, value] of Object.entries({ ...facts, details: decoded(link.details) })) {
    if (value !== undefined && !PLACED.has(key) && !(key in error))
      Object.defineProperty(error, key, { value, enumerable: true })
  }
  return error
}

/** A newer peer may use tags that are not known here; the error matters more. */
function decoded(payload: unknown): unknown {
  try {
    return decodePayload(payload as Payload) // encoded by `stored`
  } catch {
    return payload
  }
}

function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true })
}

/** By its code. One whose facts do not make the class, from another release, is a plain WorkflowError with the code. */
function ofItsClass(link: SerializedError, facts: Facts, cause: WorkflowError | undefined): WorkflowError {
  const { workflowId, runId, reason, known, failures } = facts
  switch (link.code) {
    case 'application_error':
      return applicationError(link, facts)
    case 'cancelled':
      return new CancelledError(textFact(reason))
    case 'terminated':
      return new TerminatedError(textFact(reason))
    case 'worker_shutdown':
      return new WorkerShutdownError()
    case 'timeout':
      return timeoutError(link, facts)
    case 'activity_failed':
    case 'child_failed':
    case 'workflow_failed':
      return wrapper(link, facts, cause ?? plain(link, facts))
    case 'compensation_failed':
      return Array.isArray(failures)
        ? new CompensationError(
            failures.map((failure) => (failure instanceof Error ? failure : new Error(textOf(failure)))),
            cause,
          )
        : plain(link, facts)
    case 'nondeterminism':
      return nonDeterminism(link, facts)
    case 'workflow_not_found':
      return typeof workflowId === 'string' ? new WorkflowNotFoundError(workflowId) : plain(link, facts)
    case 'workflow_already_started':
      if (typeof workflowId !== 'string' || typeof runId !== 'string') return plain(link, facts)
      return new WorkflowAlreadyStartedError(workflowId, runId)
    case 'query_not_registered':
      return Array.isArray(known)
        ? new QueryNotRegisteredError(link.message, known.map(textOf))
        : plain(link, facts)
    default:
      return plain(link, facts)
  }
}

function applicationError(link: SerializedError, facts: Facts): ApplicationError {
  const { type, nonRetryable, retryAfter } = facts
  const named = typeof type === 'string' && type !== 'ApplicationError'
  const details = decoded(link.details)
  return new ApplicationError(link.message, {
    type: named ? type : link.name,
    nonRetryable: nonRetryable === true,
    ...((typeof retryAfter === 'string' || typeof retryAfter === 'number') && {
      retryAfter: retryAfter as Duration, // as it was given: whoever waits for it reads it
    }),
    ...(details !== undefined && { details }),
  })
}

function timeoutError(link: SerializedError, facts: Facts): WorkflowError {
  const { kind, signalName } = facts
  if (typeof kind !== 'string') return plain(link, facts)
  if (typeof signalName === 'string') return new SignalTimeoutError(signalName)
  return new TimeoutError(kind as TimeoutKind, link.message) // a TimeoutError's own fact
}

/** The three that say whose failure their cause is. */
function wrapper(link: SerializedError, facts: Facts, cause: WorkflowError): WorkflowError {
  const { activityType, attempt, workflowId, runId, status } = facts
  if (link.code === 'activity_failed') {
    if (typeof activityType !== 'string' || typeof attempt !== 'number') return plain(link, facts)
    return new ActivityError(activityType, attempt, cause)
  }
  if (typeof workflowId !== 'string') return plain(link, facts)
  if (link.code === 'child_failed') return new ChildWorkflowError(workflowId, cause)
  if (typeof runId !== 'string' || typeof status !== 'string') return plain(link, facts)
  // The cast: a WorkflowFailedError's own fact.
  return new WorkflowFailedError({ workflowId, runId, status: status as FailedStatus }, cause)
}

function nonDeterminism(link: SerializedError, facts: Facts): WorkflowError {
  const { eventId, expected, actual } = facts
  if (typeof eventId !== 'number' || typeof expected !== 'string' || typeof actual !== 'string') {
    return plain(link, facts)
  }
  return new NonDeterminismError(eventId, { expected, actual })
}

function plain(link: SerializedError, facts: Facts): WorkflowError {
  // The cast: a newer peer may send a code that is not listed here yet.
  return new WorkflowError(link.code as ErrorCode, link.message, { path: textFact(facts['path']) })
}

function textFact(fact: unknown): string | undefined {
  return typeof fact === 'string' ? fact : undefined
}
