/** `perdure/testing` in workerd, beside the scheduler: runs of every end, in their shards and archived. */
import { createExecutionContext, createScheduledController } from 'cloudflare:test'
import { beforeAll, describe, expect, test } from 'vitest'
import { defineActivity, signal, sleep, workflow } from '../../shared/index.ts'
import type { WorkflowContext } from '../../shared/index.ts'
import { historyLines, replayArchive, replayHistory } from '../../testing/index.ts'
import type { ReplayArchiveOptions, ReplayedRun } from '../../testing/index.ts'
import worker from '../workers/entry.ts'
import { register } from '../workers/registry.ts'
import { client, evict, historyOf, rejection, typesOf, until, world } from './world.ts'

type Way = 'completes' | 'fails' | 'waits'
type Code = (ctx: WorkflowContext, order: { way: Way; express: boolean }) => Promise<unknown>

let stepsRun = 0
const priced = defineActivity(
  'replay-priced',
  async (way: Way): Promise<Map<Way, bigint>> => {
    if (way === 'fails') throw new Error('no price')
    return new Map([[way, 1n]])
  },
  { retry: { maxAttempts: 1 } },
)
const go = signal('go')

const DEPLOYED: Code = async (ctx, { way, express }) => {
  // Names made of what the globals say: a replay in which they said something else would differ.
  await ctx.run(`${Date.now()} ${crypto.randomUUID()} ${Math.random()}`, () => (stepsRun += 1))
  if (express) await sleep(0)
  const prices = await ctx.activity(priced, { input: way })
  if (way === 'waits') await ctx.waitForSignal(go)
  return prices.get(way)
}

/** What the next deploy would change: of express orders only. */
const CHANGED: Code = async (ctx, order) => {
  if (!order.express) return DEPLOYED(ctx, order)
  return ctx.activity(priced, { input: order.way })
}

const orders = workflow('replay-order', DEPLOYED)
const changed = workflow('replay-order', CHANGED)
const others = workflow('replay-other', async () => 'another type')
register(priced, orders, others)

const CLOSED = ['completed', 'failed', 'cancelled', 'terminated'] as const

async function archived(): Promise<void> {
  const env = world as unknown as Parameters<typeof worker.scheduled>[1] // the test Worker's own bindings
  await until(async () => {
    await worker.scheduled(createScheduledController(), env, createExecutionContext())
    return (await client.count({ status: CLOSED, tiers: ['hot'] })) === 0
  })
}

/** A run of each end, express and not, whose ids begin with `prefix`. */
async function ended(prefix: string): Promise<void> {
  for (const express of [true, false]) {
    const id = `${prefix}-${express ? 'express' : 'plain'}`
    await client.execute(orders, { workflowId: `${id}-completed`, input: { way: 'completes', express } })
    await rejection(client.execute(orders, { workflowId: `${id}-failed`, input: { way: 'fails', express } }))
    for (const end of ['cancel', 'terminate'] as const) {
      const run = await client.start(orders, { workflowId: `${id}-${end}`, input: { way: 'waits', express } })
      await until(async () => (await typesOf(run)).includes('activity_completed'))
      await run[end]()
      await rejection(run.result())
    }
  }
}

async function lines(options: Partial<ReplayArchiveOptions> = {}): Promise<ReplayedRun[]> {
  const all: ReplayedRun[] = []
  for await (const line of replayArchive({ client, workflow: changed, ...options })) all.push(line)
  return all
}

const idsOf = (runs: readonly ReplayedRun[]): string[] => runs.map(({ workflowId }) => workflowId).toSorted()
const express = (prefix: string): string[] =>
  ['cancel', 'completed', 'failed', 'terminate'].map((end) => `${prefix}-express-${end}`)

beforeAll(async () => {
  await ended('warm')
  await client.execute(others, { workflowId: 'other' })
  await archived()
  await ended('hot')
})

describe('replayArchive', () => {
  test('finds nothing where the code is as it was', async () => {
    const all = await lines({ workflow: orders })
    expect(all).toHaveLength(16)
    expect(all.filter(({ ok }) => !ok)).toEqual([])
  })

  test('finds exactly the runs that the changed code cannot replay, in their shards and archived', async () => {
    const tiers = await client.list({ workflowType: 'replay-order' })
    expect(new Set(tiers.map(({ workflowId, tier }) => `${workflowId.split('-')[0]} in ${tier}`))).toEqual(
      new Set(['warm in warm', 'hot in hot']),
    )
    const differing = (await lines()).filter(({ ok }) => !ok)
    expect(idsOf(differing)).toEqual([...express('hot'), ...express('warm')])
    for (const line of differing) {
      expect(line).toMatchObject({ eventId: 2, actual: 'activity_scheduled replay-priced (call 1)' })
      expect(line.expected).toMatch(/^step_scheduled \d+ \S+ \S+ \(call 1\)$/)
    }
    expect(idsOf((await lines({ tiers: ['warm'] })).filter(({ ok }) => !ok))).toEqual(express('warm'))
    expect(idsOf((await lines({ tiers: ['hot'] })).filter(({ ok }) => !ok))).toEqual(express('hot'))
  })

  test('takes those that closed since, and the same sample each time', async () => {
    const { completedAt } = await client.describe('hot-express-completed')
    const since = await lines({ since: completedAt! })
    expect(idsOf(since)).toEqual(
      idsOf((await lines()).filter(({ workflowId }) => workflowId.startsWith('hot'))),
    )
    const sample = await lines({ sample: 5 })
    expect(sample).toHaveLength(5)
    expect(await lines({ sample: 5 })).toEqual(sample)
    expect(await lines({ sample: 0.5 })).toEqual(await lines({ sample: 0.5 }))
  })

  test('runs no step again', async () => {
    const before = stepsRun
    await lines({ workflow: orders })
    expect(stepsRun).toBe(before)
  })
})

describe('replayHistory', () => {
  test.each(['warm', 'hot'])(
    'reads a run that is %s from its handle, its events or its lines',
    async (tier) => {
      const run = client.getHandle(`${tier}-express-completed`)
      expect((await run.describe()).tier).toBe(tier)
      for (const history of [run, run.history(), await historyOf(run), await historyLines(run.history())]) {
        await expect(replayHistory(orders, history)).resolves.toBeUndefined()
      }
      await expect(replayHistory(changed, run)).rejects.toMatchObject({ code: 'nondeterminism', eventId: 2 })
    },
  )

  test('takes a run that goes on, and leaves it as it is', async () => {
    const run = await client.start(orders, { workflowId: 'goes-on', input: { way: 'waits', express: true } })
    await until(async () => (await typesOf(run)).includes('activity_completed'))
    const before = await historyOf(run)
    await expect(replayHistory(orders, run)).resolves.toBeUndefined()
    await expect(replayHistory(changed, run)).rejects.toMatchObject({ eventId: 2 })
    await evict('goes-on')
    expect(await historyOf(run)).toEqual(before)
    await run.signal(go)
    await expect(run.result()).resolves.toBe(1n)
  })
})

let firstLine: () => Promise<unknown> = async () => {}
const repaired = workflow('replay-repaired', async (ctx) => {
  await firstLine()
  return ctx.activity(priced, { input: 'completes' })
})
register(repaired)

describe('a run blocked before its first command', () => {
  test('replays with code that can take it up', async () => {
    firstLine = async () => fetch('https://example.com')
    const run = await client.start(repaired, { workflowId: 'blocked' })
    await until(async () => (await run.describe()).blocked)
    await expect(replayHistory(repaired, run)).rejects.toMatchObject({ eventId: 1 })
    firstLine = async () => {}
    await expect(replayHistory(repaired, run)).resolves.toBeUndefined()
    await run.terminate()
  })
})
