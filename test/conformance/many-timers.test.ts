import { expect, test } from 'vitest'
import { workflow } from '../../shared/index.ts'
import { shardOf } from '../../shared/shard.ts'
import { register } from '../workers/registry.ts'
import { SHARDS, advance, client, evict, recorded } from './world.ts'

const sleeping = workflow('many-sleeping', async (ctx, minutes: number) => {
  await ctx.sleep(minutes * 60_000)
  return minutes
})
register(sleeping)

const RUNS = 20_000
const AT_ONCE = 2_000

test('106 many timers: 20,000 sleeping runs of one shard all wake, each once and not before its time', async () => {
  const ids = idsOn(0, RUNS)
  for (let begin = 0; begin < RUNS; begin += AT_ONCE) {
    const items = ids
      .slice(begin, begin + AT_ONCE)
      .map((workflowId, i) => ({ workflowId, input: i % 2 === 0 ? 60 : 120 }))
    const { errors } = await client.startBatch(sleeping, items)
    expect(errors).toEqual([])
  }
  expect(await counted('running')).toBe(RUNS)
  await evict()

  await advance(30 * 60_000)
  expect(await counted('completed')).toBe(0)
  await advance(60 * 60_000)
  expect(await counted('completed')).toBe(RUNS / 2)
  await evict()
  await advance(60 * 60_000)
  expect(await counted('completed')).toBe(RUNS)
  for (const workflowId of ids.filter((_, i) => i % 2_000 === 0))
    expect(await recorded(client.getHandle(workflowId), 'timer_fired')).toHaveLength(1)
})

function counted(status: 'running' | 'completed'): Promise<number> {
  return client.count({ workflowType: 'many-sleeping', status })
}

function idsOn(shard: number, count: number): string[] {
  const ids: string[] = []
  for (let i = 0; ids.length < count; i += 1)
    if (shardOf(`many-${i}`, SHARDS) === shard) ids.push(`many-${i}`)
  return ids
}
