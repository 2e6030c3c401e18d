/** How fast the turns of a shard go, what it has refused of late, and whether it refuses this. */
import { retryAfterMs, turnSize } from '../shared/core/admission.ts'
import type { Arriving, Load } from '../shared/core/admission.ts'
import type { Refusal } from '../shared/protocol.ts'

/** The share that the past keeps in the measure of a turn. */
const KEPT = 0.8
const SECOND_MS = 1_000

export class Admission {
  #ms = 0
  #jobs = 0
  #second = 0
  #refused = 0
  #refusedBefore = 0

  /** `jobs` have taken `ms`, from one turn to the next. */
  took(jobs: number, ms: number): void {
    this.#ms = this.#ms * KEPT + ms
    this.#jobs = this.#jobs * KEPT + jobs
  }

  /** How many jobs the next turn takes. */
  get turn(): number {
    return turnSize(this.#msPerJob)
  }

  refusal(
    load: Pick<Load, 'waiting' | 'bytes' | 'waitedMs'>,
    arriving: Arriving,
    now: number,
  ): Refusal | null {
    this.#tick(now)
    const refused = this.#refused + this.#refusedBefore
    const after = retryAfterMs({ ...load, refused, msPerJob: this.#msPerJob }, arriving)
    if (after === null) return null
    this.#refused += 1
    return overloaded(`${load.waiting} requests wait for their turn in this shard`, after)
  }

  get #msPerJob(): number {
    return this.#jobs === 0 ? 0 : this.#ms / this.#jobs
  }

  #tick(now: number): void {
    const second = Math.floor(now / SECOND_MS)
    if (second === this.#second) return
    this.#refusedBefore = second === this.#second + 1 ? this.#refused : 0
    this.#refused = 0
    this.#second = second
  }
}

export function overloaded(why: string, afterMs: number): Refusal {
  const message = `${why}: ask again in ${afterMs} ms`
  return { ok: false, code: 'overloaded', message, facts: { retryAfterMs: afterMs } }
}
