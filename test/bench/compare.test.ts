import { describe, expect, test } from 'vitest'
import { regressions, regressionText } from '../../bench/compare.ts'
import { ours, theirs } from './results.ts'

const rate = (...perSecond: number[]) =>
  ours('noop-1', 'inline', ...perSecond.map((steps) => ({ steps, wallMs: 1_000 })))
const rows = (rowsWritten: number) => ours('rows', 'inline', { steps: 1_000, rowsWritten })

describe('a regression', () => {
  test('is a median more than a tenth worse whose range is apart', () => {
    const [one, ...others] = regressions([rate(950, 1_000, 1_050)], [rate(700, 800, 900)])
    expect(others).toEqual([])
    expect(one).toMatchObject({
      workload: 'noop-1',
      figure: 'perSecond',
      before: 1_000,
      after: 800,
      worseBy: 0.2,
    })
    expect(regressionText(one!)).toBe('WORSE noop-1 inline at 50: perSecond 1000 -> 800 1/s, 20 % worse')
  })

  test('is in the direction that is worse for the figure', () => {
    expect(regressions([rows(2_000)], [rows(4_000)])).toMatchObject([{ figure: 'rowsPerStep', worseBy: 1 }])
    expect(regressions([rows(4_000)], [rows(2_000)])).toEqual([])
    expect(regressions([rate(700, 800, 900)], [rate(950, 1_000, 1_050)])).toEqual([])
  })

  test.each([
    ['ranges that touch', rate(900, 1_000, 1_050), rate(700, 800, 900)],
    ['a median within a tenth', rate(1_000), rate(910)],
    ['what was not measured before', ours('noop-1', 'queue', { steps: 1_000 }), rate(10)],
    ['another system', theirs('noop-1', { steps: 1_000 }), theirs('noop-1', { steps: 10 })],
    ['a figure that one of them lacks', ours('noop-1', 'inline', { syncs: 1 }), ours('noop-1', 'inline', {})],
  ])('is not %s', (_name, before, after) => {
    expect(regressions([before], [after])).toEqual([])
  })

  test('is anything where there was nothing', () => {
    const [one] = regressions([rows(0)], [rows(10)])
    expect(one?.worseBy).toBe(Infinity)
    expect(regressionText(one!)).toBe('WORSE rows inline at 50: rowsPerStep 0 -> 0.01 rows, worse')
  })
})
