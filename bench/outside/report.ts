/** From rounds to rows, and the table of them. */
import { median, rounded } from '../figures.ts'
import { aligned } from '../table.ts'
import type { Shown } from './cells.ts'
import type { Measured } from './sitting.ts'
import type { SystemName } from './system.ts'

export interface Row {
  workload: string
  /** What is measured, with its unit. */
  figure: string
  better: Shown['better']
  systems: Partial<Record<SystemName, Spread>>
  /** How many times better perdure is than the better of the others; null where that cannot be said. */
  ratio: number | null
  target: string | null
  met: boolean | null
}

/** Over the rounds. */
interface Spread {
  median: number
  range: readonly [number, number]
}

export function rowsOf(measured: readonly Measured[]): Row[] {
  return [...Map.groupBy(measured, ({ cell }) => cell)].flatMap(([{ workload, shown }, ofCell]) =>
    shown.map((one) => row(workload, one, spreads(ofCell, one.figure))),
  )
}

/** The most that the processes of a system held in any cell. */
export function peakRow(measured: readonly Measured[], shown: Shown): Row {
  const held = measured.filter(({ peakMiB }) => peakMiB > 0)
  const most = [...Map.groupBy(held, ({ system }) => system)].map(([system, ofSystem]) => {
    const peaks = ofSystem.map(({ peakMiB }) => peakMiB)
    return [system, { median: rounded(Math.max(...peaks)), range: range(peaks) }] as const
  })
  return row('all of these', shown, Object.fromEntries(most))
}

const NAMES: readonly SystemName[] = ['perdure', 'restate', 'dbos']
const HEAD = ['workload', '', ...NAMES, 'ratio', 'target', '']

export function table(rows: readonly Row[]): string {
  const lines = rows.map((one, n) => [
    one.workload === rows[n - 1]?.workload ? '' : one.workload,
    one.figure,
    ...NAMES.map((name) => spreadText(one.systems[name])),
    one.ratio === null ? '' : `${one.ratio}x`,
    one.target ?? '',
    one.met === null ? '' : one.met ? 'met' : 'NOT MET',
  ])
  return aligned([HEAD, ...lines], new Set(HEAD.keys()))
}

function spreads(measured: readonly Measured[], figure: string): Row['systems'] {
  return Object.fromEntries(
    measured.flatMap(({ system, rounds }) => {
      const values = (rounds ?? []).flatMap((round) => round[figure] ?? [])
      return values.length === 0 ? [] : [[system, { median: rounded(median(values)), range: range(values) }]]
    }),
  )
}

function row(workload: string, { says, better, target }: Shown, systems: Row['systems']): Row {
  const { perdure, ...others } = systems
  const theirs = Object.values(others).map((spread) => spread.median)
  const best = better === 'more' ? Math.max(...theirs) : Math.min(...theirs)
  const times = perdure && (better === 'more' ? perdure.median / best : best / perdure.median)
  const ratio = times && theirs.length > 0 && Number.isFinite(times) ? rounded(times) : null
  return {
    workload,
    figure: says,
    better,
    systems,
    ratio,
    target: target?.says ?? null,
    met: (perdure && target?.holds(perdure.median, ratio)) ?? null,
  }
}

export function spreadText(spread: Spread | undefined): string {
  if (spread === undefined) return ''
  const [least, most] = spread.range
  return least === most ? String(spread.median) : `${spread.median} (${least}-${most})`
}

function range(values: readonly number[]): [number, number] {
  return [rounded(Math.min(...values)), rounded(Math.max(...values))]
}
