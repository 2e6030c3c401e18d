/** What is said of a workload: each figure's unit, and how a round gives it. A result is the median over rounds. */
import { type Ends, type Measured, type Workload, median, quantile } from './figures.ts'
import type { Watched } from './group.ts'

export type Timed = Measured & Watched

export interface Measure {
  unit: string
  better: 'more' | 'less'
  /** Null where the round does not give it. */
  of(round: Timed, workload: Workload): number | null
}

export const MEASURES = {
  /**
   * Steps; of `signal` signals, of `children-100` children, of `timers-5000` timers from the instant until the last has
   * gone on, of a list pages, of `cold-start` and `replay` answers and steps fed again.
   */
  perSecond: { unit: '1/s', better: 'more', of: ({ steps, wallMs }) => (steps * 1000) / wallMs },
  /** From a run's start to its result at its caller; of `signal` from the signal; of `timers-5000` how late; of the others until the answer. */
  p50Ms: { unit: 'ms', better: 'less', of: ({ samplesMs }) => quantile(samplesMs, 0.5) },
  /** The same, of the slowest one in a hundred. */
  p99Ms: { unit: 'ms', better: 'less', of: ({ samplesMs }) => quantile(samplesMs, 0.99) },
  /** Rows that the shard's SQLite says it has written, over the steps; `rows` has change events on, its runs deleted, and what a run of one step writes taken off. */
  rowsPerStep: {
    unit: 'rows',
    better: 'less',
    // The timers that tell how long a start takes write rows too, and are no steps.
    of: ({ rowsWritten, steps }, workload) =>
      rowsWritten === null || workload === 'timers-5000' ? null : rowsWritten / steps,
  },
  /** Resident memory of workerd at most. */
  peakRssMiB: { unit: 'MiB', better: 'less', of: ({ peakRssMiB }) => peakRssMiB },
  /** The same above what fresh processes hold that have done nothing yet. */
  memoryMiB: {
    unit: 'MiB',
    better: 'less',
    of: ({ peakRssMiB, idleRssMiB }, workload) =>
      workload === 'memory' && peakRssMiB !== null && idleRssMiB !== null ? peakRssMiB - idleRssMiB : null,
  },
  /** Calls of `fsync` and `fdatasync` of all processes of the system, over the runs. */
  syncsPerRun: {
    unit: 'syncs',
    better: 'less',
    of: ({ syncs, runs }) => (syncs === null ? null : syncs / runs),
  },
  /** Of a long run's first hundred steps. */
  firstMsPerStep: { unit: 'ms', better: 'less', of: ({ ends }) => ofEnds(ends, 'firstMsPerStep') },
  /** Of a long run's last hundred steps. */
  lastMsPerStep: { unit: 'ms', better: 'less', of: ({ ends }) => ofEnds(ends, 'lastMsPerStep') },
  /** What the caller beside `busy` got answered. */
  besidePerSecond: {
    unit: '1/s',
    better: 'more',
    of: ({ besideCalls, wallMs }) => (besideCalls === 0 ? null : (besideCalls * 1000) / wallMs),
  },
} as const satisfies Record<string, Measure>

export type Figure = keyof typeof MEASURES

/** The names, in the order of the definitions. */
export const FIGURES = Object.keys(MEASURES) as Figure[] // the keys of an object that is defined above

function ofEnds(ends: readonly Ends[], which: keyof Ends): number | null {
  return ends.length === 0 ? null : median(ends.map((run) => run[which]))
}
