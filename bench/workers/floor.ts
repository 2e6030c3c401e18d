/**
 * What no engine on this platform can do without: a call to another Worker's object, answered when one row for each of
 * its steps is on disk, together with everybody's who came meanwhile, a step after the other. Before its row a step of
 * the lane `eager` is a call to the Worker that would do it, of the lane `queue` a message to a Queue and the call of its
 * consumer; both for all steps that wait. No history, no replay, no retry.
 */
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers'
import type { Lane } from '../figures.ts'

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
  readonly #calls = this.#together((ids) => {
    void this.env.FLOOR_WORKER.work(ids).then(() => this.#calls.done(ids))
  })
  readonly #messages = this.#together((ids) => {
    for (const part of parts(ids, MESSAGES_PER_BATCH))
      void this.env.FLOOR_QUEUE.sendBatch(part.map((body) => ({ body })))
  })

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    ctx.storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS calls (id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID',
    )
  }

  async call(id: string, lane: Lane | null, steps: number): Promise<number> {
    for (let n = 1; n <= steps; n += 1) {
      const step = `${id}/${n}`
      if (lane === 'eager') await this.#calls.add(step)
      if (lane === 'queue') await this.#messages.add(step)
      await this.#rows.add(step)
    }
    return Date.now()
  }

  consumed(ids: readonly string[]): void {
    this.#messages.done(ids)
  }

  #together(work: (ids: string[]) => void): Together {
    return new Together(() => this.ctx.storage.sync(), work)
  }

  #insert(ids: readonly string[]): void {
    const at = Date.now()
    const values = ids.map(() => '(?, ?)').join()
    this.ctx.storage.sql.exec(`INSERT INTO calls (id, at) VALUES ${values}`, ...ids.flatMap((id) => [id, at]))
  }
}

/** Whoever comes before `ready` answers is worked on with the others. */
class Together {
  readonly #ready: () => Promise<void>
  readonly #work: (ids: string[]) => void
  readonly #waiting = new Map<string, () => void>()
  #next: string[] = []

  constructor(ready: () => Promise<void>, work: (ids: string[]) => void) {
    this.#ready = ready
    this.#work = work
  }

  /** Resolves when its id is done. */
  add(id: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.set(id, resolve)
    if (this.#next.push(id) === 1) void this.#ready().then(() => this.#work(this.#next.splice(0)))
    return promise
  }

  done(ids: readonly string[]): void {
    for (const id of ids) {
      this.#waiting.get(id)?.()
      this.#waiting.delete(id)
    }
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
