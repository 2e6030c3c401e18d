/** Work that is tried again after a pause, spent in the time that it is given. */
import { pause } from './time.ts'
import type { Time } from './time.ts'

export interface Patience {
  /** Attempts after the first. */
  readonly retries: number
  /** The first pause. */
  readonly minTimeout: number
  /** By which each pause is longer than the one before. */
  readonly factor: number
  readonly maxTimeout?: number
  /** Stretches each pause by up to its double, so that not all come back at once. */
  readonly randomize?: boolean
  /** Ends it with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  readonly shouldRetry?: (failure: FailedAttempt) => boolean
  /** Whether the attempt that follows is one of `retries`. */
  readonly shouldConsumeRetry?: (failure: FailedAttempt) => boolean
  readonly onFailedAttempt?: (failure: FailedAttempt) => void
}

export interface FailedAttempt {
  readonly error: Error
  /** From 1. */
  readonly attemptNumber: number
  /** When the attempt began, epoch ms. */
  readonly startedAt: number
}

export async function patiently<T>(work: () => Promise<T>, patience: Patience, time: Time): Promise<T> {
  const { signal, retries, shouldRetry = always, shouldConsumeRetry = always } = patience
  let consumed = 0
  for (let attemptNumber = 1; ; attemptNumber += 1) {
    signal?.throwIfAborted()
    const startedAt = time.now()
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Error)) throw error
      const failed = { error, attemptNumber, startedAt }
      patience.onFailedAttempt?.(failed)
      const counts = shouldConsumeRetry(failed)
      if ((counts && consumed === retries) || !shouldRetry(failed)) throw error
      await pause(time, pauseMs(patience, consumed), signal)
      if (counts) consumed += 1
    }
  }
}

function always(): boolean {
  return true
}

function pauseMs({ minTimeout, factor, maxTimeout = Infinity, randomize }: Patience, before: number): number {
  const stretched = randomize === true ? 1 + Math.random() : 1
  return Math.min(Math.round(stretched * minTimeout * factor ** before), maxTimeout)
}
