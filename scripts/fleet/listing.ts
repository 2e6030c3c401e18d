/** What one page of `list`, and one `count`, ask of all the shards of a namespace: the client's own code. */
import { WorkflowClient } from '../../shared/client.ts'
import type { RunSummary } from '../../shared/description.ts'
import { newId } from '../../shared/ids.ts'
import type { ListRequest } from '../../shared/list.ts'
import { callMs } from './assumed.ts'
import { Clock } from './clock.ts'
import { Draws, quantile } from './draws.ts'

export interface Fanout {
  readonly shards: number
  /** Of a page. */
  readonly limit: number
  /** Calls of objects for it: each is a subrequest. */
  readonly calls: number
  /** Of all replies, as JSON. */
  readonly bytes: number
  readonly rows: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Calls for one count. */
  readonly countCalls: number
}

const PAGES = 100
const NOW = Date.UTC(2026, 0, 1)
const SECOND_MS = 1_000

interface Options {
  readonly shards: number
  readonly limit: number
  readonly asleep: number
  readonly seed: number
}

export async function fanoutOf({ shards, limit, asleep, seed }: Options): Promise<Fanout> {
  const namespace = new Shards({ shards, limit, asleep, seed })
  const client = new WorkflowClient(namespace, { shards })
  const { calls: countCalls } = await namespace.during(() => client.count())
  const { calls, bytes, value: page } = await namespace.during(() => client.list({ limit }))
  const draws = new Draws(seed)
  // The replies are asked for at once: a page is as slow as the slowest.
  const slowest = Array.from({ length: PAGES }, () => {
    let most = 0
    for (let shard = 0; shard < shards; shard += 1) most = Math.max(most, callMs(draws, asleep))
    return most
  })
  const [p50Ms, p99Ms] = [quantile(slowest, 0.5), quantile(slowest, 0.99)]
  return { shards, limit, calls, bytes, rows: page.length, p50Ms, p99Ms, countCalls }
}

/** A namespace whose runs begin one a second, wherever, and there is no end of them. */
class Shards {
  #calls = 0
  #bytes = 0
  readonly #clock = new Clock()
  readonly #draws: Draws
  readonly #options: Options

  constructor(options: Options) {
    this.#draws = new Draws(options.seed)
    this.#options = options
  }

  idFromName(name: string): string {
    return name
  }

  get(): unknown {
    return {
      list: ({ limit }: ListRequest) => this.#answer(this.#list(limit)),
      count: () => this.#answer({ count: 1 }),
    }
  }

  /** What `ask` takes. */
  async during<T>(ask: () => PromiseLike<T>): Promise<{ value: T; calls: number; bytes: number }> {
    this.#calls = 0
    this.#bytes = 0
    const asked = ask()
    await this.#clock.run()
    return { value: await asked, calls: this.#calls, bytes: this.#bytes }
  }

  #list(limit: number) {
    let at = NOW
    const runs = Array.from({ length: limit }, () => {
      at += Math.log(1 - this.#draws.next()) * SECOND_MS * this.#options.shards
      return runOf(Math.floor(at))
    })
    const last = runs.at(-1)
    return { runs, ...(last && { upTo: { at: last.startedAt, runId: last.runId } }) }
  }

  async #answer<T>(value: T): Promise<{ ok: true; value: T }> {
    this.#calls += 1
    await this.#clock.pause(callMs(this.#draws, this.#options.asleep))
    this.#bytes += JSON.stringify(value).length
    return { ok: true, value }
  }
}

function runOf(startedAt: number): RunSummary {
  const named = { workflowId: `order-${startedAt}`, workflowType: 'processOrder', taskQueue: 'default' }
  const facts = { tier: 'hot', version: 'v1', historyEvents: 20, historyBytes: 3_000 } as const
  const none = { memo: {}, searchAttributes: {} }
  return { ...named, ...facts, ...none, runId: newId(startedAt), status: 'running', startedAt }
}
