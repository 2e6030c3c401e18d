/** Callers that hold a request open until a run closes. They live in memory only: a lost one asks again. */
import type { ResultReply } from '../shared/protocol.ts'

type Told = (result: ResultReply | null) => void

export class Waiters {
  readonly #waiting = new Map<string, Set<Told>>()

  /** How the run closed, or null when it has not within the time. */
  wait(runId: string, waitMs: number): Promise<ResultReply | null> {
    const { promise, resolve } = Promise.withResolvers<ResultReply | null>()
    const told: Told = (result) => {
      clearTimeout(timer)
      const others = this.#waiting.get(runId)
      others?.delete(told)
      if (others?.size === 0) this.#waiting.delete(runId)
      resolve(result)
    }
    const timer = setTimeout(told, waitMs, null)
    const waiting = this.#waiting.get(runId)
    if (waiting) waiting.add(told)
    else this.#waiting.set(runId, new Set([told]))
    return promise
  }

  closed(runId: string, result: ResultReply): void {
    for (const told of this.#waiting.get(runId) ?? []) told(result)
  }

  /** Everybody asks again. */
  clear(): void {
    for (const waiting of this.#waiting.values()) for (const told of waiting) told(null)
  }
}
