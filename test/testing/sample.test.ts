/** Which of many runs are replayed. */
import { describe, expect, test } from 'vitest'
import { sampled } from '../../testing/sample.ts'
import { seeded } from '../replay/driver.ts'

interface Listed {
  readonly runId: string
}

async function* listing(runs: readonly Listed[]): AsyncGenerator<Listed> {
  yield* runs
}

async function chosen(runs: readonly Listed[], sample: number): Promise<string[]> {
  const ids: string[] = []
  for await (const { runId } of sampled(listing(runs), sample)) ids.push(runId)
  return ids
}

const runs = Array.from({ length: 2_000 }, (_, index) => ({ runId: `01RUN${index}` }))

function shuffled(seed: number): Listed[] {
  const random = seeded(seed)
  return runs
    .map((run) => ({ run, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ run }) => run)
}

describe('a fraction', () => {
  test('of 1 is every run, in order', async () => {
    expect(await chosen(runs, 1)).toEqual(runs.map(({ runId }) => runId))
  })

  test('is about as many runs as it says, and a part of any larger one', async () => {
    const [tenth, half] = [await chosen(runs, 0.1), await chosen(runs, 0.5)]
    expect(Math.abs(tenth.length - 200)).toBeLessThan(50)
    expect(Math.abs(half.length - 1_000)).toBeLessThan(100)
    expect(half).toEqual(expect.arrayContaining(tenth))
  })

  test('is the same runs in any order, and whatever others there are', async () => {
    const tenth = await chosen(runs, 0.1)
    expect((await chosen(shuffled(1), 0.1)).toSorted()).toEqual(tenth.toSorted())
    const later = await chosen(runs.slice(500), 0.1)
    expect(later).toEqual(tenth.filter((runId) => Number(runId.slice(5)) >= 500))
  })

  test('is pinned: another hash would choose other runs than the last time', async () => {
    expect(await chosen(runs, 0.002)).toEqual(['01RUN1724'])
  })
})

describe('a number', () => {
  test('is that many runs, in order, the same ones in any order', async () => {
    const ten = await chosen(runs, 10)
    expect(ten).toHaveLength(10)
    const places = ten.map((runId) => Number(runId.slice(5)))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    for (const seed of [1, 2, 3]) {
      const order = shuffled(seed)
      const again = await chosen(order, 10)
      expect(again.toSorted()).toEqual(ten.toSorted())
      const at = again.map((runId) => order.findIndex((run) => run.runId === runId))
      expect(at).toEqual(at.toSorted((a, b) => a - b))
    }
  })

  test('above that of the runs is all of them', async () => {
    expect(await chosen(runs.slice(0, 3), 10)).toEqual(['01RUN0', '01RUN1', '01RUN2'])
    expect(await chosen([], 10)).toEqual([])
  })

  test('loses at most one run to each that is added', async () => {
    const before = await chosen(runs.slice(0, 1_900), 50)
    const after = await chosen(runs.slice(0, 1_901), 50)
    expect(after.filter((runId) => !before.includes(runId)).length).toBeLessThanOrEqual(1)
  })
})
