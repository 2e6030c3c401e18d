/** Work beside the turns that rows ask for: tried until it succeeds, with growing pauses. A wake begins it anew from the rows. */
import type { Host } from '../shared/chance.ts'
import { patiently } from '../shared/patience.ts'
import type { Patience } from '../shared/patience.ts'
import { errorFacts, log } from './log.ts'

const PAUSES = { retries: Infinity, minTimeout: 20, factor: 2, maxTimeout: 30_000 }
/** What fails less often is part of the normal run of things: the other side is not ready yet. */
const FAILURES_WORTH_A_WORD = 5

export class Errands {
  readonly #host: Host
  readonly #open = new Map<string, Promise<void>>()
  readonly #stopping = new AbortController()

  constructor(host: Host) {
    this.#host = host
  }

  get idle(): boolean {
    return this.#open.size === 0
  }

  has(key: string): boolean {
    return this.#open.has(key)
  }

  /** Begins the work, unless it is under way. */
  begin(key: string, work: () => Promise<void>): void {
    if (this.#open.has(key) || this.#stopping.signal.aborted) return
    const patience: Patience = {
      ...PAUSES,
      signal: this.#stopping.signal,
      onFailedAttempt: ({ error, attemptNumber }) => {
        if (attemptNumber >= FAILURES_WORTH_A_WORD) log('errand_failed', { key, ...errorFacts(error) })
      },
    }
    const done = patiently(work, patience, this.#host).finally(() => this.#open.delete(key))
    done.catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) log('errand_given_up', { key, ...errorFacts(error) })
    })
    this.#open.set(key, done)
  }

  /** Whether the work is done within `ms`, or is not under way. */
  async doneWithin(key: string, ms: number): Promise<boolean> {
    const done = this.#open.get(key)
    if (!done) return true
    const { promise: late, resolve } = Promise.withResolvers<boolean>()
    const cancel = this.#host.time.after(ms, () => resolve(false))
    const ended = done.then(
      () => true,
      () => false, // the shard was dropped from memory
    )
    return await Promise.race([ended, late]).finally(cancel)
  }

  /** Nothing is tried again. */
  stop(): void {
    this.#stopping.abort(new Error('the shard was dropped from memory'))
  }
}
