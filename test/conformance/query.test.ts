import { expect, test } from 'vitest'
import { query, signal, workflow } from '../../shared/define.ts'
import { register, workflows } from '../workers/registry.ts'
import { loseAll } from './loss.ts'
import { client, evict, historyOf, rejection } from './world.ts'

const add = signal<number>('add')
const finish = signal('finish')
const total = query<number>('total')
const described = query<string, [first: unknown, second?: unknown]>('described')
const mistyped = query<number>('mistyped')

const counter = workflow('query-counter', { messages: { add, finish, total } }, async (ctx) => {
  let sum = 0
  ctx.setQueryHandler(total, () => sum)
  ctx.setQueryHandler(
    described,
    (...args: unknown[]) => `${args.length}: ${args.map((arg) => typeof arg).join()}`,
  )
  ctx.setQueryHandler('mistyped', () => 'a text')
  ctx.setQueryHandler('two', (one: unknown, two: unknown) => [typeof one, typeof two])
  const addUp = async (): Promise<never> => {
    for (;;) sum += await ctx.waitForSignal(add)
  }
  await Promise.race([addUp(), ctx.waitForSignal(finish)])
  return sum
})
const silent = workflow('query-silent', async (ctx) => ctx.waitForSignal('never'))
register(counter, silent)

test('42 query/successful_query: the state after all applied events, and nothing added to history', async () => {
  const handle = await client.start(counter, { workflowId: 'query-42' })
  expect(await handle.query(total)).toBe(0)
  for (const amount of [1, 20, 300]) await handle.signal(add, amount)
  const before = await historyOf(handle)
  expect(await handle.query(total)).toBe(321)
  await evict()
  expect(await handle.query(total)).toBe(321)
  expect(await handle.query('total')).toBe(321)
  expect(await historyOf(handle)).toEqual(before)
  await handle.signal(finish)
  expect(await handle.result()).toBe(321)
  expect(await handle.query(total)).toBe(321)
})

test('43 query/unexpected_query_type_name: an unknown name rejects, listing the known ones', async () => {
  const handle = await client.start(counter, { workflowId: 'query-43' })
  const known = ['total', 'described', 'mistyped', 'two']
  expect(await rejection(handle.query('totl'))).toMatchObject({
    name: 'QueryNotRegisteredError',
    code: 'query_not_registered',
    message: expect.stringContaining('total, described, mistyped, two'),
    known,
  })
  expect((await handle.describe()).status).toBe('running')
  const none = await client.start(silent, { workflowId: 'query-43-silent' })
  const error = await rejection(none.query('total'))
  expect(error).toMatchObject({ code: 'query_not_registered', known: [] })
  expect(error.message).toContain('registered: none')
})

test('44 query/unexpected_arguments: more are passed on, wrong types too, missing ones are undefined', async () => {
  const handle = await client.start(counter, { workflowId: 'query-44' })
  expect(await handle.query('two', 1, 'b', 'extra')).toEqual(['number', 'string'])
  expect(await handle.query('two', { not: 'a number' })).toEqual(['object', 'undefined'])
  expect(await handle.query(described, 5)).toBe('1: number')
  // @ts-expect-error -- a definition with types catches at compile time what nothing checks at run time
  expect(await handle.query(described)).toBe('0: ')
})

test('45 query/unexpected_return_type: not detected at run time, caught at compile time by a definition', async () => {
  const handle = await client.start(counter, { workflowId: 'query-45' })
  const answer: unknown = await handle.query(mistyped)
  expect(answer).toBe('a text')
  workflow('query-mistyped', async (ctx) => {
    // @ts-expect-error -- the handler of a query that is declared to answer a number
    ctx.setQueryHandler(mistyped, () => 'a text')
    ctx.setQueryHandler(mistyped, () => 1)
  })
})

test('46 query/timeout_due_to_no_active_workers: without its code no answer, in time, and the run is unharmed', async () => {
  const handle = await client.start(counter, { workflowId: 'query-46' })
  await handle.signal(add, 5)
  const before = await historyOf(handle)
  const deployed = workflows.splice(0)
  await loseAll()
  expect(await rejection(handle.query(total))).toMatchObject({
    code: 'blocked',
    message: 'workflow query-46 cannot answer: no workflow query-counter is registered here; known: none',
  })
  expect(await historyOf(handle)).toEqual(before)
  workflows.push(...deployed)
  await loseAll()
  expect(await handle.query(total)).toBe(5)
  await handle.signal(finish)
  expect(await handle.result()).toBe(5)
})
