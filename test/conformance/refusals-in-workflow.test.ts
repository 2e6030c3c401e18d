import { describe, expect, test } from 'vitest'
import type { ActivityOptions } from '../../shared/activity.ts'
import type { ChildOptions } from '../../shared/child.ts'
import { defineActivity, workflow } from '../../shared/define.ts'
import { WorkflowError } from '../../shared/errors.ts'
import { register } from '../workers/registry.ts'
import { client, typesOf } from './world.ts'

const closed = workflow('refusals-closed', async () => 'done')
const known = defineActivity('refusals-known', async () => 1)
interface Call {
  name: string
  input?: 'function'
  options: ActivityOptions
}
const calling = workflow('refusals-calling', async (ctx, { name, input, options }: Call) => {
  const call = ctx.activity(name, {
    ...options,
    ...(input && { input: { items: [1, { callback: () => 1 }] } }),
  })
  return call.catch((error: unknown) => (error instanceof WorkflowError ? error : new Error(String(error))))
})
const unregistered = workflow('refusals-unregistered', async () => 1)
interface Child {
  which: 'closed' | 'unregistered'
  options: ChildOptions
}
const startingChild = workflow('refusals-starting-child', async (ctx, { which, options }: Child) => {
  const child = which === 'closed' ? closed : unregistered
  const call = ctx.executeChild<unknown, unknown, {}>(child, options)
  return call.catch((error: unknown) => (error instanceof WorkflowError ? error : new Error(String(error))))
})
register(closed, known, calling, startingChild)

async function answer(input: Call) {
  const handle = await client.start(calling, { input })
  return { error: await handle.result(), scheduled: (await typesOf(handle)).includes('activity_scheduled') }
}

describe('109 limits/hostile: a call in a workflow that cannot be', () => {
  const once = { retry: { maxAttempts: 1 } }

  test('an unknown activity fails with the known ones', async () => {
    const { error } = await answer({ name: 'refusals-knwon', options: once })
    expect(error).toMatchObject({ code: 'activity_failed', cause: { code: 'unknown_activity' } })
    expect((error as Error).message).toMatch(/refusals-knwon.*refusals-known/)
  })

  test('an unknown task queue fails with the known ones', async () => {
    const { error } = await answer({ name: known.name, options: { taskQueue: 'nowhere' } })
    expect(error).toMatchObject({
      code: 'activity_failed',
      cause: { code: 'unknown_task_queue', path: 'taskQueue' },
    })
    expect((error as Error).message).toMatch(/nowhere.*default.*nobody/)
  })

  const bad: [what: string, call: Omit<Call, 'name'>, expected: object][] = [
    [
      'a negative duration',
      { options: { timeout: -1 } },
      { code: 'invalid_argument', path: 'startToCloseTimeout' },
    ],
    ['a number of attempts', { options: { retry: { maxAttempts: 0 } } }, { path: 'retry.maxAttempts' }],
    [
      'a function',
      { input: 'function', options: {} },
      { code: 'payload_unsupported', path: 'input.items[1].callback' },
    ],
  ]
  test.each(bad)('%s rejects the call by its path, and nothing is scheduled', async (_, call, expected) => {
    const { error, scheduled } = await answer({ name: known.name, ...call })
    expect(error).toMatchObject(expected)
    expect(scheduled).toBe(false)
  })
})

async function childAnswer(which: Child['which'], options: ChildOptions) {
  const handle = await client.start(startingChild, { input: { which, options } })
  return { error: await handle.result(), types: await typesOf(handle) }
}

describe('109 limits/hostile: a child that cannot be', () => {
  const bad: [path: string, options: ChildOptions][] = [
    ['workflowId', { workflowId: 'x'.repeat(2_000) }],
    ['taskQueue', { taskQueue: '' }],
    ['executionTimeout', { executionTimeout: -1 }],
    ['idReuse', { idReuse: 'never' as 'reject' }],
    ['cancellation', { cancellation: 'later' as 'wait' }],
    ['searchAttributes.a', { searchAttributes: { a: {} as string } }],
  ]
  test.each(bad)('a bad %s rejects the call by its path, and nothing is requested', async (path, options) => {
    const { error, types } = await childAnswer('closed', options)
    expect(error).toMatchObject({ code: 'invalid_argument', path })
    expect(types).not.toContain('child_requested')
  })

  test('an unknown workflow or task queue fails with the known ones', async () => {
    const { error: noWorkflow } = await childAnswer('unregistered', {})
    expect(noWorkflow).toMatchObject({ code: 'unknown_workflow' })
    expect((noWorkflow as Error).message).toMatch(/refusals-unregistered.*refusals-closed/)
    const { error: noQueue } = await childAnswer('closed', { taskQueue: 'nowhere' })
    expect(noQueue).toMatchObject({ code: 'unknown_task_queue', path: 'taskQueue' })
  })
})
