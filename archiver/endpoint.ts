/**
 * An endpoint of the archiver's own: JSON for whoever has the token.
 *
 * O1 Only whoever has a token of the scope is answered; without a token there is no such endpoint.
 * O2 Of a defect the caller learns no more than that there is one; the log has it.
 */
import { errorFacts } from './answers.ts'
import { includes } from '../shared/auth.ts'
import type { Scope } from '../shared/auth.ts'
import { tokensOf, type ArchiverEnv } from './config.ts'

/** Refusals that the caller can act on, by their codes. */
const STATUSES: Readonly<Record<string, number>> = { invalid_argument: 400, lease_held: 409 }

/** Answers what `work` resolves to. */
export async function endpoint(
  request: Request,
  env: ArchiverEnv,
  { method, scope, work }: { method: 'GET' | 'POST'; scope: Scope; work: () => Promise<object> },
): Promise<Response> {
  const tokens = tokensOf(env)
  if (!tokens.configured) return refusal(404, 'not_configured', 'there is no API_TOKEN')
  const held = await tokens.scopeOf(request.headers.get('authorization'))
  if (!held) return refusal(401, 'unauthorized', 'a bearer token is required, and it must be the right one')
  if (!includes(held, scope))
    return refusal(403, 'forbidden', `this needs the scope ${scope}, and you have ${held}`)
  if (request.method !== method) return refusal(405, 'method_not_allowed', `this is asked by ${method}`)
  try {
    return Response.json(await work())
  } catch (error) {
    const { code, message } = errorFacts(error)
    const status = STATUSES[String(code)]
    if (status !== undefined) return refusal(status, String(code), String(message))
    console.error(JSON.stringify({ event: 'request_failed', url: request.url, ...errorFacts(error) }))
    return refusal(500, 'internal', 'an internal error, which the log of the Worker has')
  }
}

function refusal(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status })
}
