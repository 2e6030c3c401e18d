/** The tables of a run, as Markdown. */
import { markdownTable } from 'markdown-table'
import { type Document, resultsOf } from '../document.ts'
import { whereWas } from '../machine.ts'
import type { Figure } from '../measures.ts'
import type { Result } from '../report.ts'
import { tally, VERDICT_HEAD, verdictRows } from '../verdict.ts'
import { type Cell, rowsOf } from './rows.ts'

/** Where and when, then a row for each workload that most ask for. */
export function summary(document: Document): string {
  const head = ['', 'inline step', 'activity, eager', 'activity, Queue', 'Cloudflare Workflows']
  const rows = rowsOf(resultsOf(document)).map((row) => [
    `${row.title}, ${row.unit}`,
    ...(['inline', 'eager', 'queue', 'theirs'] as const).map((series) => cellText(row.cells[series])),
  ])
  return `${where(document)}\n\n${table([head, ...rows], 1)}`
}

export function targets({ targets: lines }: Document): string {
  const { met, missed } = tally(lines)
  return `${table([VERDICT_HEAD, ...verdictRows(lines)], VERDICT_HEAD.length)}\n\n${met} of ${met + missed} targets that were measured are met.`
}

/** Every result; in brackets the lowest and the highest round. */
export function allResults(document: Document): string {
  const head = [
    'workload',
    'at once',
    'lane',
    'rounds',
    'per second',
    'p50 ms',
    'p99 ms',
    'rows a step',
    'peak RSS MiB',
    'others',
  ]
  const rows = resultsOf(document).map((result) => [
    `\`${result.workload}\``,
    String(result.concurrency),
    result.system === 'perdure' ? (result.lane ?? '') : 'Cloudflare Workflows',
    String(result.rounds),
    ...(['perSecond', 'p50Ms', 'p99Ms', 'rowsPerStep', 'peakRssMiB'] as const).map((figure) =>
      spread(result, figure),
    ),
    others(result),
  ])
  return table([head, ...rows], 3)
}

function where({ quick, ...run }: Document): string {
  const length = quick
    ? ' Short rounds, and fewer timers and runs than are told: good for a factor, no more.'
    : ''
  return `${whereWas(quick ? 'npm run bench -- --quick' : 'npm run bench', run)}${length}`
}

function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return ''
  return cell.times === undefined ? number(cell.value) : `${number(cell.value)} (${number(cell.times)}x)`
}

function spread(result: Result, figure: Figure): string {
  const [value, range] = [result[figure], result.ranges[figure]]
  if (value === null) return ''
  if (range === undefined || range[0] === range[1]) return number(value)
  return `${number(value)} (${number(range[0])}-${number(range[1])})`
}

function others(result: Result): string {
  const { firstMsPerStep, lastMsPerStep, memoryMiB, syncsPerRun, besidePerSecond } = result
  return [
    firstMsPerStep === null
      ? ''
      : `${number(firstMsPerStep)} ms a step at first, ${number(lastMsPerStep ?? 0)} at last`,
    memoryMiB === null ? '' : `${number(memoryMiB)} MiB above idle`,
    syncsPerRun === null ? '' : `${number(syncsPerRun)} syncs a run`,
    besidePerSecond === null ? '' : `${number(besidePerSecond)} calls/s beside`,
  ]
    .filter((text) => text !== '')
    .join(', ')
}

function number(value: number): string {
  return Number(value.toPrecision(3)) >= 100
    ? Math.round(value).toLocaleString('en')
    : Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 20 })
}

/** The first columns are words, the others figures. */
function table(rows: readonly string[][], words: number): string {
  const align = (rows[0] ?? []).map((_, column) => (column < words ? '' : 'r'))
  return markdownTable(rows, { align })
}
