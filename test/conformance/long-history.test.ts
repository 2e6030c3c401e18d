import { expect, test } from 'vitest'
import { query, signal, workflow } from '../../shared/index.ts'
import { shardOf } from '../../shared/shard.ts'
import { register } from '../workers/registry.ts'
import { SHARDS, client, evict, until, world } from './world.ts'

const more = signal<number>('more')
const done = query<number>('done')

let reached = 0

/** As many steps in a row as each signal says, until one says none. */
const long = workflow('long-history', { messages: { more, done } }, async (ctx) => {
  let steps = 0
  ctx.setQueryHandler(done, () => steps)
  for (;;) {
    const count = await ctx.waitForSignal(more)
    if (count === 0) return steps
    for (let i = 0; i < count; i += 1) steps += await ctx.run('step', () => 1)
    await ctx.run('reached', () => {
      reached = steps
    })
  }
})
register(long)

test('105 long history: 10,000 activities in a row write as much per step at the end as at the start, and come back whole', async () => {
  const workflowId = 'long-105'
  const handle = await client.start(long, { workflowId })
  let total = 0
  /** Rows and bytes of history that `count` steps cost. */
  const costOf = async (count: number) => {
    const shard = shardOf(workflowId, SHARDS)
    const before = { ...(await world.WORKFLOWS.stats('default', shard)), ...(await handle.describe()) }
    total += count
    await handle.signal(more, count)
    await until(() => reached === total)
    const after = { ...(await world.WORKFLOWS.stats('default', shard)), ...(await handle.describe()) }
    return {
      rows: (after.rowsWritten - before.rowsWritten) / count,
      bytes: (after.historyBytes - before.historyBytes) / count,
    }
  }

  const first = await costOf(1_000)
  await costOf(8_000)
  const last = await costOf(1_000)
  expect(last.rows).toBeLessThanOrEqual(first.rows * 1.05)
  expect(last.bytes).toBeLessThanOrEqual(first.bytes * 1.05)

  await evict()
  expect(await handle.query(done)).toBe(10_000)
  await evict(workflowId)
  await handle.signal(more, 1)
  await handle.signal(more, 0)
  expect(await handle.result()).toBe(10_001)
  expect((await handle.describe()).historyEvents).toBeGreaterThan(20_000)
})
