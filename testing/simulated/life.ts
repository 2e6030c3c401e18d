/** What is in memory, of an object or of a Worker, until it is lost. */
import type { Time } from '../../shared/time.ts'
import type { Faults, Party } from './faults.ts'
import type { Timeline } from './timeline.ts'

interface LifeWorld {
  readonly timeline: Timeline
  readonly faults: Faults
}

export class Life implements Party {
  readonly name: string
  lost = false
  /** From within the macrotask that loses it. */
  ending = false
  /** What it has written in that macrotask is. */
  kept = true
  readonly time: Time
  readonly loss = Promise.withResolvers<never>()
  readonly #timeline: Timeline
  readonly #over: () => void
  #acting = false

  constructor(name: string, { timeline, faults }: LifeWorld, over: () => void = () => {}) {
    this.name = name
    this.#timeline = timeline
    this.#over = over
    this.loss.promise.catch(() => {}) // nobody may be waiting for an answer
    this.time = {
      now: () => timeline.now() + faults.skewMs(name),
      after: (ms, then) =>
        timeline.after(ms, () => {
          if (this.lost) return
          faults.at('timer', this)
          then()
        }),
    }
  }

  /** Code of a user's has begun that may reach outside: what was written ahead of it in this macrotask is not undone. */
  acts(): void {
    this.#acting = true
    this.#timeline.next(() => (this.#acting = false))
  }

  lose(reason: string, kept = true): void {
    if (this.ending) return
    this.ending = true
    this.kept = kept || this.#acting
    this.#timeline.next(() => {
      this.#over()
      this.lost = true
      this.loss.reject(resetError(reason))
    })
  }
}

/** Whether whoever was to answer is gone. */
export const wasLost = (error: unknown): boolean => error instanceof Error && 'durableObjectReset' in error

function resetError(reason: string): Error {
  return Object.assign(new Error(reason), { retryable: true, durableObjectReset: true })
}
