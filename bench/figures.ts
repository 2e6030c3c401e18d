/** What crosses between the runner (Node) and the driver Workers, and the arithmetic on it. Imports nothing: both sides load it. */
export type Workload = 'noop-1' | 'seq-10' | 'fan-100' | 'signal' | 'long-1000' | 'busy'
export type Lane = 'inline' | 'eager' | 'queue'
export type SystemName = 'perdure' | 'cloudflare-workflows'

/** One round: start runs for `forMs`, but at least `atLeast` of them, `concurrency` at a time; a signal round has exactly `atLeast`. */
export interface Round {
  workload: Workload
  lane: Lane | null
  concurrency: number
  forMs: number
  atLeast: number
  /** Beside the round, one caller asks another object of the same class in a tight loop. */
  beside: boolean
}

export interface Measured {
  runs: number
  steps: number
  wallMs: number
  /** One per run, in ticks of workerd's clock: whole milliseconds. */
  samplesMs: number[]
  /** Rows the shard wrote during the round; null where nobody counts them. */
  rowsWritten: number | null
  /** One per long run. */
  ends: Ends[]
  /** Calls that the caller beside the round got answered. */
  besideCalls: number
}

/** What a step of a long run took among its first hundred and among its last. */
export interface Ends {
  firstMsPerStep: number
  lastMsPerStep: number
}

export function stepsOf(workload: Workload): number {
  switch (workload) {
    case 'noop-1':
    case 'signal':
      return 1
    case 'seq-10':
    case 'busy':
      return 10
    case 'fan-100':
      return 100
    case 'long-1000':
      return 1000
    default:
      return workload satisfies never
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[sorted.length >> 1] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[(sorted.length >> 1) - 1] ?? Number.NaN) + upper) / 2
}

/**
 * The quantile of samples that were rounded to whole milliseconds: a reading of v stands for something within half a
 * tick of v, and the readings equal to v are spread evenly over that tick (the textbook quantile of grouped data).
 */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const rank = q * sorted.length
  const reading = sorted[Math.min(sorted.length - 1, Math.floor(rank))]
  if (reading === undefined) return Number.NaN
  const below = sorted.findIndex((sample) => sample >= reading)
  const equal = sorted.findLastIndex((sample) => sample <= reading) - below + 1
  return Math.max(0, reading - 0.5 + (rank - below) / equal)
}
