/** Callers that hold a request open until a run closes. They live in memory only: a lost one asks again. */
export class Waiters {
  readonly #waiting = new Map<string, Set<() => void>>()

  /** True when the run closed within the time. */
  wait(runId: string, waitMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const closed = (): void => done(true)
    const timer = setTimeout(() => done(false), waitMs)
    const done = (result: boolean): void => {
      clearTimeout(timer)
      const others = this.#waiting.get(runId)
      others?.delete(closed)
      if (others?.size === 0) this.#waiting.delete(runId)
      resolve(result)
    }
    const waiting = this.#waiting.get(runId)
    if (waiting) waiting.add(closed)
    else this.#waiting.set(runId, new Set([closed]))
    return promise
  }

  clear(): void {
    for (const runId of this.#waiting.keys()) this.closed(runId)
  }

  closed(runId: string): void {
    for (const tell of this.#waiting.get(runId) ?? []) tell()
  }
}
