import type { Lane, Workload } from '../../bench/figures.ts'
import type { Timed } from '../../bench/measures.ts'
import { type Result, result } from '../../bench/report.ts'

export function ours(workload: Workload, lane: Lane | null, ...rounds: Partial<Timed>[]): Result {
  return result({ workload, system: 'perdure', lane, concurrency: 50 }, rounds.map(round))
}

export function theirs(workload: Workload, ...rounds: Partial<Timed>[]): Result {
  return result({ workload, system: 'cloudflare-workflows', lane: null, concurrency: 50 }, rounds.map(round))
}

/** A round of two runs that took 4 and 8 ms, unless said otherwise. */
function round(told: Partial<Timed> = {}): Timed {
  return {
    runs: 2,
    steps: 20,
    wallMs: 10,
    samplesMs: [4, 8],
    rowsWritten: null,
    ends: [],
    besideCalls: 0,
    peakRssMiB: null,
    idleRssMiB: null,
    syncs: null,
    ...told,
  }
}
