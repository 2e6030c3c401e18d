/** The time of a simulation: what is due happens in the order of its time, then of its making. */
import { setImmediate } from 'node:timers/promises'
import { Heap } from '../../scheduler-do/heap.ts'
import type { Time } from '../../shared/time.ts'

interface Event {
  readonly key: string
  readonly at: number
  readonly number: number
  readonly happen: () => void
}

export class Clock implements Time {
  #now = 0
  #made = 0
  readonly #events = new Heap<Event>((one, other) => one.at - other.at || one.number - other.number)

  now(): number {
    return this.#now
  }

  after(ms: number, then: () => void): () => void {
    const number = (this.#made += 1)
    const key = String(number)
    this.#events.set({ key, at: this.#now + Math.max(0, ms), number, happen: then })
    return () => this.#events.delete(key)
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve)
    })
  }

  /** Until nothing is due any more. What an event resolves has run before the next one. */
  async run(): Promise<void> {
    do {
      this.#events.shift()?.happen()
      await setImmediate()
      this.#now = Math.max(this.#now, this.#events.first?.at ?? this.#now)
    } while (this.#events.size > 0)
  }
}
