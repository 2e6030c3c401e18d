/** Bounds the bytes that are in memory at the same time: who comes late waits, in order. */
export class Gate {
  readonly #limit: number
  #used = 0
  readonly #waiting: { bytes: number; enter: () => void }[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  /** How many wait for room. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** `work`, once there is room for `bytes`; more than there ever is has the room for itself. */
  async hold<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const taken = Math.min(bytes, this.#limit)
    if (this.#waiting.length > 0 || this.#used + taken > this.#limit) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#waiting.push({ bytes: taken, enter: resolve })
      await promise
    } else this.#used += taken
    try {
      return await work()
    } finally {
      this.#used -= taken
      this.#admit()
    }
  }

  #admit(): void {
    let next = this.#waiting[0]
    while (next && this.#used + next.bytes <= this.#limit) {
      this.#waiting.shift()
      this.#used += next.bytes
      next.enter()
      ;[next] = this.#waiting
    }
  }
}
