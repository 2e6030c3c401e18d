/** Drives Cloudflare Workflows over a Workflow binding. */
import { DurableObject } from 'cloudflare:workers'
import { type Measured, type Round, WORKLOADS } from '../figures.ts'
import { type Engine, answer, measure } from './driver.ts'
import type { TheirInput } from './theirs.ts'

/** `createBatch` takes no more. */
const STARTS_AT_ONCE = 100

interface Env {
  DRIVER: DurableObjectNamespace<Driver>
  BENCH: Workflow<TheirInput>
}

interface Waiter {
  resolve(result: unknown): void
  reject(error: Error): void
}

const SETTLED = new Set(['complete', 'errored', 'terminated'])
const INSTANCES_TO_SETTLE = 10

export class Driver extends DurableObject<Env> {
  /** Who waits for a run to wait for its signal, and who for its result. */
  readonly #starts = new Map<string, Waiter>()
  readonly #results = new Map<string, Waiter>()
  readonly #instances = new Map<string, WorkflowInstance>()
  #last: string[] = []

  run(round: Round): Promise<Measured> {
    return measure(this.#engine(), round)
  }

  waiting(id: string): void {
    take(this.#starts, id)?.resolve(undefined)
  }

  done(id: string, result: unknown): void {
    take(this.#results, id)?.resolve(result)
  }

  failed(id: string, message: string): void {
    const error = new Error(`${id}: ${message}`)
    take(this.#starts, id)?.reject(error)
    take(this.#results, id)?.reject(error)
  }

  async executeChild(id: string): Promise<void> {
    await this.#execute(id, WORKLOADS['noop-1'])
  }

  #engine(): Engine {
    const bench = this.env.BENCH
    return {
      execute: (id, { workload }) => this.#execute(id, WORKLOADS[workload]),
      startWaiting: async (id) => {
        const waiting = waitFor(this.#starts, id)
        this.#instances.set(id, await bench.create({ id, params: WORKLOADS.signal }))
        await waiting
      },
      signal: async (id) => {
        const result = waitFor(this.#results, id)
        // Not `bench.get(id)`: that reads the status first.
        await this.#instances.get(id)?.sendEvent({ type: 'go', payload: null })
        this.#instances.delete(id)
        await result
      },
      startSleeping: (ids, at) => this.#startSleeping(ids, at),
      own: null,
      settle: () => settled(bench, this.#last),
      rowsWritten: () => Promise.resolve(null),
      callAnother: () => Promise.reject(new Error('busy is measured on perdure alone')),
    }
  }

  async #execute(id: string, input: TheirInput): Promise<unknown> {
    const result = waitFor(this.#results, id)
    await this.env.BENCH.create({ id, params: input })
    this.#last = [...this.#last.slice(1 - INSTANCES_TO_SETTLE), id]
    return await result
  }

  async #startSleeping(ids: readonly string[], until: number): Promise<{ lateness: Promise<number>[] }> {
    const lateness = ids.map((id) => waitFor(this.#results, id).then(Number))
    for (let from = 0; from < ids.length; from += STARTS_AT_ONCE) {
      const instances = ids
        .slice(from, from + STARTS_AT_ONCE)
        .map((id) => ({ id, params: { program: 'sleeps' as const, steps: 1, until } }))
      const { errors } = await this.env.BENCH.createBatch({ instances })
      if (errors[0] !== undefined) throw new Error(errors[0].message)
    }
    this.#last = ids.slice(-INSTANCES_TO_SETTLE)
    return { lateness }
  }
}

export default {
  fetch: (request: Request, env: Env) =>
    answer(request, (round) => env.DRIVER.getByName('driver').run(round)),
}

function waitFor(waiters: Map<string, Waiter>, id: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  waiters.set(id, { resolve, reject })
  return promise
}

function take(waiters: Map<string, Waiter>, id: string): Waiter | undefined {
  const waiter = waiters.get(id)
  waiters.delete(id)
  return waiter
}

/** A run reports before its engine has closed it; the next round should not pay for that. */
async function settled(bench: Workflow<TheirInput>, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const instance = await bench.get(id)
    while (!SETTLED.has((await instance.status()).status))
      await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
