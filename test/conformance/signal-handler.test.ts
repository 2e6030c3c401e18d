import { expect, test } from 'vitest'
import { defineActivity, query, signal, workflow } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { client, evict, gate, recorded, rejection, typesOf } from './world.ts'

const add = signal<number>('add')
const finish = signal('finish')
const total = query<number>('total')

const price = defineActivity('price', async (item: number) => item * 10)
const held = gate()
const heldPrice = defineActivity('heldPrice', async (item: number) => {
  await held.passed
  return item * 100
})

/** Adds up what it is sent until it is told to finish. */
const adding = workflow('handler-adding', { messages: { add, finish, total } }, async (ctx) => {
  let sum = 0
  ctx.setQueryHandler(total, () => sum)
  ctx.setSignalHandler(add, (amount) => {
    sum += amount
  })
  await ctx.waitForSignal(finish)
  return sum
})
/** Prices what it is sent, twice each, until it has so many. */
const pricing = workflow('handler-pricing', { messages: { add, total } }, async (ctx, many: number) => {
  const prices: number[] = []
  ctx.setQueryHandler(total, () => prices.length)
  ctx.setSignalHandler(add, async (item) => {
    const first = await ctx.activity(price, { input: item })
    prices.push(first, await ctx.activity(price, { input: first }))
  })
  await ctx.condition(() => prices.length >= many)
  return prices.toSorted((one, other) => one - other)
})
const leaving = workflow('handler-leaving', { messages: { add, finish, total } }, async (ctx) => {
  const prices: number[] = []
  ctx.setQueryHandler(total, () => prices.length)
  ctx.setSignalHandler(add, async (item) => {
    prices.push(await ctx.activity(heldPrice, { input: item }))
  })
  await ctx.waitForSignal(finish)
})
const failing = workflow('handler-failing', { messages: { add } }, async (ctx) => {
  ctx.setSignalHandler(add, (amount) => {
    throw new RangeError(`${amount} is too much`)
  })
  await ctx.sleep('30d')
})
register(price, heldPrice, adding, pricing, leaving, failing)

test('35 signal/basic: a signal runs its handler, and the state that it changed is visible', async () => {
  const handle = await client.start(adding, { workflowId: 'signal-35' })
  await handle.signal(add, 1)
  expect(await handle.query(total)).toBe(1)
  await evict()
  await handle.signal(add, 20)
  expect(await handle.query(total)).toBe(21)
  await Promise.all([3, 3, 3].map((amount) => handle.signal(add, amount)))
  await handle.signal(finish)
  expect(await handle.result()).toBe(30)
  expect(await handle.query(total)).toBe(30)
})

test('35 signal/basic: a handler takes the first message of a signalWithStart', async () => {
  const options = { workflowId: 'signal-35-first', signal: add, payload: 5 }
  const handle = await client.signalWithStart(adding, options)
  expect(await handle.query(total)).toBe(5)
})

test('35 signal/basic: a handler that throws fails the run', async () => {
  const handle = await client.start(failing, { workflowId: 'signal-35-throws' })
  await handle.signal(add, 7)
  expect(await rejection(handle.result())).toMatchObject({
    code: 'workflow_failed',
    cause: { code: 'application_error', type: 'RangeError', message: '7 is too much' },
  })
})

test('37 signal/activities: a handler runs several activities, and the workflow waits for their effects', async () => {
  const handle = await client.start(pricing, { workflowId: 'signal-37', input: 6 })
  await Promise.all([1, 2, 3].map((item) => handle.signal(add, item)))
  await evict()
  expect(await handle.result()).toEqual([10, 20, 30, 100, 200, 300])
  expect(await recorded(handle, 'activity_scheduled')).toHaveLength(6)
})

test('41 signal/prevent_close: what a handler began keeps the run open until it has ended', async () => {
  const handle = await client.start(leaving, { workflowId: 'signal-41-handler' })
  await handle.signal(add, 1)
  await handle.signal(finish)
  expect((await handle.describe()).status).toBe('running')
  await evict()
  await handle.signal(add, 2)
  held.open()
  await handle.result()
  expect(await handle.query(total)).toBe(2)
  const types = await typesOf(handle)
  expect(types).not.toContain('signals_discarded')
  expect(types.filter((type) => type === 'activity_completed')).toHaveLength(2)
})
