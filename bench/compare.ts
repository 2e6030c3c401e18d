/** What has become worse since an earlier run, beyond what rounds of one run differ by. */
import { FIGURES, type Figure, MEASURES } from './measures.ts'
import type { Identity, Result } from './report.ts'

export interface Regression extends Identity {
  figure: Figure
  before: number
  after: number
  /** As a part of what it was; infinite where that was nothing. */
  worseBy: number
}

/** Medians differ by so much without anything having changed. */
const NOISE = 0.1

/** perdure's figures whose ranges do not touch and whose medians are more than a tenth worse. What only one of them has is passed over. */
export function regressions(before: readonly Result[], after: readonly Result[]): Regression[] {
  const ours = after.filter(({ system }) => system === 'perdure')
  return ours.flatMap((now) => {
    const then = before.find((other) => isSame(other, now))
    return then === undefined ? [] : FIGURES.flatMap((figure) => regression(then, now, figure) ?? [])
  })
}

export function regressionText({ workload, lane, concurrency, ...change }: Regression): string {
  const { figure, before, after, worseBy } = change
  const unit = MEASURES[figure].unit
  const percent = Number.isFinite(worseBy) ? `${Math.round(worseBy * 100)} % worse` : 'worse'
  return `WORSE ${workload}${lane === null ? '' : ` ${lane}`} at ${concurrency}: ${figure} ${before} -> ${after} ${unit}, ${percent}`
}

function regression(then: Result, now: Result, figure: Figure): Regression | null {
  const [before, after] = [then[figure], now[figure]]
  const [was, is] = [then.ranges[figure], now.ranges[figure]]
  if (before === null || after === null || was === undefined || is === undefined) return null
  const isMore = MEASURES[figure].better === 'more'
  const loss = isMore ? before - after : after - before
  const apart = isMore ? is[1] < was[0] : is[0] > was[1]
  const worseBy = loss / before
  if (!apart || worseBy <= NOISE) return null
  const { workload, system, lane, concurrency } = now
  return {
    workload,
    system,
    lane,
    concurrency,
    figure,
    before,
    after,
    worseBy: Number(worseBy.toPrecision(3)),
  }
}

function isSame(one: Identity, other: Identity): boolean {
  return (
    one.workload === other.workload &&
    one.system === other.system &&
    one.lane === other.lane &&
    one.concurrency === other.concurrency
  )
}
