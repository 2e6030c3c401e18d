/** The scheduler over HTTP: its verbs for activities, and the objects of large payloads. */
import type { Bucket } from '../shared/bucket.ts'
import { WorkflowError } from '../shared/errors.ts'
import { invalid } from '../shared/names.ts'
import type { RenewReply, RenewRequest, Reply, SettleReply, SettleRequest } from '../shared/protocol.ts'
import type { HttpConnection, Poll, PulledTask } from '../shared/pull.ts'
import type { SchedulerRpc } from './scheduler.ts'

export class HttpScheduler implements Pick<SchedulerRpc, 'renew' | 'settle'> {
  readonly #url: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #fetch: typeof fetch
  readonly #taskQueue: string

  constructor({ url, token, fetch: own }: HttpConnection, taskQueue: string) {
    if (!URL.canParse(url)) throw invalid('url', 'the URL of the scheduler Worker', url)
    if (token === '') throw invalid('token', "the scheduler's API_TOKEN", token)
    this.#url = new URL('/api/', url).href
    this.#headers = { authorization: `Bearer ${token}` }
    this.#fetch = own ?? ((...given) => fetch(...given))
    this.#taskQueue = encodeURIComponent(taskQueue)
  }

  poll(poll: Poll, signal?: AbortSignal): Promise<Reply<PulledTask[]>> {
    return this.#post('poll', poll, signal)
  }

  renew(request: RenewRequest): Promise<Reply<RenewReply[]>> {
    return this.#post('renew', request)
  }

  settle(request: SettleRequest): Promise<Reply<SettleReply[]>> {
    return this.#post('settle', request)
  }

  /** Payloads above 128 KiB, which the scheduler Worker reads and writes. */
  get bucket(): Bucket {
    return {
      put: async (key, value) => {
        const body =
          value instanceof ReadableStream ? await new Response(value).arrayBuffer() : new Uint8Array(value)
        const response = await this.#ask(`payloads/${key}`, { method: 'PUT', body })
        await replyOf(response)
      },
      get: async (key) => {
        const response = await this.#ask(`payloads/${key}`, {})
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

  async #post<T>(verb: string, body: object, signal?: AbortSignal): Promise<Reply<T>> {
    const init = { method: 'POST', body: JSON.stringify(body), ...(signal && { signal }) }
    const response = await this.#ask(`task-queues/${this.#taskQueue}/${verb}`, init)
    return (await replyOf(response)) as Reply<T> // the verb's own
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#fetch(`${this.#url}${path}`, { ...init, headers: this.#headers })
    } catch (error) {
      throw unanswered(error instanceof Error ? error.message : String(error), error)
    }
  }
}

/** Anything between here and the scheduler may answer in its place: what is no reply is asked for again. */
async function replyOf(response: Response): Promise<Reply<unknown>> {
  const reply: unknown = await response.json().catch(() => null)
  if (isReply(reply)) return reply
  throw unanswered(`status ${response.status}`)
}

function isReply(reply: unknown): reply is Reply<unknown> {
  const { ok, code, message, facts = {} }: Record<string, unknown> = { ...(reply as object) } // spread takes any value
  if (ok === true) return true
  return ok === false && isText(code) && isText(message) && typeof facts === 'object' && facts !== null
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function unanswered(what: string, cause?: unknown): WorkflowError {
  return new WorkflowError('overloaded', `the scheduler does not answer over HTTP: ${what}`, { cause })
}
