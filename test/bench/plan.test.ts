import { describe, expect, test } from 'vitest'
import { readOptions } from '../../bench/options.ts'
import { cells } from '../../bench/plan.ts'

describe('what is measured', () => {
  test('is everything, and the archive, which --quick leaves out', () => {
    expect(readOptions([])).toMatchObject({ cells: cells(false), archive: true, quick: false })
    expect(readOptions(['--quick'])).toMatchObject({ cells: cells(true), archive: false, quick: true })
  })

  test('is what is named, in front or by --only, at the concurrency that is asked for', () => {
    const named = readOptions(['signal', '--only', 'noop-1', '--concurrency', '50']).cells
    expect(named.map(({ workloads, concurrency }) => [...workloads, concurrency])).toEqual([
      ['noop-1', 50],
      ['signal', 50],
    ])
  })

  test('of a cell with several workloads is those that are named', () => {
    expect(readOptions(['list-filtered']).cells.map(({ workloads }) => workloads)).toEqual([
      ['list-filtered'],
    ])
  })

  test.each([
    [['nothing'], /no workload is called nothing; there are noop-1, .*archive/],
    [['--system', 'temporal'], /no system is called temporal/],
  ])('is not %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(message)
  })
})
