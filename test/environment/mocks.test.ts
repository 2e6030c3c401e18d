/** Activities: their own implementations, and what stands in for them. */
import { expect, test } from 'vitest'
import { ActivityError, ApplicationError, defineActivity, workflow } from '../../shared/index.ts'
import { environments } from './environments.ts'

const create = environments()

const charge = defineActivity('charge', async (cents: number) => `charged ${cents}`)
const refund = defineActivity('refund', async (cents: number) => `refunded ${cents}`)
const pays = workflow('pays', async (ctx, cents: number) => [
  await ctx.activity(charge, { input: cents, retry: { maxAttempts: 2 } }),
  await ctx.activity(refund, { input: cents }),
])
const both = { workflows: [pays], activities: [charge, refund] }

test('activities run as they are', async () => {
  const env = await create(both)
  expect(await env.client.execute(pays, { workflowId: 'pays', input: 7 })).toEqual([
    'charged 7',
    'refunded 7',
  ])
})

test('what stands in for one is called with its input and context, the others run as they are', async () => {
  const env = await create(both)
  env.mockActivity(charge, (cents, ctx) => `mocked ${cents} for ${ctx.workflowId}, attempt ${ctx.attempt}`)
  expect(await env.client.execute(pays, { workflowId: 'pays', input: 7 })).toEqual([
    'mocked 7 for pays, attempt 1',
    'refunded 7',
  ])
})

test('a later one takes its place, from the next attempt on', async () => {
  const env = await create(both)
  env.mockActivity(charge, () => {
    env.mockActivity(charge, async (cents) => `again ${cents}`)
    throw new ApplicationError('declined')
  })
  const handle = await env.client.start(pays, { workflowId: 'pays', input: 7 })
  await env.advance('1s')
  expect(await handle.result()).toEqual(['again 7', 'refunded 7'])
})

test('its error reaches the workflow as that of an activity', async () => {
  const env = await create(both)
  env.mockActivity(charge, () => {
    throw new ApplicationError('declined', { nonRetryable: true })
  })
  const result = env.client.execute(pays, { workflowId: 'pays', input: 7 })
  await expect(result).rejects.toMatchObject({
    cause: expect.objectContaining({ name: ActivityError.name, activityType: 'charge', attempt: 1 }),
  })
})

test('environments of one process share nothing', async () => {
  const [one, other] = [await create(both), await create({ ...both, startTime: '2030-01-01T00:00:00Z' })]
  one.mockActivity(charge, () => 'mocked')
  const handles = await Promise.all(
    [one, other].map((env) => env.client.start(pays, { workflowId: 'pays', input: 7 })),
  )
  await Promise.all([one.advance('1h'), other.settle()])
  expect(await handles[0]!.result()).toEqual(['mocked', 'refunded 7'])
  expect(await handles[1]!.result()).toEqual(['charged 7', 'refunded 7'])
  expect((await handles[1]!.describe()).startedAt).toEqual(new Date('2030-01-01T00:00:00Z'))
  expect(await one.client.count()).toBe(1)
})
