import { describe, expect, test } from 'vitest'
import { PEAK, type Shown, cells } from '../../bench/outside/cells.ts'
import { hasFailed } from '../../bench/outside/document.ts'
import { quantile } from '../../bench/outside/figures.ts'
import { peakRow, rowsOf, table } from '../../bench/outside/report.ts'
import type { Measured } from '../../bench/outside/sitting.ts'
import { FULL } from '../../bench/outside/sizes.ts'
import type { SystemName } from '../../bench/outside/system.ts'
import { atLeastTimes, atMost } from '../../bench/outside/targets.ts'

const RUNS: Shown = { figure: 'runs', says: 'runs/s', better: 'more', target: atLeastTimes(2) }
const LATE: Shown = { figure: 'lateMs', says: 'late, ms', better: 'less', target: atMost(50) }
const cell = { workload: 'noop', rounds: 3, warmUps: 0, shown: [RUNS, LATE], round: async () => ({}) }

function measured(system: SystemName, runs: number[] | null, peakMiB = 0): Measured {
  return { cell, system, peakMiB, rounds: runs && runs.map((one) => ({ runs: one, lateMs: 1_000 / one })) }
}

describe('a row of the benchmark from outside', () => {
  test('is of medians, and of how many times better perdure is than the better of the others', () => {
    const [runs, late] = rowsOf([
      measured('perdure', [90, 100, 120]),
      measured('restate', [40]),
      measured('dbos', [20]),
    ])
    expect(runs).toMatchObject({ ratio: 2.5, target: '>= 2x', met: true })
    expect(runs?.systems.perdure).toEqual({ median: 100, range: [90, 120] })
    expect(late).toMatchObject({ ratio: 2.5, met: true })
  })

  test('has no ratio without a peer, and then says nothing of a target that is one', () => {
    const [runs, late] = rowsOf([measured('perdure', [100]), measured('dbos', null)])
    expect(runs).toMatchObject({ ratio: null, met: null })
    expect(late).toMatchObject({ ratio: null, met: true })
  })

  test('that fails on perdure meets nothing', () => {
    const rows = rowsOf([measured('perdure', null), measured('restate', [40])])
    expect(hasFailed({ versions: { perdure: '1' }, rows })).toBe(true)
    expect(hasFailed({ versions: { restate: '1' }, rows })).toBe(false)
    expect(rows[0]).toMatchObject({
      systems: { restate: { median: 40 } },
      ratio: null,
      met: null,
    })
  })

  test('of memory has the highest of all cells', () => {
    const row = peakRow([measured('perdure', [1], 100), measured('perdure', [1], 301)], PEAK)
    expect(row).toMatchObject({ met: false, systems: { perdure: { median: 301, range: [100, 301] } } })
    expect(table([row])).toContain('NOT MET')
  })
})

test('a quantile lies between the samples that are next to it', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
  expect(quantile([7], 0.99)).toBe(7)
})

test('each figure that is shown has a name of its own', () => {
  const names = cells(FULL).flatMap(({ workload, shown }) => shown.map(({ says }) => `${workload}: ${says}`))
  expect(names).toEqual([...new Set(names)])
})
