/** The deployment that is asked, over HTTP. */
import { CliError } from './error.ts'

export interface Server {
  /** `http://localhost:8787`, without a slash at the end. */
  readonly url: string
  readonly token: string | null
}

export interface Asked {
  /** Posted as JSON. */
  readonly body?: object
  readonly patienceMs?: number
}

/** What to do where a token does not suffice. */
export const OTHER_TOKEN = 'give one that may, with --token or PERDURE_TOKEN (docs/guide/access.md)'

const PATIENCE_MS = 30_000

/** Null when there is no such thing. */
export async function ask(server: Server, path: string, asked: Asked = {}): Promise<string | null> {
  const response = await get(server, path, asked)
  if (response.status === 404) return null
  const text = await response.text()
  if (response.ok) return text
  if (response.status === 401 || response.status === 403) throw refused(server, text)
  throw new CliError(
    'server_failed',
    `${server.url}${path} answered ${response.status}: ${text.slice(0, 300)}`,
  )
}

/** The answer, whatever its status. */
export async function get(
  { url, token }: Server,
  path: string,
  { body, patienceMs = PATIENCE_MS }: Asked = {},
): Promise<Response> {
  const headers = new Headers()
  if (token !== null) headers.set('authorization', `Bearer ${token}`)
  if (body) headers.set('content-type', 'application/json')
  const what = body ? { method: 'POST', body: JSON.stringify(body) } : {}
  try {
    return await fetch(url + path, { ...what, headers, signal: AbortSignal.timeout(patienceMs) })
  } catch (cause) {
    throw unreachable(url, cause)
  }
}

export function unreachable(url: string, cause: unknown): CliError {
  return new CliError('server_unreachable', `${url} does not answer`, {
    fix: 'start it with `npm run dev`, or name another address with --url or PERDURE_URL',
    cause,
  })
}

function refused({ url, token }: Server, text: string): CliError {
  const what = token === null ? 'it asks for a token' : 'it does not know this token, or not for this'
  return new CliError('unauthorized', `${url} refuses: ${what} (${text.slice(0, 300)})`, {
    fix: OTHER_TOKEN,
  })
}
