/** Doing something again until it succeeds, with growing pauses that are spent in the time that is given. */
import { pause } from './time.ts'
import type { Time } from './time.ts'

export interface Patience {
  /** How often it is done again, at most. */
  readonly retries: number
  /** The first pause, in ms. */
  readonly minTimeout: number
  /** By which each pause is longer than the one before. */
  readonly factor: number
  /** The longest pause, in ms; without one pauses grow for ever. */
  readonly maxTimeout?: number
  /** Stretches each pause by up to its double, so that not all come back at once. */
  readonly randomize?: boolean
  /** Ends it, with the signal's reason. */
  readonly signal?: AbortSignal
  /** Whether to do it again after this failure: always, by default. */
  readonly shouldRetry?: (error: Error) => boolean
  /** Whether the failure is one of `retries`: always, by default. */
  readonly counts?: () => boolean
  /** Told of every failure; `failures` counts it. */
  readonly onFailure?: (error: Error, failures: number) => void
}

/** What `work` gives at last, or the error after which it is not done again. */
export async function patiently<T>(work: () => Promise<T>, patience: Patience, time: Time): Promise<T> {
  const { retries, signal, shouldRetry, counts, onFailure } = patience
  let counted = 0
  for (let failures = 1; ; failures += 1) {
    signal?.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof Error)) throw error
      onFailure?.(error, failures)
      const before = counted
      if (counts?.() !== false) counted += 1
      if (counted > retries || shouldRetry?.(error) === false) throw error
      await pause(time, pauseMs(patience, before), signal)
    }
  }
}

function pauseMs({ minTimeout, factor, maxTimeout = Infinity, randomize }: Patience, before: number): number {
  const stretched = randomize === true ? 1 + Math.random() : 1
  return Math.min(Math.round(stretched * minTimeout * factor ** before), maxTimeout)
}
