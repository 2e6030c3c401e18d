/** Figures of shards: what memory keeps up is what the rows say. */
import { describe, expect, test } from 'vitest'
import { defineActivity, signal, workflow } from '../../shared/index.ts'
import type { ShardStats } from '../../shared/stats.ts'
import type { SimulatedPlatform } from '../../testing/simulated/platform.ts'
import { environmentsWithPlatforms } from './environments.ts'

const create = environmentsWithPlatforms()

const go = signal('go')
const hangs = defineActivity('hangs', () => new Promise(() => {}))
const fails = defineActivity('fails', () => {
  throw new Error('closed')
})
const waits = workflow('waits', async (ctx, fail: boolean) => {
  await ctx.waitForSignal(go)
  if (fail) throw new Error('failed')
})
const works = workflow('works', async (ctx) => {
  await Promise.all([ctx.activity(hangs, {}), ctx.activity(fails, { retry: { initialInterval: '1h' } })])
})
const options = { workflows: [waits, works], activities: [hangs, fails], shards: 1 }

async function statsOf(platform: SimulatedPlatform): Promise<ShardStats> {
  const reply = await platform.service().shardStats({ to: { namespace: 'default', shard: 0, shards: 1 } })
  if (!reply.ok) throw new Error(reply.message)
  return reply.value
}

describe('the figures of a shard', () => {
  test('count runs by their status, the same from memory and anew from rows', async () => {
    const { env, platform } = await create(options)
    const statuses: object[] = []
    const look = async (): Promise<void> => {
      await env.settle()
      const { runs, openRuns } = await statsOf(platform)
      statuses.push({ ...runs, openRuns })
    }
    await look()
    const ids = ['a', 'b', 'c', 'd', 'e']
    const handles = await Promise.all(
      ids.map((id) => env.client.start(waits, { workflowId: id, input: id === 'b' })),
    )
    await look()
    await handles[0]!.pause()
    await handles[3]!.pause()
    await look()
    await handles[0]!.resume()
    await handles[3]!.terminate()
    await handles[1]!.signal(go)
    await handles[2]!.signal(go)
    await look()
    const kept = await statsOf(platform)
    await env.evict()
    const anew = await statsOf(platform)
    expect(anew.runs).toEqual(kept.runs)
    await env.client.delete('c', handles[2]!.runId)
    await look()
    expect(statuses).toEqual([
      { openRuns: 0 },
      { running: 5, openRuns: 5 },
      { running: 3, paused: 2, openRuns: 5 },
      { running: 2, terminated: 1, failed: 1, completed: 1, openRuns: 2 },
      { running: 2, terminated: 1, failed: 1, openRuns: 2 },
    ])
    expect(kept.events).toMatchObject({ workflow_started: 5, workflow_terminated: 1, workflow_failed: 1 })
    expect(anew.events).toEqual({})
    expect(anew.since).toBeGreaterThanOrEqual(kept.since)
  })

  test('count how long the turns took that others waited for', async () => {
    const { env, platform } = await create(options)
    const counted = async (): Promise<number> => {
      const { turnDurations, turns } = await statsOf(platform)
      const sum = turnDurations?.counts.reduce((total, count) => total + count, 0) ?? -1
      expect(sum).toBeLessThan(turns)
      return sum
    }
    await env.client.start(waits, { workflowId: 'alone', input: false })
    expect(await counted()).toBe(0)
    const ids = Array.from({ length: 2_000 }, (_, at) => `together-${at}`)
    await Promise.all(ids.map((workflowId) => env.client.start(waits, { workflowId, input: false })))
    expect(await counted()).toBeGreaterThan(0)
  })

  test('count activities by what they wait for', async () => {
    const { env, platform } = await create(options)
    await env.client.start(works, { workflowId: 'works' })
    await env.settle()
    const { taskQueues, sequence, cdcLag, archive } = await statsOf(platform)
    expect(taskQueues['default']).toEqual({ pending: 0, running: 1, delayed: 1 })
    expect([sequence, cdcLag]).toEqual([3, null])
    expect(archive).toMatchObject({ warmRuns: 0, coldRuns: 0, waiting: { batches: 0, runs: 0, bytes: 0 } })
  })

  test('write no row', async () => {
    const { env, platform } = await create(options)
    await env.client.start(waits, { workflowId: 'a', input: false })
    await env.settle()
    const before = await statsOf(platform)
    const after = await statsOf(platform)
    expect(after.rowsWritten).toBe(before.rowsWritten)
  })
})
