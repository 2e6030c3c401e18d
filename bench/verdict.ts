/** The targets beside what was measured. */
import type { Lane } from './figures.ts'
import { MEASURES } from './measures.ts'
import { type Result, rivalOf } from './report.ts'
import { aligned } from './table.ts'
import { TARGETS, type Target } from './targets.ts'

export interface Judged {
  title: string
  lane: Lane
  /** Ours; null where it was not measured. */
  value: number | null
  /** Null where there is none: it is shown all the same. */
  target: number | null
  met: boolean | null
  /** Ours over that of Cloudflare Workflows. */
  factor: number | null
  factorTarget: number | null
  factorMet: boolean | null
  better: 'more' | 'less'
}

const LANES: readonly Lane[] = ['inline', 'eager', 'queue']

/** Of each target of which anything was measured, a line for each lane that has a figure or is to have one. */
export function judge(results: readonly Result[], targets: readonly Target[] = TARGETS): Judged[] {
  return targets.flatMap((target) => {
    const lines = LANES.map((lane) => judged(target, lane, results))
    if (lines.every(({ value }) => value === null)) return []
    return lines.filter((line) => [line.value, line.target, line.factorTarget].some((one) => one !== null))
  })
}

/** Of the targets that were measured. */
export function tally(lines: readonly Judged[]): { met: number; missed: number } {
  const all = lines.flatMap(({ met, factorMet }) => [met, factorMet])
  return { met: all.filter((one) => one === true).length, missed: all.filter((one) => one === false).length }
}

export const VERDICT_HEAD = ['', ...LANES, 'against Cloudflare Workflows']

/** A row of cells for each target: its title, ours by lane, and the factors. */
export function verdictRows(lines: readonly Judged[]): string[][] {
  return [...Map.groupBy(lines, ({ title }) => title)].map(([title, ofTitle]) => [
    title,
    ...LANES.map((lane) => ownCell(ofTitle.find((line) => line.lane === lane))),
    ofTitle
      .map(factorCell)
      .filter((text) => text !== '')
      .join(', '),
  ])
}

export function verdictTable(lines: readonly Judged[]): string {
  const { met, missed } = tally(lines)
  const text = aligned([VERDICT_HEAD, ...verdictRows(lines)], new Set(VERDICT_HEAD.keys()))
  return `${text}\ntargets met: ${met} of ${met + missed} that were measured`
}

function judged(target: Target, lane: Lane, results: readonly Result[]): Judged {
  const { better } = MEASURES[target.figure]
  const ours = results.find((result) => isOf(target, lane, result))
  const value = ours?.[target.figure] ?? null
  const theirs = (ours && rivalOf(ours, results)?.[target.figure]) ?? null
  const factor = value === null || theirs === null ? null : Number((value / theirs).toPrecision(3))
  const [own, factorTarget] = [target.own[lane] ?? null, target.against[lane] ?? null]
  return {
    title: target.title,
    lane,
    value,
    target: own,
    met: reached(value, own, better),
    factor,
    factorTarget,
    factorMet: reached(factor, factorTarget, better),
    better,
  }
}

function isOf({ workload, concurrency }: Target, lane: Lane, result: Result): boolean {
  return (
    result.system === 'perdure' &&
    result.workload === workload &&
    (concurrency ?? result.concurrency) === result.concurrency &&
    (result.lane ?? 'inline') === lane
  )
}

function reached(value: number | null, target: number | null, better: 'more' | 'less'): boolean | null {
  if (value === null || target === null) return null
  return better === 'more' ? value >= target : value <= target
}

function ownCell(line: Judged | undefined): string {
  if (line === undefined) return ''
  return cell(line.met, line.value, { target: line.target, better: line.better, unit: '' })
}

function factorCell({ factorMet, factor, factorTarget, better }: Judged): string {
  return cell(factorMet, factor, { target: factorTarget, better, unit: 'x' })
}

function cell(
  met: boolean | null,
  value: number | null,
  { target, better, unit }: { target: number | null; better: 'more' | 'less'; unit: string },
): string {
  const shown = value === null ? 'not measured' : `${value.toLocaleString('en')}${unit}`
  if (target === null) return value === null ? '' : shown
  const mark = met === null ? '' : met ? '✓ ' : '✗ '
  return `${mark}${shown} (${better === 'more' ? '≥' : '≤'} ${target.toLocaleString('en')}${unit})`
}
