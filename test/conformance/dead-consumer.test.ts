import { describe, expect, test } from 'vitest'
import { ApplicationError, workflow } from '../../shared/index.ts'
import type { ActivityOptions } from '../../shared/index.ts'
import { serializeError } from '../../shared/core/failure.ts'
import { register } from '../workers/registry.ts'
import { claim, holder, renew, settle } from './hand.ts'
import type { Attempt, Holder } from './hand.ts'
import { persist } from './loss.ts'
import { advance, client, evict, historyOf, recorded, rejection, typesOf, world } from './world.ts'

/** One activity, whose messages nobody takes: the test is its consumer. */
const delegated = workflow('delegated', { taskQueue: 'nobody' }, async (ctx, options: ActivityOptions) =>
  ctx.activity('work', { input: 'the input', ...options }),
)
/** Cancelled, it cleans up for as long as the test likes. */
const abandoning = workflow('abandoning', { taskQueue: 'nobody' }, async (ctx) => {
  const work = ctx.scope(async (scope) => {
    ctx.setQueryHandler('unused', () => null)
    const call = ctx.activity('work', { cancellation: 'try' })
    await ctx.waitForSignal('give up')
    scope.cancel('given up')
    return await call
  })
  await work.catch(() => {})
  await ctx.waitForSignal('end')
})
register(delegated, abandoning)

const retry = { initialInterval: '1s', backoffCoefficient: 1, maxAttempts: 2 } as const
const done = { kind: 'completed', result: 'done' } as const

async function claimed(
  workflowId: string,
  options: ActivityOptions,
): Promise<{ first: Attempt; dead: Holder }> {
  const run = await client.start(delegated, { workflowId, input: options })
  const first = { run, seq: 1, attempt: 1 }
  const dead = holder()
  expect(await claim(first, dead)).toMatchObject({ ok: true, attempt: 1, input: 'the input' })
  return { first, dead }
}

async function finish(attempt: Attempt): Promise<void> {
  const alive = holder()
  expect(await claim(attempt, alive)).toMatchObject({ ok: true, attempt: attempt.attempt })
  expect(await settle(attempt, alive, done)).toEqual({ ok: true })
  await expect(client.getHandle(attempt.run.workflowId).result()).resolves.toBe('done')
}

describe('86 activity/dead consumer', () => {
  test('86 activity/dead consumer: ended by its heartbeat timeout, its last details reach the next attempt', async () => {
    const { first, dead } = await claimed('no heartbeat', { retry, heartbeatTimeout: '10s' })
    expect(await renew(first, dead, { done: 3 })).toEqual({ cancel: false, superseded: false })
    await advance(9_000)
    expect(await claim({ ...first, attempt: 2 }, holder())).toMatchObject({ ok: false })
    await advance(2_000)
    const second = { ...first, attempt: 2 }
    const alive = holder()
    expect(await claim(second, alive)).toMatchObject({ ok: true, attempt: 2, heartbeatDetails: { done: 3 } })
    await settle(second, alive, done)
    const run = client.getHandle('no heartbeat')
    await expect(run.result()).resolves.toBe('done')
    expect(await recorded(run, 'activity_completed')).toMatchObject([{ attempt: 2 }])
  })

  test('86 activity/dead consumer: ended by its start-to-close timeout, retried after the delay of its policy', async () => {
    const { first } = await claimed('too long', { retry, startToCloseTimeout: '30s' })
    await advance(30_000)
    const { pendingActivities } = await client.describe('too long')
    expect(pendingActivities).toMatchObject([{ attempt: 2, lastError: { code: 'timeout' } }])
    expect(await claim({ ...first, attempt: 2 }, holder())).toEqual({
      ok: false,
      code: 'stale_task',
      reason: 'not_due',
    })
    await advance(1_000)
    await finish({ ...first, attempt: 2 })
  })

  test('86 activity/dead consumer: the last attempt ends the call with the timeout', async () => {
    await claimed('one attempt', { retry: { maxAttempts: 1 }, startToCloseTimeout: '30s' })
    await persist(() => evict()) // the claim of an only attempt is written down before it is granted
    await advance(30_000)
    const error = await rejection(client.getHandle('one attempt').result())
    expect(error.cause).toMatchObject({
      code: 'activity_failed',
      attempt: 1,
      cause: { code: 'timeout', kind: 'start-to-close' },
    })
  })

  test('86 activity/dead consumer: taken over on redelivery once it was silent for 15 s', async () => {
    const { first, dead } = await claimed('taken over', { startToCloseTimeout: '14m' })
    await advance(14_000)
    expect(await claim(first, holder(2))).toMatchObject({ ok: false, reason: 'running' })
    await advance(1_000)
    expect(await claim(first, holder(1))).toMatchObject({ ok: false, reason: 'running' }) // the same message, late
    const alive = holder(2)
    expect(await claim(first, alive)).toMatchObject({ ok: true, attempt: 2 })
    expect(await renew(first, dead)).toEqual({ cancel: false, superseded: true })
    expect(await settle(first, dead, { kind: 'completed', result: 'too late' })).toMatchObject({
      ok: false,
      code: 'stale_task',
    })
    expect(await settle({ ...first, attempt: 2 }, alive, done)).toEqual({ ok: true })
    await expect(client.getHandle('taken over').result()).resolves.toBe('done')
  })

  test('86 activity/dead consumer: one that renews its claim is alive and is not taken over', async () => {
    const { first, dead } = await claimed('alive', { startToCloseTimeout: '14m' })
    for (let time = 0; time < 20; time += 1) {
      await advance(5_000)
      expect(await renew(first, dead)).toEqual({ cancel: false, superseded: false })
    }
    expect(await claim(first, holder(2))).toMatchObject({ ok: false, reason: 'running' })
    expect(await settle(first, dead, done)).toEqual({ ok: true })
    await expect(client.getHandle('alive').result()).resolves.toBe('done')
  })
})

/** Settles in every way it can: what that is answered, and whether anything was written anywhere. */
async function settleLate(late: Attempt, by: Holder) {
  const run = client.getHandle(late.run.workflowId, late.run.runId)
  // Change events reach their queue by and by, and a position is written down for them.
  for (let time = 0; time < 3; time += 1) await advance(2_000)
  const before = { rows: await rowsWritten(), history: await historyOf(run) }
  const error = serializeError(new ApplicationError('too late'))
  const ends = [done, { kind: 'failed', error }, { kind: 'cancelled' }] as const
  const replies: unknown[] = []
  for (const end of ends) replies.push(await settle(late, by, end))
  const after = { rows: await rowsWritten(), history: await historyOf(run) }
  return { replies, written: JSON.stringify(after) !== JSON.stringify(before) }
}

const STALE = { ok: false, code: 'stale_task' }
const REFUSED = { replies: [STALE, STALE, STALE], written: false }

async function rowsWritten(): Promise<number> {
  const stats = await Promise.all([0, 1].map((shard) => world.WORKFLOWS.stats('default', shard)))
  return stats.reduce((sum, one) => sum + one.rowsWritten, 0)
}

describe('87 activity/late completion', () => {
  test('87 activity/late completion: of a superseded attempt', async () => {
    const { first, dead } = await claimed('superseded', { retry, startToCloseTimeout: '30s' })
    await advance(31_000)
    expect(await settleLate(first, dead)).toEqual(REFUSED)
    await finish({ ...first, attempt: 2 })
  })

  test('87 activity/late completion: by somebody who does not hold the claim', async () => {
    const { first, dead } = await claimed('not its holder', {})
    expect(await settleLate(first, holder())).toEqual(REFUSED)
    expect(await settle(first, dead, done)).toEqual({ ok: true })
  })

  test('87 activity/late completion: of an activity that has completed', async () => {
    const { first, dead } = await claimed('completed', {})
    expect(await settle(first, dead, done)).toEqual({ ok: true })
    await client.getHandle('completed').result()
    expect(await settleLate(first, dead)).toEqual(REFUSED)
  })

  test('87 activity/late completion: of a cancelled activity', async () => {
    const run = await client.start(abandoning, { workflowId: 'cancelled' })
    const first = { run, seq: 1, attempt: 1 }
    const by = holder()
    await claim(first, by)
    await run.signal('give up')
    expect(await renew(first, by)).toEqual({ cancel: true, superseded: false })
    expect(await settle(first, by, { kind: 'cancelled' })).toEqual({ ok: true })
    expect(await settleLate(first, by)).toEqual(REFUSED)
    await run.signal('end')
    await run.result()
    expect(await typesOf(run)).not.toContain('activity_completed')
  })

  test('87 activity/late completion: of a closed run', async () => {
    const { first, dead } = await claimed('closed', {})
    await client.terminate('closed')
    expect(await settleLate(first, dead)).toEqual(REFUSED)
  })
})
