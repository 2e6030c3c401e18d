import { expect, test } from 'vitest'
import { NO_FAULTS, planOf } from './faults.ts'
import type { FaultPlan } from './faults.ts'
import { Random } from './random.ts'
import { smallCode, smallStory } from './small.ts'
import { createWorld } from './world.ts'

async function told(seed: number, faults: FaultPlan) {
  const world = await createWorld({ seed, faults, shards: 3, code: smallCode })
  try {
    const results = await smallStory(world)
    return { results, hash: world.traceHash, steps: world.timeline.steps, fired: world.faults.fired }
  } finally {
    world.end()
  }
}

test('in a world without faults every order ends as it should', async () => {
  const { results } = await told(1, NO_FAULTS)
  expect(results).toEqual([0, 1, 2, 3].map((payment) => ({ price: 20, payment, shipped: 2 })))
})

test('a seed decides all that happens, bit for bit', async () => {
  const worlds = [6, 9, 6].map((seed) => () => told(seed, planOf(new Random(seed))))
  const [first, other, again] = [await worlds[0]!(), await worlds[1]!(), await worlds[2]!()]
  expect(first.fired.length).toBeGreaterThan(5)
  expect(again).toEqual(first)
  expect(other.hash).not.toBe(first.hash)
})
