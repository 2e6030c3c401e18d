/** Whether what the processes hold grows with the runs that have ended. */
import { setTimeout as pause } from 'node:timers/promises'
import { median } from '../figures.ts'
import { type Figures, closedLoop } from './load.ts'
import type { System } from './system.ts'

const SETTLE_MS = 500

/**
 * `growthMiB`: what 10,000 more runs add, from the third quarter of the batches to the last: before, caches fill. Of each
 * quarter the median, since a collector of garbage may have just been at work, or be about to.
 */
export async function memory(
  system: System,
  { batch, batches }: { batch: number; batches: number },
): Promise<Figures> {
  const asked = { program: 'sequence', lane: 'inline', count: 1, url: '' } as const
  const held: number[] = []
  for (let n = 0; n < batches; n += 1) {
    await closedLoop(system, { asked, concurrency: 50, atLeast: batch, forMs: 0 })
    await pause(SETTLE_MS)
    held.push(system.tree.pssMiB())
  }
  const quarter = batches / 4
  const [third, last] = [held.slice(2 * quarter, 3 * quarter), held.slice(3 * quarter)].map(median)
  const growth = (last ?? 0) - (third ?? 0)
  return { afterMiB: held.at(-1) ?? 0, growthMiB: (growth * 10_000) / (quarter * batch) }
}
