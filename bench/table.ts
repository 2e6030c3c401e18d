/** Results as a table for a terminal. */
import type { Result, Ratio } from './report.ts'

const HEAD = [
  'workload',
  'conc',
  'system',
  'lane',
  'per second',
  '(range)',
  'p50 ms',
  'p99 ms',
  'rows/step',
  'RSS MiB',
  'ratio',
  '',
]
/** Columns of words, which stand left; numbers stand right. */
const WORDS = new Set([0, 2, 3, 11])

export function table(results: readonly Result[], ratios: readonly Ratio[]): string {
  const lines = results.map((line) => {
    const ratio = line.system === 'perdure' ? ratios.find((other) => isRatioOf(other, line)) : undefined
    return [
      line.workload,
      String(line.concurrency),
      line.system,
      line.lane ?? '',
      shown(line.perSecond),
      `(${line.ranges.perSecond?.join('-') ?? ''})`,
      shown(line.p50Ms),
      shown(line.p99Ms),
      shown(line.rowsPerStep),
      shown(line.peakRssMiB),
      ratio === undefined ? '' : `${ratio.ratio}x`,
      remark(line),
    ]
  })
  return aligned([HEAD, ...lines], WORDS)
}

/** Lines of cells below one another; what is not in a column of words stands right. */
export function aligned(lines: readonly string[][], words: ReadonlySet<number>): string {
  const width = (column: number) => Math.max(...lines.map((line) => line[column]?.length ?? 0))
  const cell = (text: string, column: number) =>
    words.has(column) ? text.padEnd(width(column)) : text.padStart(width(column))
  return lines.map((line) => line.map(cell).join('  ').trimEnd()).join('\n')
}

function shown(value: number | null): string {
  return value === null ? '' : String(value)
}

function isRatioOf(ratio: Ratio, line: Result): boolean {
  return (
    ratio.workload === line.workload && ratio.lane === line.lane && ratio.concurrency === line.concurrency
  )
}

function remark(line: Result): string {
  if (line.firstMsPerStep !== null) {
    return `first 100: ${line.firstMsPerStep} ms/step, last 100: ${line.lastMsPerStep}`
  }
  if (line.besidePerSecond !== null) return `beside ${line.besidePerSecond} calls/s`
  if (line.memoryMiB !== null) return `${line.memoryMiB} MiB above idle`
  return line.syncsPerRun === null ? '' : `${line.syncsPerRun} syncs a run`
}
