/**
 * Callers that hold a request open until a run closes. They live in memory only: a lost one asks again. One timer serves
 * them all: nearly every caller waits equally long, and is answered long before.
 */
import type { ResultReply } from '../shared/protocol.ts'
import type { Time } from '../shared/time.ts'

interface Waiter {
  readonly until: number
  tell(result: ResultReply | null): void
}

export class Waiters {
  readonly #time: Time
  readonly #waiting = new Map<string, Set<Waiter>>()
  #timerAt = Infinity

  constructor(time: Time) {
    this.#time = time
  }

  /** How the run closed, or null when it has not within the time. */
  wait(runId: string, waitMs: number): Promise<ResultReply | null> {
    const { promise, resolve } = Promise.withResolvers<ResultReply | null>()
    const waiter = { until: this.#time.now() + waitMs, tell: resolve }
    const waiting = this.#waiting.get(runId)
    if (waiting) waiting.add(waiter)
    else this.#waiting.set(runId, new Set([waiter]))
    this.#arm(waiter.until)
    return promise
  }

  closed(runId: string, result: ResultReply): void {
    const waiting = this.#waiting.get(runId)
    if (!waiting) return
    this.#waiting.delete(runId)
    for (const waiter of waiting) waiter.tell(result)
  }

  /** Everybody asks again. */
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
    for (const [runId, waiting] of this.#waiting) {
      for (const waiter of waiting) {
        if (waiter.until > now) next = Math.min(next, waiter.until)
        else if (waiting.delete(waiter)) waiter.tell(null)
      }
      if (waiting.size === 0) this.#waiting.delete(runId)
    }
    if (next < Infinity) this.#arm(next)
  }
}
