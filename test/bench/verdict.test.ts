import { describe, expect, test } from 'vitest'
import { cells } from '../../bench/plan.ts'
import { TARGETS, type Target } from '../../bench/targets.ts'
import { judge, tally, verdictTable } from '../../bench/verdict.ts'
import { ours, theirs } from './results.ts'

const rate: Target = {
  title: 'runs/s',
  workload: 'noop-1',
  concurrency: 50,
  figure: 'perSecond',
  own: { inline: 1_000, eager: 500 },
  against: { inline: 40 },
}
const late: Target = {
  title: 'late',
  workload: 'timers-5000',
  figure: 'p99Ms',
  own: { inline: 300 },
  against: { inline: 0.3 },
}
const runs = (perSecond: number) => ({ steps: perSecond, wallMs: 1_000 })

describe('a target', () => {
  test('is met from there on, and beside Cloudflare Workflows likewise', () => {
    const results = [ours('noop-1', 'inline', runs(1_000)), theirs('noop-1', runs(26))]
    const [inline] = judge(results, [rate])
    expect(inline).toMatchObject({ lane: 'inline', value: 1_000, met: true, factor: 38.5, factorMet: false })
  })

  test('is met up to there where less is better', () => {
    const results = [
      ours('timers-5000', null, { samplesMs: [299] }),
      theirs('timers-5000', { samplesMs: [1_000] }),
    ]
    expect(judge(results, [late])).toMatchObject([
      { lane: 'inline', met: true, factor: 0.299, factorMet: true },
    ])
  })

  test('that was not measured is neither met nor missed', () => {
    const lines = judge([ours('noop-1', 'queue', runs(700))], [rate])
    expect(lines.map(({ lane, value, met }) => [lane, value, met])).toEqual([
      ['inline', null, null],
      ['eager', null, null],
      ['queue', 700, null],
    ])
    expect(tally(lines)).toEqual({ met: 0, missed: 0 })
  })

  test('of which anything was measured has a line in the table, below which all are counted', () => {
    const results = [ours('noop-1', 'inline', runs(1_200)), theirs('noop-1', runs(40))]
    const lines = verdictTable(judge(results, [rate, late])).split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[1]).toMatch(/^runs\/s +✓ 1,200 \(≥ 1,000\) +not measured \(≥ 500\) +✗ 30x \(≥ 40x\)/)
    expect(lines.at(-1)).toBe('targets met: 1 of 2 that were measured')
  })
})

test.each([true, false])('the plan measures what there are targets for (quick: %s)', (quick) => {
  const planned = cells(quick).flatMap(({ workloads, concurrency, lanes, theirRounds }) =>
    workloads.map((workload) => ({ workload, concurrency, lanes, theirRounds })),
  )
  const unplanned = TARGETS.filter(({ workload, concurrency, own, against }) => {
    const cell = planned.find(
      (one) => one.workload === workload && (concurrency ?? one.concurrency) === one.concurrency,
    )
    const lanes = new Set<string>(cell?.lanes.map((lane) => lane ?? 'inline'))
    const beside = Object.keys(against)
    const hasLanes = [...Object.keys(own), ...beside].every((lane) => lanes.has(lane))
    return !hasLanes || (beside.length > 0 && !cell?.theirRounds)
  })
  expect(unplanned).toEqual([])
})
