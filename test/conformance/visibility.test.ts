import { createExecutionContext, createScheduledController } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { WorkflowClient } from '../../shared/client.ts'
import { signal, workflow } from '../../shared/define.ts'
import type { ListFilter } from '../../shared/listing.ts'
import worker from '../workers/entry.ts'
import { register } from '../workers/registry.ts'
import { advance, client, rejection, seeded, world } from './world.ts'

const end = signal('end')
const listed = workflow('visibility-listed', { messages: { end } }, async (ctx) => {
  await ctx.waitForSignal(end)
})
const other = workflow('visibility-other', async () => 'at once')
register(listed, other)

const archive = (): Promise<void> =>
  worker.scheduled(createScheduledController(), world, createExecutionContext())

/** Every id of a listing, page by page, while `between` changes the world. */
async function idsOf(filter: ListFilter, between: () => Promise<void>): Promise<string[]> {
  const ids: string[] = []
  let page = await client.list(filter)
  for (;;) {
    ids.push(...page.map(({ workflowId }) => workflowId))
    if (page.nextCursor === undefined) return ids
    await between()
    page = await client.list({ ...filter, cursor: page.nextCursor })
  }
}

test('108 list: each run once in every order, while runs start, close and are archived during the listing', async () => {
  for (const [index, orderBy] of (['-startedAt', 'startedAt', '-closedAt', 'closedAt'] as const).entries()) {
    const random = seeded(index + 1)
    const prefix = `list-${index}-`
    const open = Array.from({ length: 30 }, (_, i) => `${prefix}${i}`)
    await Promise.all(open.map((workflowId) => client.start(listed, { workflowId })))
    const endOne = async (): Promise<string> => {
      const [workflowId = ''] = open.splice(Math.floor(random() * open.length), 1)
      await client.getHandle(workflowId).signal(end)
      return workflowId
    }
    const closed: string[] = []
    while (closed.length < 14) closed.push(await endOne())
    const expected = orderBy.endsWith('closedAt') ? [...closed] : [...open, ...closed]
    let started = 0
    const ids = await idsOf({ orderBy, limit: 4, idPrefix: prefix }, async () => {
      await client.start(other, { workflowId: `${prefix}new-${started++}` })
      if (open.length > 0) await endOne()
      if (random() < 0.6) await archive()
    })
    expect(new Set(ids).size, `by ${orderBy}`).toBe(ids.length)
    expect(ids.filter((id) => expected.includes(id)).toSorted(), `by ${orderBy}`).toEqual(expected.toSorted())
    await archive()
    const tiers = await client.list({ idPrefix: prefix, tiers: ['warm'], limit: 1_000 })
    expect(tiers.length, `by ${orderBy}`).toBeGreaterThan(14)
    expect(tiers.every(({ tier }) => tier === 'warm')).toBe(true)
  }
})

async function filtered(filter: ListFilter): Promise<string[]> {
  return (await client.list({ idPrefix: 'filter_', ...filter })).map(({ workflowId }) => workflowId)
}

test('108 list: filters narrow, orders hold, and a client sees what it has just started', async () => {
  const startedAfter = new Date()
  const begun: string[] = []
  for (const i of Array.from({ length: 12 }, (_, n) => n)) {
    const workflowId = `filter_${i}`
    await advance(1) // run ids of one millisecond have no order
    const { runId } = await new WorkflowClient(world.WORKFLOWS).start((i % 3 === 0 ? other : listed).name, {
      workflowId,
    })
    begun.push(workflowId)
    const [newest] = await client.list({ startedAfter, limit: 1 })
    expect(newest).toMatchObject({ workflowId, runId })
  }
  await client.terminate('filter_1', 'no longer needed')
  expect(await filtered({ orderBy: 'startedAt' })).toEqual(begun)
  expect(await filtered({})).toEqual(begun.toReversed())
  expect(await filtered({ status: 'terminated' })).toEqual(['filter_1'])
  expect(await filtered({ status: ['terminated', 'completed'], orderBy: 'startedAt' })).toEqual([
    'filter_0',
    'filter_1',
    'filter_3',
    'filter_6',
    'filter_9',
  ])
  expect(await filtered({ orderBy: 'closedAt' })).toEqual([
    'filter_0',
    'filter_3',
    'filter_6',
    'filter_9',
    'filter_1',
  ])
  expect((await filtered({ workflowType: 'visibility-other' })).toSorted()).toEqual([
    'filter_0',
    'filter_3',
    'filter_6',
    'filter_9',
  ])
  expect(await filtered({ idPrefix: 'filter_1', orderBy: 'startedAt' })).toEqual([
    'filter_1',
    'filter_10',
    'filter_11',
  ])
  expect(await filtered({ idPrefix: 'FILTER_' })).toEqual([])
  expect(await filtered({ idPrefix: 'filterX' })).toEqual([])
  expect(await filtered({ taskQueue: 'nobody' })).toEqual([])
  expect(await filtered({ startedBefore: startedAfter })).toEqual([])
  expect(await client.count({ idPrefix: 'filter_', status: 'running' })).toBe(7)
  const all: string[] = []
  for await (const { workflowId } of client.list({ idPrefix: 'filter_', limit: 5 })) all.push(workflowId)
  expect(all).toEqual(begun.toReversed())
  const { nextCursor } = await client.list({ limit: 1 })
  const wrongOrder = client.list({
    orderBy: 'startedAt',
    ...(nextCursor !== undefined && { cursor: nextCursor }),
  })
  expect(await rejection(wrongOrder)).toMatchObject({ code: 'invalid_argument', path: 'cursor' })
})
