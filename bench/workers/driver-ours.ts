/** Drives perdure with its own client, over a namespace binding to the scheduler Worker's objects. */
import { DurableObject } from 'cloudflare:workers'
import { WorkflowClient, type WorkflowHandle } from '../../shared/index.ts'
import { type Lane, type Measured, type Round, WORKLOADS } from '../figures.ts'
import { CROWD, Crowd, MEMORY } from './crowd.ts'
import { type Engine, answer, measure } from './driver.ts'
import type { Floor } from './floor.ts'
import { Together } from './together.ts'
import { CONSUMERS, type OurInput, definitions, go, sleeps, waits } from './workflows.ts'

interface Env {
  /** How many each namespace has. */
  SHARDS: string
  DRIVER: DurableObjectNamespace<Driver>
  SCHEDULER: DurableObjectNamespace
  FLOOR: DurableObjectNamespace<Floor>
  WORKFLOWS: Fetcher & {
    /** There when DEBUG_HOOKS is set. */
    stats(namespace: string, shard: number): Promise<{ rowsWritten: number; turns: number; steps: number }>
    evict(workflowId: string | undefined, namespace: string): Promise<void>
  }
}

const NAMESPACE = 'default'
/** A run is deleted at once when all its change events have been delivered; else the archiver does it, which is not here. */
const TOLD_AFTER_MS = 3_000
const LEAST_ROWS = 2
const POLL_MS = 100

export class Driver extends DurableObject<Env> {
  readonly #shards = Number(this.env.SHARDS)
  readonly #client = this.#clientOf(NAMESPACE)
  /** Other objects of the engine's class. */
  readonly #another = this.#clientOf('beside')
  readonly #crowd = new Crowd({ crowd: this.#clientOf(CROWD), memory: this.#clientOf(MEMORY) }, (namespace) =>
    this.env.WORKFLOWS.evict(undefined, namespace),
  )
  readonly #waiting = new Map<string, WorkflowHandle>()
  readonly #toDelete: WorkflowHandle[] = []

  #executed = 0
  /** Of the round. */
  #floor: { lane: Lane | null; steps: number } = { lane: null, steps: 0 }
  readonly #floorCalls = new Together(
    () => Promise.resolve(),
    async (ids) => {
      const { lane, steps } = this.#floor
      await this.env.FLOOR.getByName('floor').calls(ids, lane, steps)
      this.#floorCalls.done(ids)
    },
  )

  run(round: Round): Promise<Measured> {
    return measure(this.#engine(), round)
  }

  #clientOf(namespace: string): WorkflowClient {
    return new WorkflowClient(this.env.SCHEDULER, { namespace, shards: this.#shards })
  }

  #engine(): Engine {
    return {
      execute: (id, round) => this.#execute(id, round),
      startWaiting: async (id) => {
        const options = {
          workflowId: id,
          taskQueue: CONSUMERS[0].queue,
          input: { lane: null, consumer: 0, steps: 0 } as const,
        }
        this.#waiting.set(id, await this.#client.start(waits, options))
      },
      signal: async (id) => {
        const handle = this.#waiting.get(id)
        this.#waiting.delete(id)
        if (handle === undefined) throw new Error(`${id} was not started`)
        // The result is asked for first, as the other driver's run is waited for before its event is sent.
        await Promise.all([handle.result(), handle.signal(go)])
      },
      startSleeping: (ids, at) => this.#startSleeping(ids, at),
      own: this.#crowd,
      settle: () => this.#delete(this.#toDelete.splice(0)),
      rowsWritten: () => this.#rowsWritten(),
      callAnother: () => this.#another.count(),
    }
  }

  async #execute(id: string, { workload, lane }: Round): Promise<unknown> {
    const { program, steps } = WORKLOADS[workload]
    if (program === 'floor') {
      this.#floor = { lane, steps }
      return await this.#floorCalls.add(id)
    }
    if (program === 'sleeps' || program === 'remembers')
      throw new Error(`${workload} is not started one by one`)
    const consumer = this.#shards > 1 && this.#executed % 2 === 1 ? 1 : 0
    this.#executed += 1
    const input: OurInput = { lane, consumer, steps }
    const options = { workflowId: id, taskQueue: CONSUMERS[consumer].queue, input }
    if (workload !== 'rows' && workload !== 'rows-1')
      return await this.#client.execute(definitions[program], options)
    const handle = await this.#client.start(definitions[program], options)
    this.#toDelete.push(handle)
    return await handle.result()
  }

  /** What is archived is deleted from the shard likewise, row by row. */
  async #delete(handles: readonly WorkflowHandle[]): Promise<void> {
    if (handles.length === 0) return
    await pause(TOLD_AFTER_MS)
    const before = await this.#rowsWritten()
    for (const { workflowId, runId } of handles) await this.#client.delete(workflowId, runId)
    const deleted = (await this.#rowsWritten()) - before
    if (deleted < LEAST_ROWS) throw new Error(`${deleted} rows were deleted`)
  }

  async #rowsWritten(): Promise<number> {
    const shards = Array.from({ length: this.#shards }, (_, shard) =>
      this.env.WORKFLOWS.stats(NAMESPACE, shard),
    )
    return (await Promise.all(shards)).reduce((rows, stats) => rows + stats.rowsWritten, 0)
  }

  async #startSleeping(ids: readonly string[], until: number): Promise<{ lateness: Promise<number>[] }> {
    const items = ids.map((workflowId) => ({ workflowId, taskQueue: CONSUMERS[0].queue, input: { until } }))
    const { started, errors } = await this.#client.startBatch(sleeps, items)
    if (errors[0] !== undefined) throw errors[0].error
    const ended = this.#ended(ids.length, until)
    return { lateness: started.map((handle) => ended.then(() => handle.result())) }
  }

  /** Nobody waits for a run that sleeps: an answer to each would be most of what is measured. */
  async #ended(count: number, until: number): Promise<void> {
    const before = await this.#client.count({ status: 'completed' })
    await pause(until - Date.now())
    while ((await this.#client.count({ status: 'completed' })) < before + count) await pause(POLL_MS)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

export default {
  fetch: (request: Request, env: Env) =>
    answer(request, (round) => env.DRIVER.getByName('driver').run(round)),
  /** With `--cdc`: takes the change events, and drops them. */
  queue: (batch: MessageBatch) => batch.ackAll(),
}
