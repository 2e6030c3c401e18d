/** How a world archives, if it does: small and soon, so that runs go cold while others are still open. */
import type { Random } from '../random.ts'

/** Plain, so that it can be printed. Milliseconds, and bytes. */
export interface ArchivePlan {
  readonly everyMs: number
  readonly budgetMs: number
  readonly hotMs: number
  readonly warmMs: number
  /** Whether runs go further than to the warm tier. */
  readonly cold: boolean
  readonly warmObjectBytes: number
  readonly coldFileBytes: number
}

const SOME = 0.25

export function archivePlanOf(random: Random): ArchivePlan | null {
  if (!random.chance(SOME)) return null
  return {
    everyMs: random.pick([5_000, 10_000, 20_000]),
    budgetMs: random.pick([2_000, 8_000, 20_000]),
    hotMs: random.pick([0, 2_000, 15_000]),
    warmMs: random.pick([0, 10_000, 40_000]),
    cold: random.chance(0.9),
    warmObjectBytes: random.pick([1_024, 4_096, 65_536]),
    coldFileBytes: random.pick([4_096, 65_536, 1 << 24]),
  }
}
