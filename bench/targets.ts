/** What the benchmark is to reach on two cores, and how far beside Cloudflare Workflows in the same run. */
import type { Lane, Workload } from './figures.ts'
import type { Figure } from './measures.ts'

/** A workload without a step counts as inline. */
type ByLane = Partial<Record<Lane, number>>

export interface Target {
  title: string
  workload: Workload
  /** Any, where it is absent. */
  concurrency?: number
  figure: Figure
  own: ByLane
  /** Ours over theirs: at least so much where more is better, at most where less is. */
  against: ByLane
}

export const TARGETS: readonly Target[] = [
  {
    title: 'ten steps in a row, 50 runs at once, steps/s',
    workload: 'seq-10',
    concurrency: 50,
    figure: 'perSecond',
    own: { inline: 40_000, eager: 15_000, queue: 9_000 },
    against: { inline: 80, eager: 30, queue: 15 },
  },
  {
    title: 'ten steps in a row, 200 runs at once, steps/s',
    workload: 'seq-10',
    concurrency: 200,
    figure: 'perSecond',
    own: { inline: 45_000, eager: 22_000, queue: 12_000 },
    against: {},
  },
  {
    title: 'one step, 50 runs at once, runs/s',
    workload: 'noop-1',
    concurrency: 50,
    figure: 'perSecond',
    own: { inline: 8_000, eager: 5_500, queue: 4_500 },
    against: { inline: 40 },
  },
  {
    title: 'one step, 200 runs at once, runs/s',
    workload: 'noop-1',
    concurrency: 200,
    figure: 'perSecond',
    own: { inline: 11_000, eager: 9_000, queue: 6_000 },
    against: { inline: 40 },
  },
  {
    title: 'one step, alone, start to result, p50 ms',
    workload: 'noop-1',
    concurrency: 1,
    figure: 'p50Ms',
    own: { inline: 1.5, eager: 2, queue: 3 },
    against: { inline: 0.3 },
  },
  {
    title: 'a thousand steps in a row, ms',
    workload: 'long-1000',
    figure: 'p50Ms',
    own: { inline: 350, eager: 900, queue: 2_500 },
    against: { inline: 0.3 },
  },
  {
    title: 'signal to result, p50 ms',
    workload: 'signal',
    concurrency: 1,
    figure: 'p50Ms',
    own: { inline: 1.5 },
    against: { inline: 0.3 },
  },
  {
    title: '5,000 timers at one instant, lateness p99 ms',
    workload: 'timers-5000',
    figure: 'p99Ms',
    own: { inline: 300 },
    against: { inline: 0.3 },
  },
  {
    title: '10,000 events replayed, ms',
    workload: 'replay',
    figure: 'p50Ms',
    own: { inline: 250 },
    against: {},
  },
  {
    title: 'first answer of an evicted shard with 100,000 sleeping runs, ms',
    workload: 'cold-start',
    figure: 'p50Ms',
    own: { inline: 2_000 },
    against: {},
  },
  {
    title: 'memory for 2,000 runs of ten steps, MiB',
    workload: 'memory',
    figure: 'memoryMiB',
    own: {},
    against: { inline: 0.5 },
  },
  {
    title: 'rows written per step of a thousand, deletes included',
    workload: 'rows',
    figure: 'rowsPerStep',
    own: { inline: 2, eager: 4, queue: 4 },
    against: {},
  },
  {
    title: 'syncs to disk per run of one step, 50 at once',
    workload: 'syncs',
    figure: 'syncsPerRun',
    own: { inline: 0.3, eager: 0.3, queue: 0.5 },
    against: {},
  },
]
