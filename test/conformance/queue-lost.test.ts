import { afterEach, describe, expect, test } from 'vitest'
import { defineActivity, workflow } from '../../shared/index.ts'
import { faults, register } from '../workers/registry.ts'
import { loseAll, persist } from './loss.ts'
import { advance, client, recorded, until } from './world.ts'

const calls = new Map<string, number>()
const addOne = defineActivity('addOne', async (n: number, ctx) => {
  calls.set(ctx.idempotencyKey, (calls.get(ctx.idempotencyKey) ?? 0) + 1)
  return n + 1
})
const addThree = workflow('addThree', async (ctx, n: number) => {
  let sum = n
  for (let step = 0; step < 3; step += 1) sum = await ctx.activity(addOne, { input: sum })
  return sum
})
const addAtOnce = workflow('addAtOnce', async (ctx, n: number) => {
  const sums = await Promise.all([0, 1, 2].map((step) => ctx.activity(addOne, { input: n + step })))
  return sums.reduce((sum, one) => sum + one, 0)
})
register(addOne, addThree, addAtOnce)

afterEach(() => {
  faults.loseMessages = false
})

describe('85 queue/lost', () => {
  test('85 queue/lost: every message is thrown away at a restart, and all running workflows complete', async () => {
    faults.loseMessages = true
    const runs = await Promise.all(
      Array.from({ length: 20 }, (_, n) => {
        const definition = n % 2 === 0 ? addThree : addAtOnce
        return client.start(definition, { workflowId: `lost-${n}`, input: n })
      }),
    )
    await until(async () => (await client.describe('lost-19')).pendingActivities.length === 3)
    await loseAll()
    await client.count()
    faults.loseMessages = false
    expect(calls.size).toBe(0)
    await persist(() => advance(60_000))
    const results = await Promise.all(runs.map((run) => run.result()))
    expect(results).toEqual(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? n + 3 : 3 * n + 6)))
    expect(calls.size).toBe(60)
    expect([...calls.values()].every((times) => times === 1)).toBe(true)
  })

  test('85 queue/lost: again and again, the message is sent with growing gaps until it gets through', async () => {
    faults.loseMessages = true
    const run = await client.start(addThree, { workflowId: 'lost-thrice', input: 1 })
    for (const gap of [60_000, 120_000, 240_000]) await advance(gap)
    faults.loseMessages = false
    await advance(480_000)
    await expect(run.result()).resolves.toBe(4)
    expect(await recorded(run, 'activity_completed')).toMatchObject([
      { attempt: 1 },
      { attempt: 1 },
      { attempt: 1 },
    ])
  })
})
