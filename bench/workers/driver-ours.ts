/** Drives perdure with its own client, over a namespace binding to the scheduler Worker's objects. */
import { DurableObject } from 'cloudflare:workers'
import { WorkflowClient, type WorkflowHandle } from '../../shared/index.ts'
import type { Measured, Round } from '../figures.ts'
import { type Engine, answer, measure } from './driver.ts'
import { TASK_QUEUE, definitions, go, waits } from './workflows.ts'

interface Env {
  DRIVER: DurableObjectNamespace<Driver>
  SCHEDULER: DurableObjectNamespace
  WORKFLOWS: Fetcher & {
    /** There when DEBUG_HOOKS is set. */
    stats(namespace: string, shard: number): Promise<{ rowsWritten: number; turns: number; steps: number }>
  }
}

const NAMESPACE = 'default'

export class Driver extends DurableObject<Env> {
  readonly #client = new WorkflowClient(this.env.SCHEDULER, { namespace: NAMESPACE, shards: 1 })
  /** Another shard object: the only one of another namespace. */
  readonly #another = new WorkflowClient(this.env.SCHEDULER, { namespace: 'beside', shards: 1 })
  readonly #waiting = new Map<string, WorkflowHandle>()

  run(round: Round): Promise<Measured> {
    return measure(this.#engine(), round)
  }

  #engine(): Engine {
    return {
      execute: async (id, { workload, lane }) => {
        const options = { workflowId: id, taskQueue: TASK_QUEUE, input: { lane } }
        return this.#client.execute(definitions[workload], options)
      },
      startWaiting: async (id) => {
        const options = { workflowId: id, taskQueue: TASK_QUEUE, input: { lane: null } }
        this.#waiting.set(id, await this.#client.start(waits, options))
      },
      signal: async (id) => {
        const handle = this.#waiting.get(id)
        this.#waiting.delete(id)
        if (handle === undefined) throw new Error(`${id} was not started`)
        // The result is asked for first, as the other driver's run is waited for before its event is sent.
        await Promise.all([handle.result(), handle.signal(go)])
      },
      settle: () => Promise.resolve(),
      rowsWritten: async () => (await this.env.WORKFLOWS.stats(NAMESPACE, 0)).rowsWritten,
      callAnother: () => this.#another.count(),
    }
  }
}

export default {
  fetch: (request: Request, env: Env) =>
    answer(request, (round) => env.DRIVER.getByName('driver').run(round)),
  /** With `--cdc`: takes the change events, and drops them. */
  queue: (batch: MessageBatch) => batch.ackAll(),
}
