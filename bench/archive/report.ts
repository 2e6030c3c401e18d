/** What the archive workload found, as results and as lines. */
import { median, quantile } from '../figures.ts'
import { sum, type Answer, type PassFigures } from './figures.ts'
import type { HeapPeak } from './heap.ts'

/** Of a namespace: every pass until all of it was cold. */
export interface Passed {
  rows: number
  passes: (PassFigures & { archiverCpuMs: number; engineCpuMs: number })[]
  /** Of the archiver's process, R2's local stand-in included. */
  peakRssMiB: number | null
  heap: HeapPeak | null
}

/** `of` says what was measured. */
export interface ArchiveResult {
  workload: 'archive'
  of: string
  [figure: string]: unknown
}

type Phase = 'warm' | 'cold'

/** Rows per second of all passes together. */
export function rateOf({ passes }: Pick<Passed, 'passes'>, phase: Phase): number {
  const ms = sum(passes.map((pass) => pass[phase].ms))
  return (sum(passes.map((pass) => pass[phase].rows)) * 1000) / Math.max(1, ms)
}

/** The median of the rounds, and the best. */
export function rates(of: string, rounds: readonly Passed[], phase: Phase): ArchiveResult {
  const perSecond = rounds.map((one) => Math.round(rateOf(one, phase)))
  const passes = rounds.flatMap((one) => one.passes)
  return {
    workload: 'archive',
    of,
    perSecond: Math.round(median(perSecond)),
    bestPerSecond: Math.max(...perSecond),
    rows: sum(rounds.map(({ rows }) => rows)),
    passes: passes.length,
    commitsPerTableAndPass: Math.max(...passes.flatMap(({ commits }) => Object.values(commits))),
  }
}

/** What it took: space in R2, time of processors, memory. */
export function costs(of: string, { rows, passes, heap, peakRssMiB }: Passed): ArchiveResult {
  return {
    workload: 'archive',
    of,
    warmBytesPerRow: rounded(sum(passes.map(({ warm }) => warm.bytes)) / rows),
    archiverCpuMs: sum(passes.map(({ archiverCpuMs }) => archiverCpuMs)),
    engineCpuMs: sum(passes.map(({ engineCpuMs }) => engineCpuMs)),
    wasmMiB: rounded(Math.max(...passes.map(({ wasmBytes }) => wasmBytes)) / 2 ** 20),
    isolate: heap,
    peakRssMiB,
  }
}

export function reads(of: string, { samplesMs, gets, events }: Answer['read']): ArchiveResult {
  const count = samplesMs.length
  return {
    workload: 'archive',
    of,
    p50Ms: rounded(quantile(samplesMs, 0.5)),
    p99Ms: rounded(quantile(samplesMs, 0.99)),
    reads: count,
    getsPerRead: rounded(gets / count),
    eventsPerRead: rounded(events / count),
  }
}

export function archiveTable(results: readonly ArchiveResult[]): string {
  return results
    .map(({ of, workload, ...figures }) => {
      const texts = Object.entries(figures).map(([name, value]) => `${name} ${JSON.stringify(value)}`)
      return `${workload}, ${of}: ${texts.join(', ')}`
    })
    .join('\n')
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
