/** The scheduler Worker over HTTP: what it answers is the reply of a verb, and a problem (RFC 9457) is its refusal. */
import type { Bucket } from './bucket.ts'
import type { ErrorCode } from './error-code.ts'
import { WorkflowError } from './errors.ts'
import type { SerializedError } from './errors.ts'
import { invalid } from './names.ts'
import type { Json } from './payload.ts'
import type { Refusal, Reply } from './protocol.ts'

/** The scheduler Worker, from Node, from a browser, or from anywhere else with `fetch`. */
export interface HttpConnection {
  /** Of the scheduler Worker: `https://perdure-scheduler.example.workers.dev`. */
  url: string
  /** One of its API tokens. Absent: none is sent, as for a page whose reader Cloudflare Access knows. */
  token?: string
  /**
   * In place of the global one. On Node one request carries calls that a server makes for several of its own: what is
   * sent along must not depend on whose they are.
   */
  fetch?: Fetch
}

type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** What is sent with a request; what is undefined is left out. */
export interface HttpRequest {
  /** A list is sent as several of the name, an object as JSON. */
  query?: Readonly<Record<string, unknown>>
  body?: object
  signal?: AbortSignal | undefined
}

export class HttpApi {
  readonly #url: URL
  readonly #headers: Readonly<Record<string, string>>
  readonly #fetch: Fetch

  constructor({ url, token, fetch: own }: HttpConnection) {
    if (!URL.canParse('/api/v1/', url)) throw invalid('url', 'the URL of the scheduler Worker', url)
    if (token === '') throw invalid('token', "the scheduler's API_TOKEN", token)
    this.#url = new URL('/api/v1/', url)
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    this.#fetch = own ?? ((...given) => fetch(...given))
  }

  async ask<T>(method: string, path: string, request: HttpRequest = {}): Promise<Reply<T>> {
    return (await replyOf(await this.#asked(method, path, request))) as Reply<T> // the route's own
  }

  /** What a POST is answered with, line by line as JSON: those that came together. A refusal is thrown. */
  async *lines<T>(path: string, request: HttpRequest): AsyncGenerator<T[], void> {
    const response = await this.#asked('POST', path, request)
    if (!response.ok) throw await refusalOfAll(response)
    const text = new TextDecoder()
    let open = ''
    try {
      for await (const bytes of chunksOf(response)) {
        const lines = (open + text.decode(bytes, { stream: true })).split('\n')
        open = lines.pop() ?? ''
        if (lines.length > 0) yield lines.map((line) => JSON.parse(line) as T) // the route's own
      }
    } catch (error) {
      throw unanswered('its answer broke off', error)
    }
  }

  #asked(method: string, path: string, { query, body, signal }: HttpRequest): Promise<Response> {
    const url = new URL(path, this.#url)
    for (const [name, value] of Object.entries(query ?? {}))
      for (const one of Array.isArray(value) ? value : [value])
        if (one !== undefined)
          url.searchParams.append(name, typeof one === 'object' ? JSON.stringify(one) : one)
    const sent = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    return this.#send(url, { method, ...sent, ...(signal && { signal }) })
  }

  /** Payloads above 128 KiB, which the scheduler Worker reads and writes. */
  get bucket(): Bucket {
    const send = (key: string, init: Sent) =>
      this.#send(new URL(`payloads/${key.split('/').map(encodeURIComponent).join('/')}`, this.#url), init)
    return {
      put: async (key, value) => {
        const body =
          value instanceof ReadableStream ? await new Response(value).arrayBuffer() : new Uint8Array(value)
        const reply = await replyOf(await send(key, { method: 'PUT', body }))
        if (!reply.ok) throw new WorkflowError(reply.code, reply.message)
      },
      get: async (key) => {
        const response = await send(key, {})
        if (response.status === 404) return null
        if (!response.ok) throw unanswered(`status ${response.status}`)
        const content = await response.arrayBuffer()
        return {
          size: content.byteLength,
          body: new Blob([content]).stream(),
          arrayBuffer: async () => content,
        }
      },
      head: () => Promise.reject(unanswered('nobody asks for it')),
    }
  }

  async #send(url: URL, { headers, ...init }: Sent): Promise<Response> {
    try {
      return await this.#fetch(url.href, { ...init, headers: { ...this.#headers, ...headers } })
    } catch (error) {
      throw unanswered(error instanceof Error ? error.message : String(error), error)
    }
  }
}

interface Sent extends RequestInit {
  headers?: Record<string, string>
}

/** Browsers iterate over no stream, and what stands in for `fetch` may have none that is read like theirs. */
async function* chunksOf(response: Response): AsyncGenerator<Uint8Array, void> {
  const reader = response.body?.getReader?.()
  if (!reader) {
    yield new Uint8Array(await response.arrayBuffer())
    return
  }
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
  } finally {
    void reader.cancel().catch(() => {}) // what is not read keeps its connection
  }
}

/** What stands before the scheduler may let no such request pass, now or in a moment, and those that it carries. */
async function refusalOfAll(response: Response): Promise<WorkflowError> {
  const { status } = response
  const told = refusalIn(await response.json().catch(() => undefined))
  if (told) return new WorkflowError(told.code, told.message)
  if (status >= 500 || PASSING.has(status)) return unanswered(`status ${status}`)
  return new WorkflowError('not_configured', `many calls in one request are refused: status ${status}`)
}

/** Of 4xx: Request Timeout, Too Early, Too Many Requests. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429])

/** Anything between here and the scheduler may answer in its place: what is no reply is asked for again. */
async function replyOf(response: Response): Promise<Reply<unknown>> {
  if (response.status === 204) return { ok: true, value: undefined }
  const told: unknown = await response.json().catch(() => undefined)
  const reply = response.ok && told !== undefined ? { ok: true as const, value: told } : refusalIn(told)
  if (reply) return reply
  throw unanswered(`status ${response.status}`)
}

/** The refusal that a problem is; null for what is none. */
export function refusalIn(problem: unknown): Refusal | null {
  const { type: _, title: __, status: ___, code, detail, error, ...facts } = fieldsOf(problem)
  if (!isText(code) || !isText(detail)) return null
  const told = { code: code as ErrorCode, message: detail } // one of a later release is passed on as well
  return {
    ok: false,
    ...told,
    facts,
    ...(error !== undefined && { error: error as unknown as SerializedError }),
  } // the problem's own
}

/** Those of any value. */
function fieldsOf(value: unknown): Record<string, Json> {
  return { ...(value as Record<string, Json>) } // spread takes what is no object, and it came as JSON
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** It may succeed in a moment. */
export function unanswered(what: string, cause?: unknown): WorkflowError {
  return new WorkflowError('overloaded', `the scheduler does not answer over HTTP: ${what}`, { cause })
}
