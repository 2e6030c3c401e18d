/** From rounds to results and ratios. */
import { type Lane, type SystemName, type Workload, median, rounded } from './figures.ts'
import { FIGURES, type Figure, MEASURES, type Timed } from './measures.ts'

export type Identity = {
  workload: Workload
  system: SystemName
  lane: Lane | null
  concurrency: number
}

/** Medians over the rounds; null where the workload has no such figure, or the machine cannot say it. */
export type Result = Identity &
  Record<Figure, number | null> & {
    /** Lowest and highest round of each figure. */
    ranges: Partial<Record<Figure, readonly [lowest: number, highest: number]>>
    rounds: number
    runs: number
  }

export interface Ratio {
  workload: Workload
  lane: Lane | null
  concurrency: number
  /** Ours over theirs in throughput, theirs over ours in latency, memory and syncs: more is better. `busy`: quiet over beside. */
  ratio: number
  of: Figure
}

export function result(identity: Identity, rounds: readonly Timed[]): Result {
  const figures: Partial<Record<Figure, number | null>> = {}
  const ranges: Result['ranges'] = {}
  for (const figure of FIGURES) {
    const values = rounds.map((round) => MEASURES[figure].of(round, identity.workload))
    figures[figure] = isKnown(values) ? rounded(median(values)) : null
    if (isKnown(values)) ranges[figure] = [rounded(Math.min(...values)), rounded(Math.max(...values))]
  }
  const runs = rounds.reduce((total, round) => total + round.runs, 0)
  // Every figure has been set.
  return { ...identity, ...(figures as Record<Figure, number | null>), ranges, rounds: rounds.length, runs }
}

/** What a workload is compared by; the others by their throughput. */
const COMPARED_BY: Partial<Record<Workload, Figure>> = {
  signal: 'p50Ms',
  'timers-5000': 'p99Ms',
  'children-100': 'p50Ms',
  memory: 'memoryMiB',
  syncs: 'syncsPerRun',
  busy: 'p99Ms',
}

export function ratiosOf(results: readonly Result[]): Ratio[] {
  return results.flatMap((ours) => {
    const { workload, lane, concurrency } = ours
    const of = COMPARED_BY[workload] ?? 'perSecond'
    const ratio = ours.system === 'perdure' ? ratioOf(ours, rivalOf(ours, results), of) : null
    return ratio === null ? [] : [{ workload, lane, concurrency, ratio, of }]
  })
}

export function rivalOf(ours: Result, results: readonly Result[]): Result | undefined {
  const alike = results.filter(({ concurrency }) => concurrency === ours.concurrency)
  if (ours.workload === 'busy') return alike.find(({ workload }) => workload === 'busy-quiet')
  return alike.find(({ workload, system }) => workload === ours.workload && system === 'cloudflare-workflows')
}

/** More is better; null where one of them has no such figure. */
function ratioOf(ours: Result, rival: Result | undefined, of: Figure): number | null {
  const [mine, theirs] = [ours[of], rival?.[of]]
  if (typeof mine !== 'number' || typeof theirs !== 'number') return null
  const ratio = MEASURES[of].better === 'more' ? mine / theirs : theirs / mine
  return Number.isFinite(ratio) ? rounded(ratio) : null
}

function isKnown(values: readonly (number | null)[]): values is readonly number[] {
  return values.length > 0 && values.every((value) => value !== null)
}
