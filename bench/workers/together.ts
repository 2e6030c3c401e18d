/** Work for many in one go: whoever comes before `ready` answers is worked on with the others. */
export class Together {
  readonly #ready: () => Promise<void>
  readonly #work: (ids: string[]) => Promise<void> | void
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>()
  #next: string[] = []

  /** `work` has ended for an id when `done` is told so; where it fails, it has for all. */
  constructor(ready: () => Promise<void>, work: (ids: string[]) => Promise<void> | void) {
    this.#ready = ready
    this.#work = work
  }

  /** Resolves when its id is done. */
  add(id: string): Promise<void> {
    const waiting = Promise.withResolvers<void>()
    this.#waiting.set(id, waiting)
    if (this.#next.push(id) === 1) void this.#begin()
    return waiting.promise
  }

  done(ids: readonly string[]): void {
    this.#end(ids, (waiting) => waiting.resolve())
  }

  async #begin(): Promise<void> {
    await this.#ready()
    const ids = this.#next.splice(0)
    try {
      await this.#work(ids)
    } catch (error) {
      this.#end(ids, (waiting) => waiting.reject(error))
    }
  }

  #end(ids: readonly string[], how: (waiting: PromiseWithResolvers<void>) => void): void {
    for (const id of ids) {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (waiting) how(waiting)
    }
  }
}
