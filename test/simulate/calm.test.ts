/** Scenarios in a world that loses nothing: each ends as the model says, and every invariant holds. */
import { expect, test } from 'vitest'
import { calmWorld } from './calm.ts'
import { drive } from './drive.ts'
import { Random } from './random.ts'
import { checkQuiescent, checkStep } from './invariants.ts'
import { generate } from './scenario.ts'

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1)

test.each(SEEDS)('seed %i', async (seed) => {
  const scenario = generate(new Random(seed))
  const world = await calmWorld()
  try {
    const seen = await drive(world, scenario)
    checkStep(world)
    await checkQuiescent(world, scenario, seen)
    expect(seen.answers.size).toBe(scenario.actions.length)
  } finally {
    world.end()
  }
})
