/** The shard's clock. Tests move it ahead through the debug hook, so that time is advanced and never slept. */
import type { Time } from '../shared/time.ts'

export class Clock {
  readonly #time: Time
  #offsetMs: number

  constructor(time: Time, offsetMs: number) {
    this.#time = time
    this.#offsetMs = offsetMs
  }

  now(): number {
    return this.#time.now() + this.#offsetMs
  }

  /** Platform time of an instant of this clock. */
  platform(at: number): number {
    return at - this.#offsetMs
  }

  get offsetMs(): number {
    return this.#offsetMs
  }

  advance(ms: number): void {
    this.#offsetMs += ms
  }
}
