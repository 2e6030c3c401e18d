/** From rounds to results, ratios and the table. */
import {
  type Ends,
  type Lane,
  type Measured,
  type SystemName,
  type Workload,
  median,
  quantile,
} from './figures.ts'

export type Timed = Measured & { peakRssMiB: number | null }

/** `busy` is the round beside a looping caller; the same round without it is `busy-quiet`. */
type Reported = Workload | 'busy-quiet'

export interface Result {
  workload: Reported
  system: SystemName
  lane: Lane | null
  concurrency: number
  /** Steps per second: the median over rounds. */
  perSecond: number
  /** Of a run (signal: from the signal), over the samples of all rounds. */
  p50Ms: number
  p99Ms: number
  rowsPerStep: number | null
  peakRssMiB: number | null
  runs: number
  /** Lowest and highest round. */
  perSecondRange: readonly [number, number]
  /** long-1000: ms per step of the first and of the last hundred. */
  firstMsPerStep?: number
  lastMsPerStep?: number
  /** busy: what the caller beside got per second. */
  besidePerSecond?: number
}

export interface Ratio {
  workload: Workload
  lane: Lane | null
  concurrency: number
  /** Ours over theirs in throughput, theirs over ours in latency: more is better. `busy`: quiet over beside. */
  ratio: number
  of: 'perSecond' | 'p50Ms' | 'p99Ms'
}

export type Identity = Pick<Result, 'workload' | 'system' | 'lane' | 'concurrency'>

export function result(identity: Identity, rounds: readonly Timed[]): Result {
  const rates = rounds.map((round) => (round.steps * 1000) / round.wallMs)
  const samples = rounds.flatMap((round) => round.samplesMs)
  const rows = rounds.map((round) => round.rowsWritten)
  const rss = rounds.map((round) => round.peakRssMiB)
  return {
    ...identity,
    perSecond: rounded(median(rates)),
    p50Ms: rounded(quantile(samples, 0.5)),
    p99Ms: rounded(quantile(samples, 0.99)),
    rowsPerStep: isCounted(rows) ? rounded(sum(rows) / sum(rounds.map((round) => round.steps))) : null,
    peakRssMiB: isCounted(rss) ? Math.round(Math.max(...rss)) : null,
    runs: samples.length,
    perSecondRange: [rounded(Math.min(...rates)), rounded(Math.max(...rates))],
    ...longRun(rounds.flatMap((round) => round.ends)),
    ...beside(rounds),
  }
}

export function ratiosOf(results: readonly Result[]): Ratio[] {
  return results.flatMap((ours) => {
    if (ours.system !== 'perdure' || ours.workload === 'busy-quiet') return []
    const { workload, lane, concurrency } = ours
    const rival = results.find((other) => isRival(other, ours))
    if (rival === undefined) return []
    const of = workload === 'signal' ? 'p50Ms' : workload === 'busy' ? 'p99Ms' : 'perSecond'
    const ratio = of === 'perSecond' ? ours[of] / rival[of] : rival[of] / ours[of]
    return [{ workload, lane, concurrency, ratio: rounded(ratio), of }]
  })
}

/** Columns of words, which stand left; numbers stand right. */
const WORDS = new Set([0, 2, 3, 11])

export function table(results: readonly Result[], ratios: readonly Ratio[]): string {
  const head = [
    'workload',
    'conc',
    'system',
    'lane',
    'steps/s',
    '(range)',
    'p50 ms',
    'p99 ms',
    'rows/step',
    'RSS MiB',
    'ratio',
    '',
  ]
  const lines = results.map((line) => {
    const ratio = line.system === 'perdure' ? ratios.find((other) => isRatioOf(other, line)) : undefined
    return [
      line.workload,
      String(line.concurrency),
      line.system,
      line.lane ?? '',
      String(line.perSecond),
      `(${line.perSecondRange.join('-')})`,
      String(line.p50Ms),
      String(line.p99Ms),
      String(line.rowsPerStep ?? ''),
      String(line.peakRssMiB ?? ''),
      ratio === undefined ? '' : `${ratio.ratio}x`,
      remark(line),
    ]
  })
  return aligned([head, ...lines])
}

function isRival(other: Result, ours: Result): boolean {
  if (other.concurrency !== ours.concurrency) return false
  if (ours.workload === 'busy') return other.workload === 'busy-quiet'
  return other.workload === ours.workload && other.system === 'cloudflare-workflows'
}

function isRatioOf(ratio: Ratio, line: Result): boolean {
  return (
    ratio.workload === line.workload && ratio.lane === line.lane && ratio.concurrency === line.concurrency
  )
}

function longRun(ends: readonly Ends[]): { firstMsPerStep?: number; lastMsPerStep?: number } {
  if (ends.length === 0) return {}
  return {
    firstMsPerStep: rounded(median(ends.map((run) => run.firstMsPerStep))),
    lastMsPerStep: rounded(median(ends.map((run) => run.lastMsPerStep))),
  }
}

function beside(rounds: readonly Timed[]): { besidePerSecond?: number } {
  const calls = sum(rounds.map((round) => round.besideCalls))
  return calls === 0
    ? {}
    : { besidePerSecond: Math.round((calls * 1000) / sum(rounds.map((round) => round.wallMs))) }
}

function remark(line: Result): string {
  if (line.firstMsPerStep !== undefined) {
    return `first 100: ${line.firstMsPerStep} ms/step, last 100: ${line.lastMsPerStep}`
  }
  return line.besidePerSecond === undefined ? '' : `beside ${line.besidePerSecond} calls/s`
}

function aligned(lines: readonly string[][]): string {
  const width = (column: number) => Math.max(...lines.map((line) => line[column]?.length ?? 0))
  const cell = (text: string, column: number) =>
    WORDS.has(column) ? text.padEnd(width(column)) : text.padStart(width(column))
  return lines.map((line) => line.map(cell).join('  ').trimEnd()).join('\n')
}

function isCounted(values: readonly (number | null)[]): values is readonly number[] {
  return values.every((value) => value !== null)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** Three significant digits are more than a round repeats. */
function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}
