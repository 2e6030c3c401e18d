/** p-retry, whose pauses are drawn and spent as it is told. */
import pRetry from 'p-retry'
import type { Options, RetryContext } from 'p-retry'
import type { Chance, Host } from './chance.ts'
import { pause } from './time.ts'

export interface Patience extends Pick<Options, 'retries' | 'signal' | 'onFailedAttempt'> {
  /** The first pause. */
  readonly minTimeout: number
  /** By which each pause is longer than the one before. */
  readonly factor: number
  readonly maxTimeout?: number
  /** Stretches each pause by up to its double, so that not all come back at once. */
  readonly randomize?: boolean
  readonly shouldRetry?: (context: RetryContext) => boolean
}

export function patiently<T>(work: () => Promise<T>, patience: Patience, { time, chance }: Host): Promise<T> {
  const { shouldRetry = () => true, minTimeout: _, maxTimeout: __, ...options } = patience
  return pRetry(work, {
    ...options,
    minTimeout: 0,
    shouldRetry: async (context) => {
      if (!shouldRetry(context)) return false
      await pause(time, pauseMs(patience, chance, context.retriesConsumed), patience.signal ?? undefined)
      return true
    },
  })
}

function pauseMs(
  { minTimeout, factor, maxTimeout = Infinity, randomize }: Patience,
  chance: Chance,
  before: number,
): number {
  const stretched = randomize === true ? 1 + chance.draw() : 1
  return Math.min(Math.round(stretched * minTimeout * factor ** before), maxTimeout)
}
