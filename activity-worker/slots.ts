/** Room for so many at a time; whoever comes when there is none waits, in order. */
export class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** Takes room at once, if there is any; `leave` gives it back. */
  enter(): boolean {
    if (this.#free <= 0) return false
    this.#free -= 1
    return true
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free += 1
  }

  async hold<T>(work: () => Promise<T>): Promise<T> {
    if (!this.enter()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      this.leave()
    }
  }
}
