/**
 * The shards of an engine in another process, as a client's binding would reach them. Requests that are made in the same
 * moment cross in one message, since the engine's thread would spend more on messages than on requests.
 */
import type { EngineNamespace } from '../../shared/connection.ts'
import type { ShardAddress, ShardApi } from '../../shared/protocol.ts'
import type { Answered, Asked } from './figures.ts'

type Stub = ShardApi & {
  /** There when DEBUG_HOOKS is set. */
  stats(to: ShardAddress): Promise<{ waiting: number }>
}

export class Door implements EngineNamespace {
  readonly #socket: WebSocket
  readonly #open = new Map<number, PromiseWithResolvers<unknown>>()
  #unsent: Asked[] = []
  #asked = 0
  /** Starts that have been asked for. */
  starts = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => this.#answered(JSON.parse(String(data))))
    socket.addEventListener('close', () => this.#closed())
  }

  static async open(url: string): Promise<Door> {
    return new Door(await connected(url))
  }

  close(): void {
    this.#socket.close()
  }

  idFromName(name: string): string {
    return name
  }

  get(shard: string): Stub {
    const verbs = new Proxy(
      {},
      {
        get:
          (_, verb: string) =>
          (...args: unknown[]) =>
            verb === 'together' ? refused() : this.#ask(shard, verb, args),
      },
    )
    return verbs as Stub // the Worker behind the door calls the method of that name
  }

  #ask(shard: string, verb: string, args: readonly unknown[]): Promise<unknown> {
    const number = (this.#asked += 1)
    if (this.#unsent.push({ number, shard, verb, args }) === 1) setImmediate(() => this.#send())
    if (verb === 'start') this.starts += 1
    const answer = Promise.withResolvers<unknown>()
    this.#open.set(number, answer)
    return answer.promise
  }

  #send(): void {
    this.#socket.send(JSON.stringify(this.#unsent))
    this.#unsent = []
  }

  #answered(answers: readonly Answered[]): void {
    for (const { number, thrown, reply } of answers) {
      const answer = this.#open.get(number)
      this.#open.delete(number)
      if (thrown === undefined) answer?.resolve(reply)
      else answer?.reject(new Error(thrown))
    }
  }

  #closed(): void {
    for (const answer of this.#open.values()) answer.reject(new Error('the engine has hung up'))
    this.#open.clear()
  }
}

/** A message carries no function for the answers to come back by: each request goes alone, and counts as one. */
function refused(): Promise<never> {
  return Promise.reject(new Error('the door takes requests one by one'))
}

function connected(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'))
  const { promise, resolve, reject } = Promise.withResolvers<WebSocket>()
  socket.addEventListener('open', () => resolve(socket))
  socket.addEventListener('error', () => reject(new Error(`no WebSocket at ${url}`)))
  return promise
}
