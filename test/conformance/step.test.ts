import { expect, test } from 'vitest'
import type { RetryPolicy } from '../../shared/activity.ts'
import { workflow } from '../../shared/define.ts'
import { ActivityError, ApplicationError } from '../../shared/errors.ts'
import { register } from '../workers/registry.ts'
import { advance, client, recorded, until } from './world.ts'

const attempts = new Map<string, number>()

interface Step {
  type: string
  nonRetryable?: boolean
  retry: RetryPolicy
}
const stepping = workflow('step-failing', async (ctx, { type, nonRetryable = false, retry }: Step) => {
  const { workflowId } = ctx
  try {
    await ctx.run(
      'charge',
      () => {
        const attempt = (attempts.get(workflowId) ?? 0) + 1
        attempts.set(workflowId, attempt)
        throw new ApplicationError(`refused, time ${attempt}`, { type, nonRetryable })
      },
      { retry },
    )
    return 'no error'
  } catch (error) {
    if (!(error instanceof ActivityError)) throw error
    return `${error.activityType}, attempt ${error.attempt}: ${error.cause.message}`
  }
})
register(stepping)

async function outcome(workflowId: string, input: Step) {
  const handle = await client.start(stepping, { workflowId, input })
  await until(async () => {
    await advance(60_000)
    return (await handle.describe()).status !== 'running'
  })
  expect(await recorded(handle, 'step_scheduled')).toHaveLength(1)
  expect(await recorded(handle, 'step_failed')).toHaveLength(1)
  return { result: await handle.result(), attempts: attempts.get(workflowId) }
}

test('14 local_activity/retry_on_error: as many attempts as configured, then the error surfaces', async () => {
  const input = { type: 'CardRefused', retry: { maxAttempts: 4, initialInterval: '1m' } } as const
  expect(await outcome('step-14', input)).toEqual({
    result: 'charge, attempt 4: refused, time 4',
    attempts: 4,
  })
})

test('15 local_activity/non_retryable_error_from_activity: a failure that says so is attempted once', async () => {
  const input = {
    type: 'CardRefused',
    nonRetryable: true,
    retry: { maxAttempts: 4, initialInterval: '1m' },
  } as const
  expect(await outcome('step-15', input)).toEqual({
    result: 'charge, attempt 1: refused, time 1',
    attempts: 1,
  })
})

test('16 local_activity/non_retryable_error_in_options: a failure of a listed type is attempted once', async () => {
  const retry = {
    maxAttempts: 4,
    initialInterval: '1m',
    nonRetryableErrors: ['Other', 'CardRefused'],
  } as const
  expect(await outcome('step-16', { type: 'CardRefused', retry })).toEqual({
    result: 'charge, attempt 1: refused, time 1',
    attempts: 1,
  })
  expect(await outcome('step-16-unlisted', { type: 'Unlisted', retry })).toMatchObject({ attempts: 4 })
})
