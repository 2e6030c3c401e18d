/** Refusals as problems (RFC 9457): what a caller branches on is `code`. */
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import * as z from 'zod/mini'
import { serializeError } from '../../shared/core/failure.ts'
import type { ErrorCode } from '../../shared/error-code.ts'
import { WorkflowError } from '../../shared/errors.ts'
import type { SerializedError } from '../../shared/errors.ts'
import type { Refusal } from '../../shared/protocol.ts'
import { errorFacts, log } from '../log.ts'
import { refusalOf } from '../refuse.ts'
import { error, said, whole } from '../shapes.ts'

const optional = z.exactOptional

/** A refusal over HTTP. Facts of a refusal, such as the run that has the workflow id, stand beside these. */
export const problemShape = said(
  z.looseObject({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    code: said(z.string(), {
      description: 'What to branch on: one of the codes of docs/reference/errors.md.',
    }),
    detail: said(z.string(), { description: 'The same for people, and what to do.' }),
    path: optional(said(z.string(), { description: 'The field that is wrong.' })),
    retryAfterMs: optional(
      said(whole(0), { description: 'Of overloaded and workflow_not_begun: when the same may succeed.' }),
    ),
    error: optional(error),
  }),
  {
    id: 'Problem',
    examples: [
      {
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        code: 'workflow_not_found',
        detail: 'no workflow order-7 is known here',
        workflowId: 'order-7',
      },
    ],
  },
)

export type Problem = z.output<typeof problemShape>

/** Everything else that is refused is answered 409: the request is well-formed, and what it names is not in that state. */
const STATUSES: { readonly [C in ErrorCode]?: ContentfulStatusCode } = {
  invalid_argument: 400,
  payload_unsupported: 400,
  unauthorized: 401,
  forbidden: 403,
  workflow_not_found: 404,
  schedule_not_found: 404,
  update_not_found: 404,
  query_not_registered: 404,
  update_not_registered: 404,
  unknown_workflow: 404,
  unknown_version: 404,
  unknown_task_queue: 404,
  payload_too_large: 413,
  history_limit: 413,
  internal: 500,
  overloaded: 503,
  not_configured: 503,
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Content Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

export function refusal(code: ErrorCode, message: string): Refusal {
  return { ok: false, code, message }
}

/** Of a defect of ours, which the log has. */
function refusalOfDefect(thrown: unknown): Refusal {
  log('http_failed', errorFacts(thrown))
  return refusal('internal', 'an internal error, which the log of the Worker has')
}

/**
 * What is refused here, with the facts that the error's class has. A shard's own refusals are values: what is thrown as
 * internal is of an object that was lost, and may say anything.
 */
export function refusalOfError(thrown: WorkflowError): Refusal {
  if (thrown.code === 'internal') return refusalOfDefect(thrown)
  const refused = refusalOf(thrown)
  const own = serializeError(thrown).facts as Refusal['facts'] // a class's own fields are plain JSON
  return { ...refused, facts: { ...own, ...refused.facts } }
}

export function refusalOfThrown(thrown: unknown): Refusal {
  return thrown instanceof WorkflowError ? refusalOfError(thrown) : refusalOfDefect(thrown)
}

export function problemOf(refused: Refusal, given?: ContentfulStatusCode): Problem {
  const { code, message, facts, error: thrown } = refused
  const status = given ?? STATUSES[code] ?? 409
  const own = thrown?.code === 'application_error' && { error: withoutStacks(thrown) }
  return { ...facts, type: 'about:blank', title: TITLES[status] ?? '', status, code, detail: message, ...own }
}

export function problemResponse(refused: Refusal, given?: ContentfulStatusCode): Response {
  const problem = problemOf(refused, given)
  const { status, retryAfterMs } = problem
  const headers = new Headers({ 'content-type': 'application/problem+json' })
  if (retryAfterMs !== undefined) headers.set('retry-after', `${Math.ceil(retryAfterMs / 1_000)}`)
  return new Response(JSON.stringify(problem), { status, headers })
}

/** What workflow code threw is told; where, only the log and `describe` say. */
function withoutStacks(thrown: SerializedError): SerializedError {
  const { stack: _, cause, ...told } = thrown
  return cause ? { ...told, cause: withoutStacks(cause) } : told
}
