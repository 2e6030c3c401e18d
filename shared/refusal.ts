/** A refusal, which crossed RPC as a value, as the coded error that the caller catches. */
import { deserializeError } from './core/failure.ts'
import {
  QueryNotRegisteredError,
  WorkflowAlreadyStartedError,
  WorkflowError,
  WorkflowNotFoundError,
} from './errors.ts'
import type { Json } from './payload.ts'
import type { Refusal } from './protocol.ts'

/** The error for `refusal`; `workflowId` is the one asked for, where the request named one. */
export function refusalError(refusal: Refusal, workflowId = ''): WorkflowError {
  const { code, message, facts = {}, error } = refusal
  if (code === 'workflow_not_found') return new WorkflowNotFoundError(workflowId, message)
  if (code === 'query_not_registered') return new QueryNotRegisteredError(message, texts(facts['known']))
  if (code === 'workflow_already_started') {
    return new WorkflowAlreadyStartedError(workflowId, text(facts['runId']), message)
  }
  if (error?.code === code) return deserializeError(error) // the workflow's own throw, in a query handler
  return new WorkflowError(code, message, {
    ...(error !== undefined && { cause: deserializeError(error) }),
    ...(typeof facts['path'] === 'string' && { path: facts['path'] }),
    ...(typeof facts['retryAfterMs'] === 'number' && { retryAfterMs: facts['retryAfterMs'] }),
  })
}

function text(fact: Json | undefined): string {
  return typeof fact === 'string' ? fact : ''
}

function texts(fact: Json | undefined): string[] {
  return Array.isArray(fact) ? fact.filter((one) => typeof one === 'string') : []
}
