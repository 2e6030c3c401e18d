/** All that is simulated of a fleet, for one seed. */
import { archivedOf } from './archived.ts'
import type { Archived } from './archived.ts'
import { roundOf } from './archiving.ts'
import type { Round } from './archiving.ts'
import { midnightOf, midnightTimes, wokenOf } from './herd.ts'
import type { Midnight, Woken } from './herd.ts'
import { fanoutOf } from './listing.ts'
import type { Fanout } from './listing.ts'
import { copiesOf, lockstepOf, stormOf } from './retries.ts'
import type { Storm } from './retries.ts'
import { skewsOf } from './skew.ts'
import type { Skew } from './skew.ts'

export interface Fleet {
  readonly skew: readonly Skew[]
  readonly listing: readonly Fanout[]
  readonly archiving: readonly Round[]
  readonly archived: readonly Archived[]
  readonly woken: readonly Woken[]
  readonly midnight: readonly Midnight[]
  readonly storms: readonly (Storm & { readonly lockstep: number })[]
  readonly copies: readonly { readonly outageS: number; readonly copies: number }[]
}

export interface FleetOptions {
  readonly seed: number
  readonly shards: readonly number[]
  /** Workflow ids that are asked for, of each namespace. */
  readonly ids: number
  /** Activities that begin each second, in a namespace whose activity Worker is down for ten minutes. */
  readonly perSecond: number
  readonly schedules: number
}

/** Part of the objects that a call finds asleep. */
const ASLEEP = 0.3
const EXPONENTS = [0, 0.5, 0.8, 1, 1.2]
const LIMITS = [100, 1_000]
const MINUTE_MS = 60_000
const OUTAGE_S = 600

export async function fleetOf(options: FleetOptions): Promise<Fleet> {
  const { seed, shards, ids, perSecond, schedules } = options
  const listing: Fanout[] = []
  const archiving: Round[] = []
  const woken: Woken[] = []
  for (const count of shards) {
    for (const limit of LIMITS) listing.push(await fanoutOf({ shards: count, limit, asleep: ASLEEP, seed }))
    for (const budgetMs of [20_000, 4 * MINUTE_MS])
      archiving.push(await roundOf({ shards: count, budgetMs, asleep: ASLEEP, seed }))
    woken.push(await wokenOf({ shards: count, seed }))
  }
  const storm = (jitter: number) => ({ perSecond, outageS: OUTAGE_S, jitter, seed })
  return {
    skew: shards.flatMap((count) => skewsOf(count, EXPONENTS, ids)),
    listing,
    archiving,
    archived: [
      archivedOf(1e8, 100, 300),
      archivedOf(1e9, 1_000, 300),
      archivedOf(1e9, 1_000, 60),
      archivedOf(1e10, 10_000, 60),
    ],
    woken,
    midnight: [0, MINUTE_MS, 10 * MINUTE_MS].flatMap((jitterMs) => {
      const due = midnightTimes(schedules, jitterMs)
      return shards.map((count) => midnightOf(count, jitterMs, due))
    }),
    storms: [0, 0.5].map((jitter) => ({ ...stormOf(storm(jitter)), lockstep: lockstepOf(storm(jitter)) })),
    copies: [300, 600, 3_600].map((outageS) => ({ outageS, copies: copiesOf(outageS) })),
  }
}
