/** How long something took, as Prometheus counts it: how many took no longer than each bound, and longer than the one before. */
import { DURATION_BOUNDS_MS } from '../shared/stats.ts'
import type { DurationStats } from '../shared/stats.ts'

export class Durations implements DurationStats {
  /** The last is of those that no bound holds. */
  readonly counts: number[] = [...DURATION_BOUNDS_MS, Infinity].map(() => 0)
  sumMs = 0

  add(ms: number): void {
    const at = DURATION_BOUNDS_MS.findIndex((bound) => ms <= bound)
    const bucket = at === -1 ? DURATION_BOUNDS_MS.length : at
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
    this.sumMs += ms
  }
}
