import { watched } from './buckets.ts'
import { coldTier, source } from './passes.ts'

class Killed extends Error {}

const READS: ReadonlySet<string> = new Set(['R2 get', 'R2 head', 'R2 list'])

/**
 * Lets calls through up to the `point`th, which has its effect but gives no answer; from then on nothing has any effect,
 * as of a process that is no more. What a process leaves that dies before a call is what one leaves that dies after the
 * call before it. So reads from R2, which have no effect, are not counted.
 */
export class Killer {
  readonly #point: number
  #calls = 0
  #made = 0
  killedAt: string | null = null

  constructor(point: number) {
    this.#point = point
  }

  /** The first id is that of the lease's holder. */
  readonly newId = (): string => (this.#made++ === 0 ? 'killed' : crypto.randomUUID())

  world(prefix: string) {
    const bucket = watched((name, call) => this.#call(`R2 ${name}`, call))
    // A method of a stub is itself a stub: it is called where it is, never by `call` or `apply`.
    const verbs = source as unknown as Record<string, (request: unknown) => Promise<unknown>>
    const shards = new Proxy(source, {
      get: (_, name) => (request: unknown) => this.#call(String(name), () => verbs[String(name)]!(request)),
    })
    return { bucket, source: shards, cold: coldTier(bucket, prefix), newId: this.newId }
  }

  async #call(name: string, call: () => Promise<unknown>): Promise<unknown> {
    if (this.killedAt !== null) throw new Killed()
    if (READS.has(name) || ++this.#calls < this.#point) return await call()
    this.killedAt = name
    await call()
    throw new Killed()
  }
}
