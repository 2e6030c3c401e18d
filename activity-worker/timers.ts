import type { Time } from '../shared/time.ts'

interface Waiting {
  readonly at: number
  readonly ring: () => void
}

/** A time whose timers share one of the platform's: attempts of a call begin together, and most end long before theirs. */
export class Timers implements Time {
  readonly #time: Time
  readonly #waiting = new Set<Waiting>()
  #armedFor = Infinity
  #disarm: (() => void) | undefined

  constructor(time: Time) {
    this.#time = time
  }

  now(): number {
    return this.#time.now()
  }

  after(ms: number, ring: () => void): () => void {
    const waiting = { at: this.now() + ms, ring }
    this.#waiting.add(waiting)
    this.#arm(waiting.at)
    return () => {
      this.#waiting.delete(waiting)
      if (this.#waiting.size === 0) this.#stop()
    }
  }

  #arm(at: number): void {
    if (at >= this.#armedFor) return
    this.#stop()
    this.#armedFor = at
    this.#disarm = this.#time.after(Math.max(0, at - this.now()), () => this.#ring())
  }

  #stop(): void {
    this.#disarm?.()
    this.#disarm = undefined
    this.#armedFor = Infinity
  }

  /** By what the timer was set for, and not by the clock: that may have been set back. */
  #ring(): void {
    const reached = this.#armedFor
    this.#armedFor = Infinity
    const due = [...this.#waiting].filter(({ at }) => at <= reached)
    for (const one of due) if (this.#waiting.delete(one)) one.ring()
    let next = Infinity
    for (const { at } of this.#waiting) next = Math.min(next, at)
    this.#arm(next)
  }
}
