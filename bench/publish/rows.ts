/** What is shown of a run where there is no room for all of it: the table of the README and the chart. */
import type { Lane, Workload } from '../figures.ts'
import { type Figure, MEASURES } from '../measures.ts'
import { type Result, rivalOf } from '../report.ts'

export type Series = Lane | 'theirs'

export interface Row {
  title: string
  /** Of every figure in the row. */
  unit: 'steps/s' | 'ms'
  cells: Partial<Record<Series, Cell>>
}

export interface Cell {
  value: number
  range: readonly [lowest: number, highest: number]
  /** How many times better than Cloudflare Workflows; absent where they have no such figure. */
  times?: number
}

interface Shown {
  title: string
  workload: Workload
  /** Any, where it is absent. */
  concurrency?: number
  figure: Figure
}

const LANES: readonly Lane[] = ['inline', 'eager', 'queue']

const SHOWN: readonly Shown[] = [
  { title: 'one step, 50 runs at once', workload: 'noop-1', concurrency: 50, figure: 'perSecond' },
  { title: 'one step, 200 runs at once', workload: 'noop-1', concurrency: 200, figure: 'perSecond' },
  { title: 'ten steps in a row, 50 runs at once', workload: 'seq-10', concurrency: 50, figure: 'perSecond' },
  {
    title: 'ten steps in a row, 200 runs at once',
    workload: 'seq-10',
    concurrency: 200,
    figure: 'perSecond',
  },
  { title: 'a hundred steps at once', workload: 'fan-100', figure: 'perSecond' },
  { title: 'a thousand steps in a row', workload: 'long-1000', figure: 'perSecond' },
  { title: 'one step, alone: start to result', workload: 'noop-1', concurrency: 1, figure: 'p50Ms' },
  { title: 'signal to result', workload: 'signal', concurrency: 1, figure: 'p50Ms' },
  { title: 'a hundred children', workload: 'children-100', figure: 'p50Ms' },
  { title: 'timers at one instant: lateness p99', workload: 'timers-5000', figure: 'p99Ms' },
  { title: 'a page of 50 of a long list', workload: 'list', figure: 'p50Ms' },
  { title: 'first answer of an evicted shard', workload: 'cold-start', figure: 'p50Ms' },
  { title: '10,000 events replayed', workload: 'replay', figure: 'p50Ms' },
]

/** Those of which anything was measured. */
export function rowsOf(results: readonly Result[]): Row[] {
  return SHOWN.map((shown) => row(shown, results)).filter(({ cells }) => Object.keys(cells).length > 0)
}

function row({ title, workload, concurrency, figure }: Shown, results: readonly Result[]): Row {
  const own = results.filter(
    (one) => one.workload === workload && (concurrency ?? one.concurrency) === one.concurrency,
  )
  const cells: Row['cells'] = {}
  for (const lane of LANES) {
    const ours = own.find((one) => one.system === 'perdure' && (one.lane ?? 'inline') === lane)
    const shown = ours && cell(ours, figure, rivalOf(ours, own))
    if (shown) cells[lane] = shown
  }
  const rival = own.find(({ system }) => system === 'cloudflare-workflows')
  const theirs = rival && cell(rival, figure)
  if (theirs) cells.theirs = theirs
  return { title, unit: MEASURES[figure].unit === 'ms' ? 'ms' : 'steps/s', cells }
}

function cell(result: Result, figure: Figure, rival?: Result): Cell | null {
  const [value, range] = [result[figure], result.ranges[figure]]
  if (value === null || range === undefined) return null
  const theirs = rival?.[figure] ?? null
  if (theirs === null) return { value, range }
  const times = MEASURES[figure].better === 'more' ? value / theirs : theirs / value
  return { value, range, times }
}
