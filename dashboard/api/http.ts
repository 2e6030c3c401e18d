/** Requests to the API of the Worker that served the page, and its refusals as errors. */
import { session } from './session.ts'

/** A refusal: `application/problem+json`, or what stood in the way of an answer. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  /** 0: there was no answer. */
  readonly status: number
  /** As in docs/reference/errors.md. */
  readonly code: string
  /** The field that is wrong. */
  readonly path: string | undefined

  constructor(status: number, problem: { code: string; detail: string; path?: string }) {
    super(problem.detail)
    this.status = status
    this.code = problem.code
    this.path = problem.path
  }
}

export type Query = Record<string, string | number | boolean | readonly string[] | undefined>

export interface Asked {
  query?: Query
  body?: unknown
  signal?: AbortSignal
}

export async function get<T>(path: string, { query, signal }: Omit<Asked, 'body'> = {}): Promise<T> {
  return await answered<T>(urlOf(path, query), { headers: credentials(), ...(signal && { signal }) })
}

/** `key` makes a request that is sent again count once. */
export async function send<T>(
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  { query, body, key = crypto.randomUUID() }: Asked & { key?: string } = {},
): Promise<T> {
  const headers = { ...credentials(), 'content-type': 'application/json', 'idempotency-key': key }
  return await answered<T>(urlOf(path, query), { method, headers, body: JSON.stringify(body ?? {}) })
}

/** With the namespace; what is undefined is left out. */
export function urlOf(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams({ namespace: session().namespace })
  for (const [name, value] of Object.entries(query))
    for (const one of [value].flat()) if (one !== undefined) parameters.append(name, String(one))
  return `/api/v1${path}?${parameters}`
}

export function credentials(): Record<string, string> {
  const { token } = session()
  return token === '' ? {} : { authorization: `Bearer ${token}` }
}

async function answered<T>(url: string, init: RequestInit): Promise<T> {
  const response = await reached(url, init)
  if (!response.ok) throw await problemOf(response)
  if (response.status === 204) return undefined as T // the route answers nothing
  return (await response.json()) as T // as the contract of the API has it
}

async function reached(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new ProblemError(0, { code: 'unreachable', detail: 'The scheduler does not answer.' })
  }
}

async function problemOf(response: Response): Promise<ProblemError> {
  const text = await response.text()
  const told: { code?: unknown; detail?: unknown; path?: unknown } = asJson(text)
  return new ProblemError(response.status, {
    code: typeof told.code === 'string' ? told.code : 'internal',
    detail: typeof told.detail === 'string' ? told.detail : `The scheduler answered ${response.status}.`,
    ...(typeof told.path === 'string' && { path: told.path }),
  })
}

function asJson(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {} // a proxy's page
  }
}
