/** The scheduler over HTTP: its verbs for activities, and the objects of large payloads. */
import type { Bucket } from '../shared/bucket.ts'
import { HttpApi, unanswered } from '../shared/http.ts'
import type { HttpConnection } from '../shared/http.ts'
import type { RenewReply, RenewRequest, Reply, SettleReply, SettleRequest } from '../shared/protocol.ts'
import type { Poll, PulledTask } from '../shared/pull.ts'
import type { SchedulerRpc } from './scheduler.ts'

export class HttpScheduler implements Pick<SchedulerRpc, 'renew' | 'settle'> {
  readonly #api: HttpApi
  readonly #path: string

  constructor(connection: HttpConnection, taskQueue: string) {
    this.#api = new HttpApi(connection)
    this.#path = `task-queues/${encodeURIComponent(taskQueue)}`
  }

  poll(poll: Poll, signal?: AbortSignal): Promise<Reply<PulledTask[]>> {
    return this.#ask('poll', poll, signal)
  }

  renew(request: RenewRequest): Promise<Reply<RenewReply[]>> {
    return this.#ask('renew', request)
  }

  settle(request: SettleRequest): Promise<Reply<SettleReply[]>> {
    return this.#ask('settle', request)
  }

  /** Payloads above 128 KiB, which the scheduler Worker reads and writes. */
  get bucket(): Bucket {
    return this.#api.bucket
  }

  /** Each answers a list: anything else comes of something in between, and is asked for again. */
  async #ask<T>(verb: string, body: object, signal?: AbortSignal): Promise<Reply<T[]>> {
    const reply = await this.#api.ask<T[]>('POST', `${this.#path}/${verb}`, { body, signal })
    if (reply.ok && !Array.isArray(reply.value)) throw unanswered('no list')
    return reply
  }
}
