/** A shard with very many sleeping runs, and one whose only run has a long history: how soon they answer. */
import type { ListFilter, WorkflowClient } from '../../shared/index.ts'
import type { Round } from '../figures.ts'
import type { OwnEngine } from './driver.ts'
import { CONSUMERS, remembers, sleeps, stepsDone, waits } from './workflows.ts'

export const CROWD = 'crowd'
export const MEMORY = 'memory'

const PAGE = 50
const STARTS_AT_ONCE = 1_000
/** One run in so many is of the type that the filtered list asks for. */
const ONE_IN = 100
const MONTH_MS = 30 * 86_400_000
const POLL_MS = 100
const EVENTS_PER_STEP = 2

export class Crowd implements OwnEngine {
  readonly #crowd: WorkflowClient
  readonly #memory: WorkflowClient
  readonly #evict: (namespace: string) => Promise<void>
  #filled: Promise<void> | null = null
  #remembering: Promise<string> | null = null
  /** Where the next page of a list begins. */
  readonly #cursors = new Map<Round['workload'], string>()

  constructor(
    clients: { crowd: WorkflowClient; memory: WorkflowClient },
    evict: (namespace: string) => Promise<void>,
  ) {
    this.#crowd = clients.crowd
    this.#memory = clients.memory
    this.#evict = evict
  }

  async answer(round: Round): Promise<number> {
    if (round.workload === 'replay') return await this.#replayed(5_000)
    await (this.#filled ??= fill(this.#crowd, round.crowd))
    if (round.workload === 'cold-start')
      return await this.#afterEviction(CROWD, () => this.#crowd.describe('crowd-0'))
    return await this.#page(round.workload)
  }

  /** Pages follow one another to the end of the list, then begin anew. */
  async #page(workload: Round['workload']): Promise<number> {
    const cursor = this.#cursors.get(workload)
    const filter: ListFilter = { limit: PAGE, ...(cursor !== undefined && { cursor }) }
    if (workload === 'list-filtered') Object.assign(filter, { workflowType: waits.name, status: 'running' })
    const at = Date.now()
    const page = await this.#crowd.list(filter)
    const ms = Date.now() - at
    if (page.length === 0) throw new Error('a page of the list is empty')
    if (page.nextCursor === undefined) this.#cursors.delete(workload)
    else this.#cursors.set(workload, page.nextCursor)
    return ms
  }

  /** The whole history is fed again before the query is answered. */
  async #replayed(steps: number): Promise<number> {
    const id = await (this.#remembering ??= remembering(this.#memory, steps))
    return await this.#afterEviction(MEMORY, async () => {
      const done = await this.#memory.getHandle(id).query(stepsDone)
      if (done !== steps) throw new Error(`the run answers ${done} steps, not ${steps}`)
    })
  }

  /** The hook that gives up the shard's memory has woken it when it returns: it is in the time. */
  async #afterEviction(namespace: string, ask: () => Promise<unknown>): Promise<number> {
    const at = Date.now()
    await this.#evict(namespace)
    await ask()
    return Date.now() - at
  }
}

async function fill(client: WorkflowClient, count: number): Promise<void> {
  const until = Date.now() + MONTH_MS
  for (let from = 0; from < count; from += STARTS_AT_ONCE) {
    const numbers = Array.from({ length: Math.min(STARTS_AT_ONCE, count - from) }, (_, n) => from + n)
    const sleeping = numbers.filter((n) => n % ONE_IN !== 1)
    const waiting = numbers.filter((n) => n % ONE_IN === 1)
    const batches = await Promise.all([
      client.startBatch(
        sleeps,
        sleeping.map((n) => ({ ...inCrowd(n), input: { until } })),
      ),
      client.startBatch(
        waits,
        waiting.map((n) => ({ ...inCrowd(n), input: { lane: null, consumer: 0, steps: 0 } as const })),
      ),
    ])
    for (const { errors } of batches) if (errors[0] !== undefined) throw errors[0].error
  }
}

function inCrowd(n: number): { workflowId: string; taskQueue: string } {
  return { workflowId: `crowd-${n}`, taskQueue: CONSUMERS[0].queue }
}

/** Answers the id of a run once all its steps are done. */
async function remembering(client: WorkflowClient, steps: number): Promise<string> {
  const options = {
    workflowId: 'remembers',
    taskQueue: CONSUMERS[0].queue,
    input: { lane: 'inline', consumer: 0, steps } as const,
  }
  const handle = await client.start(remembers, options)
  while ((await handle.query(stepsDone)) < steps) await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  const { historyEvents } = await handle.describe()
  if (historyEvents < EVENTS_PER_STEP * steps) throw new Error(`${steps} steps have ${historyEvents} events`)
  return handle.workflowId
}
