import { describe, expect, test } from 'vitest'
import { ApplicationError, defineActivity, query, signal, workflow } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { client, evict, recorded, rejection } from './world.ts'

const failure = Object.assign(new TypeError('outer', { cause: new RangeError('inner') }), { status: 503 })
const everyType = () => ({
  date: new Date('2026-03-01T12:00:00.123Z'),
  invalidDate: new Date(NaN),
  map: new Map<unknown, unknown>([
    ['key', new Set([1, new Date(0)])],
    [new Date(1), 'by date'],
  ]),
  set: new Set(['a', 2n]),
  bigint: 12_345_678_901_234_567_890n,
  bytes: new Uint8Array([0, 127, 255]),
  here: undefined,
  list: [undefined, null, NaN, -0, Infinity, -Infinity],
  negativeZero: -0,
  notANumber: NaN,
  tag: { $type: 'Date', value: 'not one' },
  text: 'ünïcödé \u0000 \u{1F600}',
  failure,
})
type Every = ReturnType<typeof everyType>

/** Equal in every type and every hidden part, which `toEqual` alone does not look at. */
function expectWhole(value: unknown): void {
  const whole = value as Every // what the assertions below are about
  expect(whole).toStrictEqual(everyType())
  expect(Object.is(whole.negativeZero, -0)).toBe(true)
  expect(Object.is(whole.list[3], -0)).toBe(true)
  expect(Object.keys(whole)).toContain('here')
  expect(whole.failure).toBeInstanceOf(TypeError)
  expect(whole.failure).toMatchObject({ name: 'TypeError', message: 'outer', status: 503 })
  expect(whole.failure.stack).toBe(failure.stack)
  expect(whole.failure.cause).toBeInstanceOf(RangeError)
  expect(whole.failure.cause).toMatchObject({ message: 'inner' })
}

const given = signal<Every>('given')
const echoed = query<Every, [Every]>('echoed')
const attempts: unknown[] = []

const echo = defineActivity<Every, Every, 'echo', Every>('echo', async (value, ctx) => {
  expectWhole(value)
  attempts.push(ctx.heartbeatDetails)
  if (ctx.attempt === 1) {
    await ctx.heartbeat(value)
    throw new ApplicationError('again, with details', { details: value })
  }
  return value
})
const echoChild = workflow('echoChild', async (_ctx, value: Every) => value)
const everyHop = workflow('everyHop', async (ctx, input: Every) => {
  ctx.setQueryHandler(echoed, (value) => {
    expectWhole(value)
    return value
  })
  expectWhole(input)
  expectWhole(await ctx.waitForSignal(given))
  const retry = { maxAttempts: 2, initialInterval: 1 }
  const activity = await ctx.activity(echo, { input, retry })
  const step = await ctx.run('a step', () => activity)
  const child = await ctx.executeChild(echoChild, { input: step })
  expectWhole(child)
  return child
})
const failing = workflow('failingWithDetails', async (_ctx, value: Every) => {
  throw new ApplicationError('with details', { details: value, cause: new Error('why') })
})

const passingOn = workflow('passingOn', async (ctx, where: string) => {
  const cycle: { self?: unknown } = {}
  cycle.self = { again: cycle }
  const bad = { order: { items: [{}, { callback: () => 1 }] } }
  if (where === 'activity') await ctx.activity(echo, { input: bad as unknown as Every })
  if (where === 'child') await ctx.executeChild(echoChild, { input: cycle as unknown as Every })
  if (where === 'step') await ctx.run('a step', () => bad, { retry: { maxAttempts: 1 } })
  return where === 'result' ? bad : null
})
register(echo, echoChild, everyHop, failing, passingOn)

describe('94 payload/types', () => {
  test('94 payload/types: survive input, signal, query, activity, heartbeat, step, child, result, memo and history', async () => {
    const run = await client.start(everyHop, {
      workflowId: 'every hop',
      input: everyType(),
      memo: { kept: everyType() },
    })
    await evict('every hop')
    expectWhole(await run.query(echoed, everyType()))
    await run.signal(given, everyType())
    expectWhole(await run.result())
    const { input, result, memo } = await run.describe()
    for (const value of [input, result, memo['kept']]) expectWhole(value)
    for (const type of ['step_completed', 'child_completed', 'activity_completed'] as const) {
      const [outcome] = await recorded(run, type)
      expectWhole(outcome?.['result'])
    }
    expectWhole((await recorded(run, 'workflow_started'))[0]?.['input'])
    expectWhole((await recorded(run, 'signal_received'))[0]?.['payload'])
    expect(attempts[0]).toBeUndefined()
    expectWhole(attempts[1])
  })

  test('94 payload/types: survive in the details of a failure', async () => {
    const error = await rejection(client.execute(failing, { input: everyType() }))
    expect(error.cause).toMatchObject({ code: 'application_error', message: 'with details' })
    expectWhole((error.cause as ApplicationError).details)
    expect((error.cause as Error).cause).toMatchObject({ message: 'why' })
  })

  const cycle: { list: unknown[] } = { list: [] }
  cycle.list.push({ back: cycle })
  test.each([
    ['a function', { items: [1, { callback: () => 1 }] }, 'input.items[1].callback'],
    ['a method', { total() {} }, 'input.total'],
    ['a symbol', { tag: Symbol('tag') }, 'input.tag'],
    ['a promise', { later: Promise.resolve(1) }, 'input.later'],
    ['a cycle', cycle, 'input.list[0].back'],
    ['a function in a Map', new Map([['f', () => 1]]), 'input[0][1]'],
  ])('94 payload/types: %s is refused with its path, and nothing is written', async (_, input, path) => {
    const refusals = await rejection(client.start('everyHop', { workflowId: 'refused', input }))
    expect(refusals).toMatchObject({ code: 'payload_unsupported', path })
    expect(refusals.message).toContain(path)
    expect(await rejection(client.describe('refused'))).toMatchObject({ code: 'workflow_not_found' })
  })

  test('94 payload/types: a signal and a query that cannot be sent are refused with the path', async () => {
    const run = await client.start(everyHop, { workflowId: 'unsendable', input: everyType() })
    const bad = { deep: [() => 1] } as unknown as Every
    expect(await rejection(run.signal(given, bad))).toMatchObject({ path: 'payload.deep[0]' })
    expect(await rejection(run.query(echoed, bad))).toMatchObject({ path: 'args[0].deep[0]' })
    await run.terminate()
  })

  test.each([
    ['activity', 'input.order.items[1].callback'],
    ['child', 'input.self.again'],
    ['result', 'result.order.items[1].callback'],
  ])(
    '94 payload/types: workflow code that passes on what cannot be passed fails with the path: %s',
    async (where, path) => {
      const error = await rejection(client.execute(passingOn, { input: where }))
      expect(error.cause).toMatchObject({ code: 'payload_unsupported', path })
    },
  )

  test('94 payload/types: an inline step that returns what cannot be kept fails with the path', async () => {
    const error = await rejection(client.execute(passingOn, { input: 'step' }))
    expect(error.cause).toMatchObject({
      code: 'activity_failed',
      cause: { code: 'payload_unsupported', path: 'result.order.items[1].callback' },
    })
  })
})
