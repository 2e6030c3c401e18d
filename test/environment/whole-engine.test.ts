/** What the engine can do is there without a word about it in the environment: it is the engine. */
import { expect, test } from 'vitest'
import { defineActivity, update, workflow, WorkflowNotFoundError } from '../../shared/index.ts'
import { environments } from './environments.ts'

const create = environments()

test('a chain of runs through two years, lost again and again', async () => {
  const paid: string[] = []
  const pay = defineActivity('pay', async (month: string, ctx) => void paid.push(`${month} ${ctx.attempt}`))
  const billing = workflow('billing', async (ctx, month: number): Promise<number> => {
    await ctx.activity(pay, { input: `${month}` })
    await ctx.sleep('30d')
    return month === 23 ? month : ctx.continueAsNew(month + 1)
  })
  const env = await create({ workflows: [billing], activities: [pay] })
  for (const n of [1, 5, 9]) env.crashAfter('workflow_continued_as_new', n)
  env.crashAfter('timer_fired', 3)
  const handle = await env.client.start(billing, { workflowId: 'billing', input: 0 })
  await env.advance('721d')
  expect(await handle.result()).toBe(23)
  expect(paid).toEqual(Array.from({ length: 24 }, (_, month) => `${month} 1`))
})

test('schedules start their runs when it is time', async () => {
  const daily = workflow('daily', async (ctx) => ctx.schedule?.scheduledAt)
  const env = await create({ workflows: [daily], startTime: '2026-01-01T00:00:00Z' })
  await env.client.schedules.create({ scheduleId: 'nine', spec: { cron: '0 9 * * *' }, workflow: daily })
  await env.advance('31d')
  expect(await env.client.count({ workflowType: 'daily', status: 'completed' })).toBe(31)
  const last = await env.client.getHandle('nine-2026-01-31T09:00:00Z').describe()
  expect(last).toMatchObject({ startedAt: new Date('2026-01-31T09:00:00Z'), result: last.startedAt })
})

test('updates are taken and answered, before and after an eviction', async () => {
  const add = update<number, [number]>('add')
  const sums = workflow('sums', async (ctx) => {
    let sum = 0
    ctx.setUpdateHandler(add, (n) => (sum += n))
    await ctx.sleep('1d')
    return sum
  })
  const env = await create({ workflows: [sums] })
  const handle = await env.client.start(sums, { workflowId: 'sums' })
  expect(await handle.update(add, { args: [2] })).toBe(2)
  await env.evict()
  expect(await handle.update(add, { args: [3] })).toBe(5)
  await env.advance('1d')
  expect(await handle.result()).toBe(5)
})

test('a workflow that is not there is named to the one that asks for it', async () => {
  const asks = workflow('asks', async (ctx) => {
    const error: unknown = await ctx
      .external('nobody')
      .cancel()
      .catch((caught: unknown) => caught)
    return error instanceof WorkflowNotFoundError ? error.workflowId : String(error)
  })
  const env = await create({ workflows: [asks] })
  expect(await env.client.execute(asks, { workflowId: 'asks' })).toBe('nobody')
})
