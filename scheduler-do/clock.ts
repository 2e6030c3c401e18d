/** The shard's clock. Tests move it ahead through the debug hook, so that time is advanced and never slept. */
export class Clock {
  #offsetMs: number

  constructor(offsetMs: number) {
    this.#offsetMs = offsetMs
  }

  now(): number {
    return Date.now() + this.#offsetMs
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
