/** What an environment is not made of, and what it is not asked. */
import { describe, expect, test } from 'vitest'
import { defineActivity, workflow } from '../../shared/index.ts'
import { createTestEnvironment } from '../../testing/index.ts'
import { environments } from './environments.ts'

const create = environments()

const known = defineActivity('known', async () => 1)
const other = defineActivity('other', async () => 1)
const calls = workflow('calls', async (ctx, name: string) => ctx.activity(name))
const options = { workflows: [calls], activities: [known] }

describe('is refused, with its path', () => {
  test.each([
    ['a workflow that is none', { workflows: [{ kind: 'workflow' }] }, 'workflow'],
    ['two workflows of one name', { workflows: [calls, calls] }, 'workflows'],
    ['an activity that is none', { ...options, activities: [() => 1] }, 'activity'],
    ['two activities of one name', { ...options, activities: [known, known] }, 'activities[1]'],
    ['a start that is no instant', { ...options, startTime: 'noon' }, 'startTime'],
    ['no shard', { ...options, shards: 0 }, 'SHARDS'],
    ['a grace that is no duration', { ...options, ioGrace: 'long' }, 'ioGrace'],
  ])('%s', async (_, given, path) => {
    await expect(createTestEnvironment(given as typeof options)).rejects.toMatchObject({
      code: 'invalid_argument',
      path,
    })
  })

  test('an activity that the environment was not given, with those it has', async () => {
    const env = await create(options)
    expect(() => env.mockActivity(other, () => 2)).toThrow(
      expect.objectContaining({ code: 'unknown_activity', message: expect.stringContaining('known') }),
    )
  })

  test('something else than a function in its place', async () => {
    const env = await create(options)
    expect(() => env.mockActivity(known, 2 as never)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', path: 'fn' }),
    )
  })

  test.each([
    ['eventType', 'workflow_exploded', 1],
    ['n', 'timer_fired', 0],
    ['n', 'timer_fired', 1.5],
  ])('a crash after %s', async (path, type, n) => {
    const env = await create(options)
    expect(() => env.crashAfter(type as 'timer_fired', n)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', path }),
    )
  })

  test('a time that is no duration, or goes back', async () => {
    const env = await create(options)
    expect(() => env.advance('soon' as '1s')).toThrow(expect.objectContaining({ path: 'by' }))
    expect(() => env.advance(-1)).toThrow(expect.objectContaining({ path: 'by' }))
  })
})

test('an activity that nobody has is tried again for ever, and says which are known', async () => {
  const env = await create(options)
  const handle = await env.client.start(calls, { workflowId: 'calls', input: 'unheard_of' })
  await env.advance('1m')
  const { pendingActivities } = await handle.describe()
  expect(pendingActivities).toMatchObject([
    { activityType: 'unheard_of', lastError: { code: 'unknown_activity', details: { known: ['known'] } } },
  ])
})

test('a task queue is refused where the environment has others only', async () => {
  const anyQueue = await create(options)
  await anyQueue.client.execute(calls, { workflowId: 'calls', input: 'known', taskQueue: 'billing' })
  const env = await create({ ...options, taskQueues: ['default'] })
  await expect(
    env.client.start(calls, { workflowId: 'calls', input: 'known', taskQueue: 'billing' }),
  ).rejects.toMatchObject({ code: 'unknown_task_queue' })
})

test('nothing is answered after the end', async () => {
  const env = await createTestEnvironment(options)
  await env.client.start(calls, { workflowId: 'calls', input: 'known' })
  await env.dispose()
  await expect(env.client.start(calls, { workflowId: 'more', input: 'known' })).rejects.toThrow('disposed')
})
