/** What crosses between the runner (Node) and the driver Workers, and the arithmetic on it. Imports nothing: both sides load it. */
export type Lane = 'inline' | 'eager' | 'queue'
export type SystemName = 'perdure' | 'cloudflare-workflows'
export type Workload = keyof typeof WORKLOADS
/** What a run does; its code is in `workers/workflows.ts` and, for Cloudflare Workflows, in `workers/theirs.ts`. */
export type Program =
  | 'noop'
  | 'sequence'
  | 'fan'
  | 'long'
  | 'children'
  | 'waits'
  | 'sleeps'
  | 'remembers'
  | 'floor'

/** A program, and how many steps (children, timers, pages, answers) one sample of the workload counts for. */
export const WORKLOADS = {
  'noop-1': { program: 'noop', steps: 1 },
  'seq-10': { program: 'sequence', steps: 10 },
  /** No run: the least that the platform takes for those two. */
  floor: { program: 'floor', steps: 1 },
  'floor-10': { program: 'floor', steps: 10 },
  'fan-100': { program: 'fan', steps: 100 },
  signal: { program: 'waits', steps: 1 },
  'timers-5000': { program: 'sleeps', steps: 1 },
  'long-1000': { program: 'long', steps: 1_000 },
  'long-5000': { program: 'long', steps: 5_000 },
  'long-10000': { program: 'long', steps: 10_000 },
  'children-100': { program: 'children', steps: 100 },
  /** `seq-10` without and with one caller that asks another object of the same class in a tight loop. */
  'busy-quiet': { program: 'sequence', steps: 10 },
  busy: { program: 'sequence', steps: 10 },
  list: { program: 'sleeps', steps: 1 },
  'list-filtered': { program: 'sleeps', steps: 1 },
  'cold-start': { program: 'sleeps', steps: 1 },
  /** Two events a step. */
  replay: { program: 'remembers', steps: 5_000 },
  memory: { program: 'sequence', steps: 10 },
  syncs: { program: 'noop', steps: 1 },
  'rows-1': { program: 'noop', steps: 1 },
  rows: { program: 'long', steps: 1_000 },
} as const satisfies Record<string, { program: Program; steps: number }>

/** One round: start runs for `forMs`, but at least `atLeast` of them, `concurrency` at a time. Where nothing is timed by the clock, exactly `atLeast`. */
export interface Round {
  workload: Workload
  lane: Lane | null
  concurrency: number
  forMs: number
  atLeast: number
  /** Runs that are there before `list`, `list-filtered` and `cold-start` begin. */
  crowd: number
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

/** The steps of a long run whose clock readings it answers: the first and the last of its first hundred and of its last. */
export function edgesOf(steps: number): readonly number[] {
  return [1, 100, steps - 99, steps]
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[sorted.length >> 1] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[(sorted.length >> 1) - 1] ?? Number.NaN) + upper) / 2
}

/** Three significant digits are more than a round repeats. */
export function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))
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
