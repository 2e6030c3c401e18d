/**
 * What no engine on this platform can do without: a call to another Worker's object, shared by all that ask in the same
 * moment, answered when one row for each of its steps is on disk, together with everybody's who came meanwhile, a step after the other. Before its row a step of
 * the lane `eager` is a call to the Worker that would do it, of the lane `queue` a message to a Queue and the call of its
 * consumer; both for all steps that wait. No history, no replay, no retry.
 */
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers'
import type { Lane } from '../figures.ts'
import { Together } from './together.ts'

interface Env {
  FLOOR: DurableObjectNamespace<Floor>
  FLOOR_QUEUE: Queue<string>
  FLOOR_WORKER: Service<FloorWorker>
}

/** Of two parameters each: the platform binds a hundred. */
const ROWS_PER_STATEMENT = 50
const MESSAGES_PER_BATCH = 100

export class Floor extends DurableObject<Env> {
  readonly #rows = this.#together((ids) => {
    this.ctx.storage.transactionSync(() =>
      parts(ids, ROWS_PER_STATEMENT).forEach((part) => this.#insert(part)),
    )
    this.#rows.done(ids)
  })
  readonly #calls = this.#together(async (ids) => {
    await this.env.FLOOR_WORKER.work(ids)
    this.#calls.done(ids)
  })
  readonly #messages = this.#together(async (ids) => {
    const batches = parts(ids, MESSAGES_PER_BATCH).map((part) => part.map((body) => ({ body })))
    await Promise.all(batches.map((batch) => this.env.FLOOR_QUEUE.sendBatch(batch)))
  })

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    ctx.storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS calls (id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID',
    )
  }

  async calls(ids: readonly string[], lane: Lane | null, steps: number): Promise<void> {
    await Promise.all(ids.map((id) => this.#call(id, lane, steps)))
  }

  async #call(id: string, lane: Lane | null, steps: number): Promise<void> {
    for (let n = 1; n <= steps; n += 1) {
      const step = `${id}/${n}`
      if (lane === 'eager') await this.#calls.add(step)
      if (lane === 'queue') await this.#messages.add(step)
      await this.#rows.add(step)
    }
  }

  consumed(ids: readonly string[]): void {
    this.#messages.done(ids)
  }

  #together(work: (ids: string[]) => Promise<void> | void): Together {
    return new Together(() => this.ctx.storage.sync(), work)
  }

  #insert(ids: readonly string[]): void {
    const at = Date.now()
    const values = ids.map(() => '(?, ?)').join()
    this.ctx.storage.sql.exec(`INSERT INTO calls (id, at) VALUES ${values}`, ...ids.flatMap((id) => [id, at]))
  }
}

export class FloorWorker extends WorkerEntrypoint {
  work(ids: readonly string[]): number {
    return ids.length
  }
}

function parts(ids: readonly string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(ids.length / size) }, (_, part) =>
    ids.slice(part * size, (part + 1) * size),
  )
}

export default {
  fetch: () => new Response('the driver calls the object'),
  queue: async (batch: MessageBatch<string>, env: Env) => {
    await env.FLOOR.getByName('floor').consumed(batch.messages.map(({ body }) => body))
    batch.ackAll()
  },
}
