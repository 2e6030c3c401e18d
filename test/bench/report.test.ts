import { describe, expect, test } from 'vitest'
import type { Workload } from '../../bench/figures.ts'
import type { Figure, Timed } from '../../bench/measures.ts'
import { ratiosOf } from '../../bench/report.ts'
import { syncsOf } from '../../bench/syncs.ts'
import { table } from '../../bench/table.ts'
import { ours, theirs } from './results.ts'

describe('a result', () => {
  const rounds = [100, 300, 200].map((steps) => ({
    steps,
    wallMs: 100,
    rowsWritten: 2 * steps,
    samplesMs: [steps],
  }))

  test('is the median over the rounds, with their lowest and highest', () => {
    const found = ours('seq-10', 'inline', ...rounds)
    expect(found).toMatchObject({ perSecond: 2_000, rowsPerStep: 2, rounds: 3, runs: 6 })
    expect(found.ranges).toMatchObject({ perSecond: [1_000, 3_000], p50Ms: [100, 300], rowsPerStep: [2, 2] })
  })

  test('has no figure where a round could not tell it', () => {
    const found = ours('seq-10', 'inline', { syncs: 4 }, { syncs: null })
    expect(found).toMatchObject({ syncsPerRun: null, firstMsPerStep: null, peakRssMiB: null })
    expect(found.ranges).not.toHaveProperty('syncsPerRun')
  })

  test('has memory above idle where the processes had done nothing before', () => {
    const weighed = { peakRssMiB: 300, idleRssMiB: 180 }
    expect(ours('memory', 'inline', weighed)).toMatchObject({ peakRssMiB: 300, memoryMiB: 120 })
    expect(ours('seq-10', 'inline', weighed)).toMatchObject({ peakRssMiB: 300, memoryMiB: null })
  })
})

describe('a ratio', () => {
  test('is of throughput, ours over theirs, for each lane', () => {
    const results = [
      ours('seq-10', 'inline', { steps: 800, wallMs: 100 }),
      ours('seq-10', 'queue', { steps: 200, wallMs: 100 }),
      theirs('seq-10', { steps: 10, wallMs: 100 }),
    ]
    expect(ratiosOf(results).map(({ lane, ratio, of }) => [lane, ratio, of])).toEqual([
      ['inline', 80, 'perSecond'],
      ['queue', 20, 'perSecond'],
    ])
  })

  const compared: [Figure, Workload, Partial<Timed>[]][] = [
    ['p99Ms', 'timers-5000', [{ samplesMs: [100] }, { samplesMs: [400] }]],
    ['p50Ms', 'children-100', [{ samplesMs: [100] }, { samplesMs: [400] }]],
    ['memoryMiB', 'memory', [110, 140].map((peakRssMiB) => ({ peakRssMiB, idleRssMiB: 100 }))],
    ['syncsPerRun', 'syncs', [{ syncs: 7 }, { syncs: 28 }]],
  ]
  test.each(compared)('is of %s for %s, theirs over ours', (of, workload, [mine, others]) => {
    expect(ratiosOf([ours(workload, null, mine!), theirs(workload, others!)])).toMatchObject([
      { ratio: 4, of },
    ])
  })

  test('of busy is what is left of the quiet latency', () => {
    const results = [
      ours('busy-quiet', 'inline', { samplesMs: [300] }),
      ours('busy', 'inline', { samplesMs: [1_200], besideCalls: 5 }),
    ]
    expect(ratiosOf(results)).toMatchObject([{ workload: 'busy', ratio: 0.25, of: 'p99Ms' }])
  })

  test('is not there without a rival, nor without a figure', () => {
    expect(ratiosOf([ours('list', null, {})])).toEqual([])
    expect(ratiosOf([ours('syncs', 'inline', {}), theirs('syncs', { syncs: 28 })])).toEqual([])
  })
})

test('the table has a line for each result, with its ratio', () => {
  const results = [ours('syncs', 'inline', { syncs: 1 }), theirs('syncs', { syncs: 28 })]
  const lines = table(results, ratiosOf(results)).split('\n')
  expect(lines).toHaveLength(3)
  expect(lines[1]).toMatch(/^syncs +50 +perdure +inline .* 28x +0\.5 syncs a run$/)
  expect(lines[2]).toMatch(/^syncs +50 +cloudflare-workflows .* 14 syncs a run$/)
})

test('a call that another one interrupted in the trace counts once', () => {
  const trace = `101 fdatasync(23 <unfinished ...>
102 fsync(7) = 0
101 <... fdatasync resumed>) = 0
103 +++ exited with 0 +++
`
  expect(syncsOf(trace)).toBe(2)
})
