/**
 * One exchange with a REST catalog, and what an answer that is not a success means.
 *
 * H1 The token goes into one header of one request, to the server that was configured: redirects are not followed, and
 *    no error, message or log holds it.
 * H2 A change of which no answer came, or one of status 5xx, may have happened. Of every other status it is known that it
 *    did not, and of 501 too, which says that the catalog has no such thing.
 */
import { WorkflowError } from '../../shared/errors.ts'
import { CatalogRefusal, CommitConflict, CommitUnknown } from './catalog.ts'
import { parseJson, printJson } from './json.ts'
import { errorAnswer } from './wire.ts'

export interface Server {
  readonly uri: string
  readonly token: string
  readonly timeoutMs: number
  readonly fetch: (request: Request) => Promise<Response>
}

export interface Question {
  /** POST changes something. */
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
}

export interface Answer {
  readonly status: number
  /** Undefined if it is not JSON. */
  readonly body: unknown
  /** The server's own words. */
  readonly message: string
  /** The protocol's name of the error. */
  readonly type: string
  readonly retryAfterMs: number
}

export async function ask(server: Server, question: Question): Promise<Answer> {
  let response: Response
  let text: string
  try {
    response = await server.fetch(requestOf(server, question))
    text = await response.text()
  } catch (error) {
    throw unanswered(question, 'did not answer', error)
  }
  const body = jsonIn(text)
  if (response.ok && body === undefined && text !== '')
    throw unanswered(question, 'answered with what is not JSON')
  const failure = response.ok ? { message: '', type: '' } : errorIn(body, text)
  return {
    status: response.status,
    body,
    message: failure.message.replaceAll(server.token, '***').slice(0, MESSAGE_CHARACTERS),
    type: failure.type,
    retryAfterMs: retryAfterMsOf(response.headers),
  }
}

/** What to throw for an answer that is not a success. */
export function failureOf(question: Question, answer: Answer): Error {
  const { status, type, message, retryAfterMs } = answer
  const said = `${question.method} ${question.path}: ${status} ${type} ${message}`.trimEnd()
  if (status === 429) return new CommitConflict(said, { retryAfterMs })
  // Cloudflare's catalog gives a lost race inside itself as a 400 of this type.
  if (status === 409 || (status === 400 && type.startsWith('ConcurrentUpdate')))
    return new CommitConflict(said)
  if (status >= 500 && status !== 501) return unanswered(question, `failed: ${said}`)
  if (status === 401 || status === 403 || status === 419)
    return new CatalogRefusal(status, `${said}; ${ACCESS}`)
  return new CatalogRefusal(status, said)
}

const MESSAGE_CHARACTERS = 500
const RETRY_AFTER_MS = 60_000
const ACCESS =
  'check that the catalog token has not expired, is of the account in the catalog URI and may read and write both the ' +
  'catalog and the storage of this bucket, and that the catalog is enabled for the bucket'

function requestOf({ uri, token, timeoutMs }: Server, { method, path, body }: Question): Request {
  return new Request(uri + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: printJson(body) }),
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  })
}

function unanswered({ method, path }: Question, what: string, cause?: unknown): Error {
  const message = `${method} ${path}: the catalog ${what}`
  if (method === 'POST') return new CommitUnknown(message, cause)
  return new WorkflowError('internal', message, { cause })
}

function jsonIn(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined // plain text is an answer too: 401 and 403 have it
  }
}

function errorIn(body: unknown, text: string): { message: string; type: string } {
  const known = errorAnswer.safeParse(body)
  return known.success ? known.data.error : { message: text.trim(), type: '' }
}

function retryAfterMsOf(headers: Headers): number {
  const seconds = Number(headers.get('retry-after') ?? NaN)
  return seconds >= 0 ? seconds * 1_000 : RETRY_AFTER_MS
}
