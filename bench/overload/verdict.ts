/** What the figures of an overload must show. */
import type { Figures } from './figures.ts'

/** Of what was to be offered; the last tick may be missing. */
const ENOUGH = 0.98
const LATEST_TIMER_MS = 5_000
const RECOVERS_WITHIN_MS = 10_000
const MOST_WAITING = 10_000
/** Of the engine. */
const MOST_RSS_MIB = 2_048

export interface Verdict {
  says: string
  ok: boolean
}

export function verdicts(figures: Figures & { peakRssMiB: number | null }): Verdict[] {
  const { offered, accepted, refused, failed, runs, peakRssMiB } = figures
  const total = Object.values(runs).reduce((sum, count) => sum + count, 0)
  const { completed = 0 } = runs
  return [
    {
      says: `${figures.offeredPerSecond} starts a second were offered, ${figures.times} times the ${figures.capacityPerSecond} that the shard can do`,
      ok: figures.offeredPerSecond >= figures.capacityPerSecond * figures.times * ENOUGH,
    },
    {
      says: `the ${accepted} of ${offered} that were accepted have completed: ${JSON.stringify(runs)}`,
      ok: completed === accepted,
    },
    { says: `the ${refused} refused have left nothing behind`, ok: refused > 0 && total === accepted },
    {
      says: `each refusal is overloaded and says when to come back; others: ${JSON.stringify(failed)}`,
      ok: Object.keys(failed).length === 0 && accepted + refused === offered,
    },
    {
      says: `the latest of ${figures.timers} timers was late by ${figures.latestTimerMs} ms`,
      ok: figures.timers > 0 && figures.latestTimerMs <= LATEST_TIMER_MS,
    },
    {
      says: `a run takes ${figures.quietP50Ms} ms again ${figures.recoveredMs} ms after the load`,
      ok: figures.recoveredMs <= RECOVERS_WITHIN_MS,
    },
    {
      says: `at most ${figures.peakWaiting} requests waited, in ${peakRssMiB?.toFixed(0) ?? '?'} MiB`,
      ok: figures.peakWaiting <= MOST_WAITING && (peakRssMiB ?? 0) <= MOST_RSS_MIB,
    },
  ]
}
