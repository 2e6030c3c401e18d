/** Activities that somebody ends from elsewhere, by the token of their attempt. */
import { describe, expect, test } from 'vitest'
import { WorkflowClient } from '../../shared/client.ts'
import { defineActivity, workflow } from '../../shared/define.ts'
import { ActivityError, ApplicationError, CancelledError } from '../../shared/errors.ts'
import type { ActivityOptions } from '../../shared/activity.ts'
import { register } from '../workers/registry.ts'
import { advance, client, evict, recorded, rejection, typesOf, until, world } from '../conformance/world.ts'

const DAY = 86_400_000
const tokens = new Map<string, string>()
const details: unknown[] = []
const handsOver = defineActivity('hands-over', async (name: string, ctx) => {
  details.push(ctx.heartbeatDetails)
  tokens.set(`${name} ${ctx.attempt}`, ctx.taskToken)
  return ctx.completeLater()
})
interface Waiting {
  name: string
  options?: ActivityOptions
}
const waits = workflow('waits-for-token', async (ctx, { name, options }: Waiting) => {
  try {
    return await ctx.activity(handsOver, { input: name, ...options })
  } catch (error) {
    if (!(error instanceof ActivityError)) throw error
    return `attempt ${error.attempt}: ${error.cause.message}`
  }
})
register(handsOver, waits)

async function handedOver(name: string, options: ActivityOptions = {}) {
  const run = await client.start(waits, { workflowId: `hands-over-${name}`, input: { name, options } })
  return { run, token: await tokenOf(name, 1) }
}

/** The token of an attempt that the shard knows to have been handed over. */
async function tokenOf(name: string, attempt: number): Promise<string> {
  const token = await until(() => tokens.get(`${name} ${attempt}`))
  await client.activities.heartbeat(token)
  return token
}

describe('an attempt that was handed over', () => {
  test('is completed by its token: days later, after evictions, over the namespace and over the service binding', async () => {
    for (const through of [client, new WorkflowClient(world.WORKFLOWS)]) {
      const name = through === client ? 'namespace' : 'service'
      const { run, token } = await handedOver(name, { startToCloseTimeout: '30d' })
      await evict()
      await advance(29 * DAY)
      await evict()
      expect((await run.describe()).pendingActivities).toMatchObject([{ attempt: 1 }])
      await through.activities.complete(token, { by: 'ada', at: new Date(0) })
      expect(await run.result()).toEqual({ by: 'ada', at: new Date(0) })
      expect(await typesOf(run)).toEqual([
        'workflow_started',
        'activity_scheduled',
        'activity_completed',
        'workflow_completed',
      ])
    }
  })

  test('takes a result that travels by reference', async () => {
    const { run, token } = await handedOver('large')
    const result = 'x'.repeat(300_000)
    const service = new WorkflowClient(world.WORKFLOWS)
    await service.activities.complete(token, result)
    expect(await service.getHandle(run.workflowId).result()).toBe(result)
  })

  test('ends once: whatever comes later is refused', async () => {
    const { run, token } = await handedOver('twice')
    await client.activities.complete(token, 'first')
    for (const late of [
      () => client.activities.complete(token, 'second'),
      () => client.activities.fail(token, new Error('second')),
      () => client.activities.heartbeat(token),
    ])
      expect(await rejection(late())).toMatchObject({ code: 'stale_task' })
    expect(await run.result()).toBe('first')
    expect(await recorded(run, 'activity_completed')).toHaveLength(1)
  })

  test('ends by its start-to-close timeout, and its token is no good for the next attempt', async () => {
    const retry = { maxAttempts: 2, initialInterval: 1 }
    const { run, token } = await handedOver('timed out', { startToCloseTimeout: '3d', retry })
    await advance(3 * DAY + 10)
    const next = await tokenOf('timed out', 2)
    expect(await rejection(client.activities.complete(token, 'late'))).toMatchObject({ code: 'stale_task' })
    await client.activities.complete(next, 'in time')
    expect(await run.result()).toBe('in time')
  })

  test('ends by its heartbeat timeout when its holder goes silent, and hands the last details on', async () => {
    const { run, token } = await handedOver('silent', {
      startToCloseTimeout: '1d',
      heartbeatTimeout: '1h',
      retry: { initialInterval: 1 },
    })
    for (const done of [1, 2]) {
      await advance(3_000_000)
      expect(await client.activities.heartbeat(token, { done })).toEqual({ cancelRequested: false })
    }
    await advance(3_600_010)
    const next = await tokenOf('silent', 2)
    expect(details.at(-1)).toEqual({ done: 2 })
    await client.activities.complete(next, 'in time')
    expect(await run.result()).toBe('in time')
  })

  test('fails by its token: retried by policy, and not where the failure says so', async () => {
    const { run, token } = await handedOver('fails', { retry: { initialInterval: 1 } })
    await client.activities.fail(token, new Error('try again'))
    await advance(10)
    const next = await tokenOf('fails', 2)
    await client.activities.fail(next, new ApplicationError('never', { nonRetryable: true }))
    expect(await run.result()).toBe('attempt 2: never')
  })

  test('is told of a cancel by its heartbeat, and ends as cancelled where it gives in', async () => {
    const { run, token } = await handedOver('cancelled')
    await run.cancel('enough')
    expect(await client.activities.heartbeat(token)).toEqual({ cancelRequested: true })
    await client.activities.fail(token, new CancelledError())
    await expect(run.result()).rejects.toMatchObject({ status: 'cancelled' })
    expect(await typesOf(run)).toContain('activity_cancelled')
  })
})
