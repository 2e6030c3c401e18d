/**
 * Callers that hold a request open until a run closes or an update has ended. They live in memory only: a lost one asks
 * again. One timer serves all of a kind: nearly every caller waits equally long, and is answered long before.
 */
import type { Refusal, Reply, ResultReply } from '../shared/protocol.ts'
import type { Time } from '../shared/time.ts'
import type { UpdateReply } from '../shared/update.ts'
import { overloaded } from './admission.ts'

export class Waiters {
  /** By run id. */
  readonly results: Waits<ResultReply>
  /** By run id and update id. */
  readonly updates: Waits<Reply<UpdateReply>>

  constructor(time: Time) {
    this.results = new Waits(time)
    this.updates = new Waits(time)
  }

  /** Everybody asks again. */
  clear(): void {
    this.results.clear()
    this.updates.clear()
  }
}

interface Waiter<T> {
  readonly until: number
  tell(answer: T | null): void
}

/** However long a caller would wait. */
export const MAX_WAIT_MS = 25_000
const MAX_WAITERS = 10_000
const FULL = overloaded(`${MAX_WAITERS} callers wait in this shard`, 5_000)

export class Waits<T> {
  readonly #time: Time
  readonly #waiting = new Map<string, Set<Waiter<T>>>()
  #timerAt = Infinity
  #count = 0

  constructor(time: Time) {
    this.#time = time
  }

  /** Why nobody else can wait here now; null while there is room. */
  get refusal(): Refusal | null {
    return this.#count < MAX_WAITERS ? null : FULL
  }

  /** What is told under `key`, or null when nothing is within the time. */
  wait(key: string, waitMs: number): Promise<T | null> {
    const { promise, resolve } = Promise.withResolvers<T | null>()
    const tell = (answer: T | null): void => {
      this.#count -= 1
      resolve(answer)
    }
    this.#count += 1
    const waiter = { until: this.#time.now() + waitMs, tell }
    const waiting = this.#waiting.get(key)
    if (waiting) waiting.add(waiter)
    else this.#waiting.set(key, new Set([waiter]))
    this.#arm(waiter.until)
    return promise
  }

  tell(key: string, answer: T): void {
    const waiting = this.#waiting.get(key)
    if (!waiting) return
    this.#waiting.delete(key)
    for (const waiter of waiting) waiter.tell(answer)
  }

  clear(): void {
    for (const waiting of this.#waiting.values()) for (const waiter of waiting) waiter.tell(null)
    this.#waiting.clear()
  }

  /** A timer that is armed for an earlier moment looks again then. */
  #arm(at: number): void {
    if (at >= this.#timerAt) return
    this.#timerAt = at
    this.#time.after(Math.max(0, at - this.#time.now()), () => this.#expire(at))
  }

  #expire(armedFor: number): void {
    if (this.#timerAt === armedFor) this.#timerAt = Infinity
    const now = this.#time.now()
    let next = Infinity
    for (const [key, waiting] of this.#waiting) {
      for (const waiter of waiting) {
        if (waiter.until > now) next = Math.min(next, waiter.until)
        else if (waiting.delete(waiter)) waiter.tell(null)
      }
      if (waiting.size === 0) this.#waiting.delete(key)
    }
    if (next < Infinity) this.#arm(next)
  }
}
