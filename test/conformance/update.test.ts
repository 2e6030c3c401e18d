import { describe, expect, test } from 'vitest'
import {
  ApplicationError,
  WorkflowClient,
  defineActivity,
  query,
  signal,
  update,
  workflow,
} from '../../shared/index.ts'
import type { WorkflowContext } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { client, evict, gate, historyOf, recorded, rejection, typesOf, until, world } from './world.ts'

const add = update<number, [amount: number]>('add')
const price = update<number, [item: number]>('price')
const askSelf = update<number, [amount: number]>('askSelf')
const refuse = update<void, [how: string]>('refuse')
const fail = update<void, [how: string]>('fail')
const finish = signal('finish')
const total = query<number>('total')

const held = gate()
const priceOf = defineActivity('priceOf', async (item: number) => item * 10)
const heldPrice = defineActivity('heldPriceOf', async (item: number) => {
  await held.passed
  return item * 100
})
/** Updates the run that called it, as a client of its own. */
const updateCaller = defineActivity('updateCaller', async (amount: number, ctx) => {
  const own = new WorkflowClient(world.WORKFLOWS).getHandle<typeof counting>(ctx.workflowId, ctx.runId)
  return await own.update(add, { args: [amount] })
})
let validated = 0

const FAILURES: Record<string, () => unknown> = {
  'an Error': () => {
    throw new TypeError('not this way')
  },
  'an ApplicationError': () => {
    throw new ApplicationError('sold out', { type: 'SoldOut', details: { left: 0 } })
  },
  'a text': () => {
    throw 'just text'
  },
  'what cannot be sent': () => () => 1,
}

/** What a validator may do, or tries to. */
const REFUSALS: Record<string, (ctx: Pick<WorkflowContext, 'random'>) => unknown> = {
  'throws an Error': FAILURES['an Error']!,
  'throws an ApplicationError': FAILURES['an ApplicationError']!,
  'throws a text': FAILURES['a text']!,
  'calls ctx': (ctx) => ctx.random(),
  'is asynchronous': () => Promise.reject(new Error('later')),
}

/** Adds up until it is told to finish. */
const counting = workflow('update-counting', { messages: { add, finish, total } }, async (ctx) => {
  let sum = 0
  ctx.setQueryHandler(total, () => sum)
  ctx.setUpdateHandler(add, (amount) => (sum += amount), {
    validate: (amount) => {
      validated += 1
      if (typeof amount !== 'number' || amount <= 0) throw new RangeError(`${amount} is not above zero`)
    },
  })
  ctx.setUpdateHandler(price, async (item) => {
    const first = await ctx.activity(priceOf, { input: item })
    return await ctx.activity(priceOf, { input: first })
  })
  ctx.setUpdateHandler('held', async (item: number) => ctx.activity(heldPrice, { input: item }))
  ctx.setUpdateHandler(askSelf, async (amount) => ctx.activity(updateCaller, { input: amount }))
  ctx.setUpdateHandler(fail, async (how) => {
    if (how.startsWith('after')) await ctx.activity(priceOf, { input: 1 })
    FAILURES[how.replace('after ', '')]!()
  })
  ctx.setUpdateHandler('unsendable', () => () => 1)
  ctx.setUpdateHandler(refuse, () => {}, { validate: (how) => REFUSALS[how]?.(ctx) as void })
  await ctx.waitForSignal(finish)
  return sum
})
register(priceOf, heldPrice, updateCaller, counting)

const started = (workflowId: string) => client.start(counting, { workflowId })

test('47 update/basic: the validator passes, the change is made and the value returned; otherwise nothing happens', async () => {
  const handle = await started('update-47')
  expect(await handle.update(add, { args: [2] })).toBe(2)
  expect(await handle.update('add', { args: [3] })).toBe(5)
  expect(await handle.query(total)).toBe(5)
  expect(await rejection(handle.update(add, { args: [-1] }))).toMatchObject({
    code: 'update_rejected',
    message: expect.stringContaining('-1 is not above zero'),
    cause: { code: 'application_error', type: 'RangeError', message: '-1 is not above zero' },
  })
  expect(await handle.query(total)).toBe(5)
  expect(await typesOf(handle)).toEqual([
    'workflow_started',
    'update_accepted',
    'update_completed',
    'update_accepted',
    'update_completed',
  ])
  expect((await recorded(handle, 'update_accepted'))[0]).toMatchObject({ name: 'add', args: [2] })
  expect((await recorded(handle, 'update_completed'))[1]).toMatchObject({ result: 5 })
})

test('47 update/basic: an update that comes with the start waits until the first turn has run', async () => {
  const workflowId = 'update-47-start'
  const start = started(workflowId)
  const answers = await Promise.all([
    start,
    client
      .getHandle(workflowId)
      .update(add, { args: [1] })
      .catch(() => 0),
  ])
  expect([0, 1]).toContain(answers[1])
  expect(await answers[0].update(add, { args: [1] })).toBe(answers[1] + 1)
})

test('48 update/async_accepted: the start returns at acceptance; any client gets the result later by the id', async () => {
  const handle = await started('update-48')
  const accepted = await handle.startUpdate({ kind: 'update', name: 'held' }, { args: [7], updateId: 'mine' })
  expect(accepted.updateId).toBe('mine')
  expect((await recorded(handle, 'update_accepted'))[0]).toMatchObject({ updateId: 'mine' })
  expect(await typesOf(handle)).not.toContain('update_completed')
  const other = new WorkflowClient(world.WORKFLOWS).getHandle('update-48')
  const waiting = other.getUpdate<number>('mine').result()
  held.open()
  expect(await Promise.all([waiting, accepted.result()])).toEqual([700, 700])
  expect(await other.getUpdate<number>('mine').result()).toBe(700)
  expect(await rejection(other.getUpdate('another').result())).toMatchObject({ code: 'update_not_found' })
})

test('49 update/activities: the handler awaits activities before it returns', async () => {
  const handle = await started('update-49')
  expect(await Promise.all([1, 2].map((item) => handle.update(price, { args: [item] })))).toEqual([100, 200])
  expect(await recorded(handle, 'activity_scheduled')).toHaveLength(4)
})

describe('50 update/deduplication', () => {
  test('50 update/deduplication: the same id is run once, and every caller gets the same result', async () => {
    const handle = await started('update-50')
    const once = { args: [4] as [number], updateId: 'once' }
    expect(await Promise.all([1, 2, 3].map(() => handle.update(add, once)))).toEqual([4, 4, 4])
    await handle.update(add, { args: [1] })
    await evict()
    expect(await new WorkflowClient(world.SCHEDULER).getHandle('update-50').update(add, once)).toBe(4)
    expect(await handle.query(total)).toBe(5)
    const failing = { args: ['an Error'] as [string], updateId: 'fails' }
    for (const _ of [1, 2])
      expect(await rejection(handle.update(fail, failing))).toMatchObject({ message: 'not this way' })
    expect(await recorded(handle, 'update_accepted')).toHaveLength(3)
    await handle.signal(finish)
    expect(await handle.result()).toBe(5)
    expect(await handle.update(add, once)).toBe(4)
    expect(await handle.getUpdate('once').result()).toBe(4)
    expect(await rejection(handle.getUpdate('fails').result())).toMatchObject({ message: 'not this way' })
    expect(await rejection(handle.update(add, { args: [1] }))).toMatchObject({ code: 'workflow_closed' })
  })

  test('50 update/deduplication: at most 10 are in flight, and a known id is no further one', async () => {
    const handle = await started('update-50-limit')
    const hold = (updateId: string) =>
      handle.startUpdate({ kind: 'update', name: 'waits' }, { args: [], updateId })
    expect(await rejection(hold('unknown'))).toMatchObject({
      code: 'update_not_registered',
      message: expect.stringContaining('add, price, held, askSelf, fail, unsendable, refuse'),
    })
    const slow = await client.start(holding, { workflowId: 'update-50-holding' })
    const start = (updateId: string) =>
      slow.startUpdate({ kind: 'update', name: 'wait' }, { args: [], updateId })
    await Promise.all(Array.from({ length: 10 }, (_, i) => start(`u-${i}`)))
    expect(await rejection(start('u-10'))).toMatchObject({ code: 'limit_updates' })
    await start('u-3')
    await slow.signal('go')
    expect(await slow.getUpdate('u-9').result()).toBe('went')
    await start('u-10')
  })
})

const holding = workflow('update-holding', async (ctx) => {
  let went = false
  ctx.setUpdateHandler('wait', async () => {
    await ctx.condition(() => went)
    return 'went'
  })
  await ctx.waitForSignal('go')
  went = true
  await ctx.waitForSignal('finish')
})
register(holding)

test.each(Object.keys(REFUSALS))(
  '51 update/non_durable_reject: a validator that %s rejects the update, which leaves no trace in history',
  async (how) => {
    const handle = await started(`update-51 ${how}`)
    const before = await historyOf(handle)
    expect(await rejection(handle.update(refuse, { args: [how] }))).toMatchObject({
      code: 'update_rejected',
      cause: { code: expect.stringMatching(/^(application_error|invalid_argument)$/) },
    })
    expect(await historyOf(handle)).toEqual(before)
    await handle.update(refuse, { args: ['not at all'] })
    expect(await handle.update(add, { args: [1] })).toBe(1)
  },
)

test('52 update/validation_replay: validators do not run on replay of an accepted update', async () => {
  const handle = await started('update-52')
  for (const amount of [1, 2, 3]) await handle.update(add, { args: [amount] })
  const before = validated
  await evict()
  expect(await handle.query(total)).toBe(6)
  expect(validated).toBe(before)
})

describe.each(['', 'after '])('a handler that throws %san activity', (when) => {
  test.each([
    ['an Error', { code: 'application_error', type: 'TypeError', message: 'not this way' }],
    ['an ApplicationError', { type: 'SoldOut', details: { left: 0 } }],
    ['a text', { code: 'application_error', message: 'just text' }],
  ])(`53 update/task_failure: ${when}%s fails that update, and the run goes on`, async (how, error) => {
    const handle = await started(`update-53 ${when}${how}`)
    expect(await rejection(handle.update(fail, { args: [when + how] }))).toMatchObject(error)
    expect(await recorded(handle, 'update_failed')).toHaveLength(1)
    expect(await handle.update(add, { args: [1] })).toBe(1)
    await handle.signal(finish)
    expect(await handle.result()).toBe(1)
  })
})

test('53 update/task_failure: a result that cannot be sent fails the update', async () => {
  const handle = await started('update-53-unsendable')
  const unsendable = handle.update('unsendable' as 'add', { args: [1] })
  expect(await rejection(unsendable)).toMatchObject({ code: 'payload_unsupported', path: 'result' })
  expect((await handle.describe()).status).toBe('running')
})

test('54 update/self: an activity of the run updates it and waits for the result without deadlock', async () => {
  const handle = await started('update-54')
  expect(await handle.update(askSelf, { args: [9] })).toBe(9)
  expect(await handle.query(total)).toBe(9)
})

test('55 update/worker_restart: an update in progress survives eviction and completes', async () => {
  const handle = await client.start(holding, { workflowId: 'update-55' })
  const accepted = await handle.startUpdate({ kind: 'update', name: 'wait' }, { args: [] })
  await evict()
  const waiting = accepted.result()
  await evict()
  await handle.signal('go')
  expect(await waiting).toBe('went')
  await evict()
  expect(await accepted.result()).toBe('went')
})

test('55 update/worker_restart: the run stays open for it; one that is terminated answers with that', async () => {
  const handle = await client.start(holding, { workflowId: 'update-55-open' })
  const accepted = await handle.startUpdate({ kind: 'update', name: 'wait' }, { args: [] })
  const result = rejection(accepted.result())
  await handle.terminate('enough')
  expect(await result).toMatchObject({ code: 'workflow_closed' })
  expect(await rejection(accepted.result())).toMatchObject({ code: 'workflow_closed' })
  await until(async () => (await handle.describe()).status === 'terminated')
})
