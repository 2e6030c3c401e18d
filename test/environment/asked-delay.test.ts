/** A failure that asks for a delay that is none: it stays what it is, is tried again by its policy, and its author is told. */
import { afterEach, expect, test, vi } from 'vitest'
import { ApplicationError, defineActivity, workflow } from '../../shared/index.ts'
import { environments } from './environments.ts'

const create = environments()
const said = vi.spyOn(console, 'log')
afterEach(() => said.mockClear())

/** As the header of an answer may give it. */
const ASKED = ['5 minuets', 'Wed, 21 Oct 2026 07:28:00 GMT', NaN, -1]
const retry = { maxAttempts: 2, initialInterval: '10s' } as const

function busy(retryAfter: unknown): ApplicationError {
  return new ApplicationError('busy', { type: 'Busy', retryAfter: retryAfter as never })
}

function told(): unknown[] {
  const lines = said.mock.calls.map(([line]): { event?: string } => JSON.parse(String(line)))
  return lines.filter(({ event }) => event === 'retry_after_unread')
}

test.each(ASKED)('of an activity, %s', async (asked) => {
  const fails = defineActivity('fails', () => {
    throw busy(asked)
  })
  const calls = workflow('calls', (ctx) => ctx.activity(fails, { retry }))
  const env = await create({ workflows: [calls], activities: [fails] })
  const handle = await env.client.start(calls, { workflowId: 'calls' })
  await env.advance('10s')
  await expect(handle.result()).rejects.toMatchObject({
    cause: { code: 'activity_failed', attempt: 2, cause: { type: 'Busy', message: 'busy' } },
  })
  const runId = expect.any(String)
  expect(told()).toEqual([
    { at: 'scheduler', event: 'retry_after_unread', activityType: 'fails', runId, seq: 1 },
  ])
})

test.each(ASKED)('of an inline step, %s', async (asked) => {
  const steps = workflow('steps', (ctx) =>
    ctx.run(
      'fails',
      () => {
        throw busy(asked)
      },
      { retry },
    ),
  )
  const env = await create({ workflows: [steps] })
  const handle = await env.client.start(steps, { workflowId: 'steps' })
  await env.advance('10s')
  await expect(handle.result()).rejects.toMatchObject({ cause: { cause: { type: 'Busy' } } })
  expect(told()).toMatchObject([{ step: 'fails', seq: 1 }])
})

test.each(ASKED)('of a run, %s', async (asked) => {
  const fails = workflow('fails', { retry }, async () => {
    throw busy(asked)
  })
  const env = await create({ workflows: [fails] })
  const handle = await env.client.start(fails, { workflowId: 'fails' })
  await env.advance('10s')
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'Busy' } })
  expect(told()).toMatchObject([{ workflowType: 'fails' }])
})

test('one that can be read, or was not there, is nothing to tell of', async () => {
  const fails = defineActivity('fails', (asked: unknown) => {
    throw busy(asked)
  })
  const calls = workflow('calls', (ctx, input: unknown) => ctx.activity(fails, { input, retry }))
  const env = await create({ workflows: [calls], activities: [fails] })
  for (const input of ['1s', 0, null, undefined]) await env.client.start(calls, { input })
  await env.advance('10s')
  expect(told()).toEqual([])
})
