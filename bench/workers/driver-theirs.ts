/** Drives Cloudflare Workflows over a Workflow binding. */
import { DurableObject } from 'cloudflare:workers'
import type { Measured, Round } from '../figures.ts'
import { type Engine, answer, measure } from './driver.ts'
import type { TheirInput } from './theirs.ts'

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

  #engine(): Engine {
    const bench = this.env.BENCH
    return {
      execute: async (id, { workload }) => {
        const result = waitFor(this.#results, id)
        await bench.create({ id, params: { workload } })
        this.#last = [...this.#last.slice(1 - INSTANCES_TO_SETTLE), id]
        return result
      },
      startWaiting: async (id) => {
        const waiting = waitFor(this.#starts, id)
        this.#instances.set(id, await bench.create({ id, params: { workload: 'signal' } }))
        await waiting
      },
      signal: async (id) => {
        const result = waitFor(this.#results, id)
        // Not `bench.get(id)`: that reads the status first.
        await this.#instances.get(id)?.sendEvent({ type: 'go', payload: null })
        this.#instances.delete(id)
        await result
      },
      settle: () => settled(bench, this.#last),
      rowsWritten: () => Promise.resolve(null),
      callAnother: () => Promise.reject(new Error('busy is measured on perdure alone')),
    }
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
