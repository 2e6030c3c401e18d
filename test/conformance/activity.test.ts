import { expect, test } from 'vitest'
import { defineActivity, query, signal, workflow } from '../../shared/define.ts'
import { ActivityError, WorkflowError } from '../../shared/errors.ts'
import { register } from '../workers/registry.ts'
import {
  advance,
  client,
  gate,
  historyOf,
  recorded,
  rejection,
  seeded,
  turnsOf,
  typesOf,
  until,
} from './world.ts'
import type { Gate } from './world.ts'

/** Messages from the outside in. */
function chain(error: unknown): string[] {
  return error instanceof Error ? [error.message, ...chain(error.cause)] : []
}

const double = defineActivity('activity-double', async (n: number) => n * 2)
const yearsLater = workflow('activity-years-later', async (ctx, n: number) => {
  await ctx.sleep('800d')
  return ctx.activity(double, { input: n })
})
register(double, yearsLater)

test('1 activity/basic_no_workflow_timeout: an unset timeout is none, for the workflow and for its activity', async () => {
  const handle = await client.start(yearsLater, { input: 21 })
  await advance(800 * 86_400_000)
  expect(await handle.result()).toBe(42)
  const [started] = await recorded(handle, 'workflow_started')
  expect(started).not.toHaveProperty('executionDeadlineAt')
  const [scheduled] = await recorded(handle, 'activity_scheduled')
  expect(JSON.stringify(scheduled)).not.toMatch(/Ms":0\b/)
})

const attempts: number[] = []
const failing = defineActivity('activity-failing', async (_: undefined, ctx) => {
  attempts.push(ctx.attempt)
  throw new Error(`failure of attempt ${ctx.attempt}`)
})
const retrying = workflow('activity-retrying', async (ctx) => {
  try {
    await ctx.activity(failing, { retry: { maxAttempts: 5, initialInterval: 1, maxInterval: 1 } })
  } catch (error) {
    if (!(error instanceof ActivityError)) throw new Error('not an ActivityError', { cause: error })
    const seen = `attempt ${error.attempt} of ${error.activityType}: ${error.cause.message}`
    throw new Error(seen, { cause: error })
  }
})
register(failing, retrying)

test('2 activity/retry_on_error: the fifth failure is what the workflow and the client see, innermost', async () => {
  const handle = await client.start(retrying, {})
  const error = await rejection(handle.result())
  expect(attempts).toEqual([1, 2, 3, 4, 5])
  expect(chain(error).slice(-3)).toEqual([
    'attempt 5 of activity-failing: failure of attempt 5',
    'activity activity-failing failed on attempt 5: failure of attempt 5',
    'failure of attempt 5',
  ])
  expect(error).toMatchObject({ code: 'workflow_failed', status: 'failed' })
  expect(await typesOf(handle)).toEqual([
    'workflow_started',
    'activity_scheduled',
    'activity_failed',
    'workflow_failed',
  ])
})

const held = new Map<string, Gate>()
const passGate = defineActivity('activity-pass-gate', async (name: string) => {
  await held.get(name)?.passed
  return `passed ${name}`
})
const parallel = workflow('activity-parallel', async (ctx, names: string[]) => {
  const settled: string[] = []
  const results = names.map(async (name) => {
    const result = await ctx.activity(passGate, { input: name })
    settled.push(name)
    return result
  })
  return { results: await Promise.all(results), settled }
})
register(passGate, parallel)

test('3 activity/running_concurrently: all are scheduled before any ends, and results match their calls', async () => {
  for (const seed of [1, 2, 3]) {
    const random = seeded(seed)
    const names = Array.from({ length: 6 }, (_, i) => `${seed}-${i}`)
    for (const name of names) held.set(name, gate())
    const handle = await client.start(parallel, { input: names })
    const order = names.map((name) => ({ name, draw: random() })).toSorted((a, b) => a.draw - b.draw)
    for (const { name } of order) {
      const before = (await typesOf(handle)).length
      held.get(name)?.open()
      await until(async () => (await typesOf(handle)).length > before)
    }
    const { results, settled } = await handle.result()
    expect(results, `seed ${seed}`).toEqual(names.map((name) => `passed ${name}`))
    expect(settled).toEqual(order.map(({ name }) => name))
    const types = await typesOf(handle)
    expect(types.slice(1, 7)).toEqual(names.map(() => 'activity_scheduled'))
    expect(types.slice(7, 13)).toEqual(names.map(() => 'activity_completed'))
  }
})

const beats = { sent: 0, started: gate(), window: gate() }
const beating = defineActivity('activity-beating', async (_: undefined, ctx) => {
  if (ctx.attempt === 1) {
    for (; beats.sent < 20_000; beats.sent++) await ctx.heartbeat({ done: beats.sent })
    throw new Error('lost after many heartbeats')
  }
  if (ctx.attempt === 2) {
    await ctx.heartbeat({ done: beats.sent, from: ctx.heartbeatDetails })
    beats.started.open()
    await beats.window.passed
    return 'too late'
  }
  return ctx.heartbeatDetails
})
const beaten = workflow('activity-beaten', async (ctx) =>
  ctx.activity(beating, { heartbeatTimeout: '60s', retry: { initialInterval: 1, maxAttempts: 3 } }),
)
register(beating, beaten)

test('4 activity/heartbeating: coalesced, the last details reach the next attempt, a missed window ends one', async () => {
  const handle = await client.start(beaten, {})
  const turns = await turnsOf(handle.workflowId)
  await until(() => beats.started.opened)
  expect((await turnsOf(handle.workflowId)) - turns).toBeLessThan(100)
  const pending = async () => (await handle.describe()).pendingActivities[0]
  expect(await pending()).toMatchObject({ attempt: 2, lastError: { message: 'lost after many heartbeats' } })
  await advance(60_000)
  expect(await pending()).toMatchObject({ attempt: 3, lastError: { code: 'timeout' } })
  beats.window.open()
  expect(await handle.result()).toEqual({ done: 20_000, from: { done: 19_999 } })
  const [completed] = await recorded(handle, 'activity_completed')
  expect(completed).toMatchObject({ attempt: 3 })
})

interface Told {
  /** Opened by the test, passed by the activity. */
  readonly beat: Gate
  readonly end: Gate
  /** Opened by the activity. */
  readonly started: Gate
  readonly heard: Gate
  reason: unknown
}
const told = new Map<string, Told>()

/** Stays until `end`, unless `obey`: then it gives in to a cancel that a heartbeat told it of. */
const telling = defineActivity('activity-telling', async (input: { name: string; obey: boolean }, ctx) => {
  const { beat, end, started, heard } = told.get(input.name)!
  started.open()
  await beat.passed
  await ctx.heartbeat()
  told.get(input.name)!.reason = ctx.cancellation.reason
  heard.open()
  await end.passed
  if (input.obey) ctx.cancellation.throwIfAborted()
  return 'done'
})
const outcome = query<string>('outcome')
const cancelCall = signal('cancel-call')
const close = signal('close')
type Mode = { name: string; cancellation: 'wait' | 'try' | 'abandon'; obey: boolean }
const cancelling = workflow('activity-cancelling', async (ctx, { name, cancellation, obey }: Mode) => {
  let seen = 'pending'
  ctx.setQueryHandler(outcome, () => seen)
  const settled = ctx.scope(async (scope) => {
    void ctx.waitForSignal(cancelCall).then(() => scope.cancel('enough'))
    const call = ctx.activity(telling, { input: { name, obey }, cancellation, retry: { maxAttempts: 1 } })
    seen = await call.catch((error: unknown) => (error instanceof WorkflowError ? error.code : 'other'))
  })
  await ctx.waitForSignal(close)
  await settled
  return seen
})
register(telling, cancelling)

/** The activity runs, and its call has been asked to cancel. */
async function cancelled(mode: Mode) {
  const one: Told = { beat: gate(), end: gate(), started: gate(), heard: gate(), reason: 'not heard' }
  told.set(mode.name, one)
  const handle = await client.start(cancelling, { input: mode })
  await until(() => one.started.opened)
  await handle.signal(cancelCall)
  return { handle, one }
}

test('5 activity/cancel_try_cancel: the call ends at once, and the next heartbeat tells the activity', async () => {
  const { handle, one } = await cancelled({ name: 'try', cancellation: 'try', obey: true })
  expect(await handle.query(outcome)).toBe('cancelled')
  expect(one.reason).toBe('not heard')
  one.beat.open()
  await until(() => one.heard.opened)
  expect(one.reason).toMatchObject({ name: 'CancelledError', code: 'cancelled' })
  one.end.open()
  await until(async () => (await typesOf(handle)).includes('activity_cancelled'))
  await handle.signal(close)
  expect(await handle.result()).toBe('cancelled')
})

test('6 activity/cancel_wait_cancel: the call ends when the activity does, as the activity does', async () => {
  for (const obey of [true, false]) {
    const { handle, one } = await cancelled({ name: `wait-${obey}`, cancellation: 'wait', obey })
    one.beat.open()
    await until(() => one.heard.opened)
    expect(one.reason).toMatchObject({ code: 'cancelled' })
    expect(await handle.query(outcome)).toBe('pending')
    one.end.open()
    await handle.signal(close)
    expect(await handle.result()).toBe(obey ? 'cancelled' : 'done')
    expect(await typesOf(handle)).toContain(obey ? 'activity_cancelled' : 'activity_completed')
  }
})

test('7 activity/cancel_abandon: the call ends at once, and the activity never hears of it', async () => {
  const { handle, one } = await cancelled({ name: 'abandon', cancellation: 'abandon', obey: true })
  expect(await handle.query(outcome)).toBe('cancelled')
  one.beat.open()
  await until(() => one.heard.opened)
  expect(one.reason).toBeUndefined()
  one.end.open()
  await until(async () => (await typesOf(handle)).includes('activity_completed'))
  await handle.signal(close)
  expect(await handle.result()).toBe('cancelled')
  expect(await typesOf(handle)).not.toContain('activity_cancel_requested')
})

const unserved = workflow('activity-unserved', async (ctx) => {
  const call = ctx.activity(double, { input: 1, taskQueue: 'nobody', scheduleToStartTimeout: '1m' })
  return call.catch((error: unknown) => (error instanceof ActivityError ? error.cause : error))
})
register(unserved)

test('76 eager_activity/non_remote_activities_worker: nobody serves the queue, and the start timeout ends it', async () => {
  const handle = await client.start(unserved, {})
  await advance(59_000)
  expect((await handle.describe()).status).toBe('running')
  await advance(1_000)
  expect(await handle.result()).toMatchObject({ code: 'timeout', kind: 'schedule-to-start' })
  expect(await client.execute(parallel, { input: ['after'] })).toMatchObject({ results: ['passed after'] })
})

const fanOut = workflow('activity-fan-out', async (ctx, count: number) => {
  const calls = Array.from({ length: count }, (_, n) => ctx.activity(double, { input: n }))
  const tooMany = await ctx.activity(double, { input: 0 }).catch((error: unknown) => error)
  const results = await Promise.all(calls)
  const after = await ctx.activity(double, { input: count })
  const code = tooMany instanceof WorkflowError ? tooMany.code : 'none'
  return { sum: results.reduce((sum, result) => sum + result, 0), code, after }
})
register(fanOut)

test('107 fan-out: 2,000 parallel activities complete, the 2,001st is refused, and the run goes on', async () => {
  const handle = await client.start(fanOut, { input: 2_000 })
  expect(await handle.result()).toEqual({ sum: 3_998_000, code: 'limit_pending', after: 4_000 })
  const events = await historyOf(handle)
  expect(events.filter(({ type }) => type === 'activity_scheduled')).toHaveLength(2_001)
  expect(
    new Set(events.filter(({ type }) => type === 'activity_completed').map(({ data }) => seqOf(data))).size,
  ).toBe(2_001)
})

function seqOf(data: unknown): unknown {
  return typeof data === 'object' && data !== null && 'seq' in data ? data.seq : undefined
}
