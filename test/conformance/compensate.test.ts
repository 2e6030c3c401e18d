import { expect, test } from 'vitest'
import { defineActivity, signal, workflow } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { client, evict, recorded, rejection } from './world.ts'

const never = signal('never')
const attempts = new Map<string, number>()
const undone: string[] = []

const book = defineActivity('book', async (what: string) => what)
/** Succeeds at the third attempt, unless it is to fail. */
const undo = defineActivity(
  'undo',
  async (what: string) => {
    const attempt = (attempts.get(what) ?? 0) + 1
    attempts.set(what, attempt)
    if (attempt < 3 || what.endsWith('for good')) throw new Error(`${what} is booked for good`)
    undone.push(what)
  },
  { retry: { maxAttempts: 3, initialInterval: 1, maxInterval: 1 } },
)
const trip = workflow('compensate-trip', async (ctx, parts: string[]) => {
  for (const part of parts) {
    ctx.compensate(() => ctx.activity(undo, { input: part }))
    await ctx.activity(book, { input: part })
  }
  ctx.compensate(() => ctx.run('note', () => void undone.push(`note of ${ctx.workflowId}`)))
  if (ctx.workflowId.endsWith('cancelled')) await ctx.waitForSignal(never)
  throw new Error('no seats')
})
register(book, undo, trip)

const undoneOf = (id: string): string[] => undone.filter((what) => what.includes(id))

test('103 compensate: newest first on failure, each retried by policy, all recorded', async () => {
  const workflowId = 'compensate-failed'
  const parts = [1, 2, 3].map((part) => `${workflowId} ${part}`)
  const handle = await client.start(trip, { workflowId, input: parts })
  await evict()
  expect(await rejection(handle.result())).toMatchObject({
    code: 'workflow_failed',
    status: 'failed',
    cause: { code: 'application_error', message: 'no seats' },
  })
  expect(undoneOf(workflowId)).toEqual([`note of ${workflowId}`, ...parts.toReversed()])
  expect(parts.map((part) => attempts.get(part))).toEqual([3, 3, 3])
  const scheduled = await recorded(handle, 'activity_scheduled')
  expect(scheduled.slice(3).map(({ input }) => input)).toEqual(parts.toReversed())
  expect(await recorded(handle, 'step_completed')).toHaveLength(1)
})

test('103 compensate: on cancel they run all the same, and do not feel it', async () => {
  const workflowId = 'compensate-cancelled'
  const parts = [`${workflowId} 1`, `${workflowId} 2`]
  const handle = await client.start(trip, { workflowId, input: parts })
  await handle.cancel('the customer is ill')
  expect(await rejection(handle.result())).toMatchObject({ status: 'cancelled' })
  const begun = (await recorded(handle, 'activity_scheduled')).map(({ activityType, input }) => [
    activityType,
    input,
  ])
  const booked = begun.filter(([type]) => type === 'book').map(([, part]) => part)
  expect(begun.filter(([type]) => type === 'undo').map(([, part]) => part)).toEqual(booked.toReversed())
  expect(undoneOf(workflowId)).toEqual(expect.arrayContaining(booked))
})

test('103 compensate: one that fails does not keep the others from running, and the run says so', async () => {
  const workflowId = 'compensate-stuck'
  const parts = [`${workflowId} 1`, `${workflowId} for good`, `${workflowId} 3`]
  const handle = await client.start(trip, { workflowId, input: parts })
  const error = await rejection(handle.result())
  expect(error).toMatchObject({
    status: 'failed',
    cause: {
      name: 'CompensationError',
      code: 'compensation_failed',
      failures: [{ code: 'activity_failed', attempt: 3 }],
      cause: { code: 'application_error', message: 'no seats' },
    },
  })
  expect(undoneOf(workflowId)).toEqual([`note of ${workflowId}`, parts[2], parts[0]])
  expect((await handle.describe()).error?.code).toBe('compensation_failed')
})
