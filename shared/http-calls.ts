/** Calls as the HTTP API takes them, one by one or many in a request: see scheduler-do/http/calls.ts. */
import type { Json } from './payload.ts'
import type { GatheredVerb } from './together.ts'

export interface Operation {
  /** As the OpenAPI document calls it. */
  readonly id: string
  readonly method: 'GET' | 'POST'
  /** Below `/api/v1/`; a parameter stands in braces. */
  readonly path: string
}

/** What is asked of an operation. */
export interface Parts {
  readonly params?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: Readonly<Record<string, unknown>>
}

/** One of many. */
export interface HttpCall extends Parts {
  readonly operation: string
}

/** A line of the answer: what came of the call at that place, from 0. */
export type HttpTold =
  | { readonly place: number; readonly value?: Json }
  | { readonly place: number; readonly problem: Json }

const ofRun = <I extends string>(id: I, method: 'GET' | 'POST', path: string) => ({
  id,
  method,
  path: `workflows/{workflowId}/${path}`,
})

export const OPERATIONS = {
  start: { id: 'startWorkflow', method: 'POST', path: 'workflows' },
  signal: ofRun('signalWorkflow', 'POST', 'signals/{name}'),
  query: ofRun('queryWorkflow', 'POST', 'queries/{name}'),
  update: ofRun('updateWorkflow', 'POST', 'updates/{name}'),
  updateResult: ofRun('updateResult', 'GET', 'updates/{updateId}'),
  cancel: ofRun('cancelWorkflow', 'POST', 'cancel'),
  terminate: ofRun('terminateWorkflow', 'POST', 'terminate'),
  pause: ofRun('pauseWorkflow', 'POST', 'pause'),
  resume: ofRun('resumeWorkflow', 'POST', 'resume'),
  result: ofRun('workflowResult', 'GET', 'result'),
} as const satisfies Record<GatheredVerb, Operation>
