import { createExecutionContext } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { defineScheduler } from '../../scheduler-do/index.ts'
import { WorkflowClient } from '../../shared/client.ts'
import { signal, workflow } from '../../shared/define.ts'
import type { Duration } from '../../shared/duration.ts'
import type { WorkflowHandle } from '../../shared/workflow-handle.ts'
import { shardOf } from '../../shared/shard.ts'
import type { StartOptions } from '../../shared/start.ts'
import { register } from '../workers/registry.ts'
import { client, rejection, typesOf, world } from './world.ts'

const ping = signal<unknown>('ping')
const open = workflow('refusals-open', { messages: { ping } }, async (ctx) => {
  ctx.setQueryHandler('status', () => 'open')
  await ctx.waitForSignal(ping)
})
const closed = workflow('refusals-closed', async () => 'done')
register(open, closed)

/** What everyone can see of everything: a refusal changes none of it. */
async function everything() {
  return { count: await client.count(), runs: await client.list({ limit: 1_000, orderBy: 'startedAt' }) }
}

async function refused(promise: () => Promise<unknown>): Promise<Error> {
  const before = await everything()
  const error = await rejection(promise())
  expect(await everything()).toEqual(before)
  return error
}

const cycle: { orders: unknown[] } = { orders: [] }
cycle.orders.push({ previous: cycle })
const deep = (levels: number): unknown => (levels === 0 ? 0 : { next: deep(levels - 1) })

const tooLarge = (path: string) => ({
  code: 'payload_too_large',
  path,
  message: expect.stringContaining(path),
})

describe('109 limits/hostile: a start that cannot be', () => {
  type Given = StartOptions & { input?: unknown }
  const bad: [what: string, options: Given, expected: object][] = [
    ['an empty id', { workflowId: '' }, { path: 'workflowId' }],
    ['an id of 2,000 bytes', { workflowId: 'x'.repeat(2_000) }, { path: 'workflowId' }],
    ['an id of 1,002 bytes in 501 characters', { workflowId: 'é'.repeat(501) }, { path: 'workflowId' }],
    ['an id that is no Unicode', { workflowId: 'a\ud800' }, { path: 'workflowId' }],
    ['an id that is no text', { workflowId: 7 as unknown as string }, { path: 'workflowId' }],
    ['a duration that is none', { executionTimeout: 'soon' as Duration }, { path: 'executionTimeout' }],
    ['a negative duration', { executionTimeout: -1 }, { path: 'executionTimeout' }],
    ['a duration that is not a number', { executionTimeout: NaN }, { path: 'executionTimeout' }],
    ['a policy that is none', { idReuse: 'never' as 'reject' }, { path: 'idReuse' }],
    ['an empty task queue', { taskQueue: '' }, { path: 'taskQueue' }],
    [
      'a search attribute that is an object',
      { searchAttributes: { a: {} as string } },
      { path: 'searchAttributes.a' },
    ],
  ]
  test.each(bad)('%s is refused by its path', async (_, options, expected) => {
    const error = await refused(() => client.start('refusals-open', options))
    expect(error).toMatchObject({ code: 'invalid_argument', ...expected })
  })

  const unsupported: [what: string, options: Given, path: string][] = [
    ['a function', { input: { items: [1, { callback: () => 1 }] } }, 'input.items[1].callback'],
    ['a cycle', { input: cycle }, 'input.orders[0].previous'],
    ['a symbol in the memo', { memo: { note: { kind: Symbol('no') } } }, 'memo.note.kind'],
  ]
  test.each(unsupported)('%s is refused by its path', async (_, options, path) => {
    const error = await refused(() => client.start('refusals-open', options))
    expect(error).toMatchObject({ code: 'payload_unsupported', path })
    expect(error.message).toContain(path)
  })

  test('JSON 100 levels deep is refused by its path', async () => {
    const error = await refused(() => client.start('refusals-open', { input: deep(100) }))
    expect(error).toMatchObject({
      code: 'payload_unsupported',
      path: expect.stringMatching(/^input\.next\.next/),
    })
  })

  test('a payload of more than 32 MiB is refused by its path, in the input, the memo and a signal', async () => {
    const handle = await client.start(open, {})
    const large = 'x'.repeat(40_000_000)
    const start = (options: Given) => refused(() => client.start('refusals-open', options))
    expect(await start({ input: large })).toMatchObject(tooLarge('input'))
    expect(await start({ memo: { note: large } })).toMatchObject(tooLarge('memo.note'))
    expect(await refused(() => handle.signal(ping, large))).toMatchObject(tooLarge('payload'))
  })

  test.each([
    ['memo', 5, 'x'.repeat(120_000)],
    ['searchAttributes', 6, Array.from({ length: 100 }, () => 'x'.repeat(1_000))],
  ])('a %s that a row has no room for is refused', async (name, count, part) => {
    const parts = Array.from({ length: count }, (_, n) => [`part-${n}`, part])
    const options = { [name]: Object.fromEntries(parts) }
    expect(await refused(() => client.start('refusals-open', options))).toMatchObject(tooLarge(name))
  })

  test('an unknown workflow is refused with the known ones', async () => {
    const error = await refused(() => client.start('refusals-opne', { workflowId: 'refused' }))
    expect(error).toMatchObject({ code: 'unknown_workflow' })
    for (const name of ['refusals-opne', 'refusals-open', 'refusals-closed'])
      expect(error.message).toContain(name)
  })

  test('an unknown task queue is refused with the known ones', async () => {
    const error = await refused(() => client.start(open, { taskQueue: 'nowhere' }))
    expect(error).toMatchObject({ code: 'unknown_task_queue', path: 'taskQueue' })
    expect(error.message).toMatch(/nowhere.*default.*nobody/)
  })

  test('a second start of an open id is refused, and by policy that of a closed one', async () => {
    const first = await client.start(open, { workflowId: 'refused-twice' })
    const { workflowId, runId } = first
    const already = {
      name: 'WorkflowAlreadyStartedError',
      code: 'workflow_already_started',
      workflowId,
      runId,
    }
    expect(await refused(() => client.start(closed, { workflowId }))).toMatchObject(already)
    await first.signal(ping, 1)
    await first.result()
    const again = refused(() => client.start(closed, { workflowId, idReuse: 'reject' }))
    expect(await again).toMatchObject(already)
    expect(
      await refused(() => client.start(closed, { workflowId, idReuse: 'allow-failed-only' })),
    ).toMatchObject(already)
  })
})

describe('109 limits/hostile: a message that cannot be', () => {
  type Handle = WorkflowHandle<unknown, typeof open.messages>
  const verbs: [verb: string, call: (handle: Handle) => Promise<unknown>][] = [
    ['result', (handle) => handle.result()],
    ['describe', (handle) => handle.describe()],
    ['query', (handle) => handle.query('status')],
    ['signal', (handle) => handle.signal(ping, 1)],
    ['cancel', (handle) => handle.cancel()],
    ['terminate', (handle) => handle.terminate()],
    ['history', (handle) => typesOf(handle)],
  ]
  test.each(verbs)(
    '%s of an unknown workflow, or of a run that is not its own, is refused',
    async (_, call) => {
      const { runId } = await client.start(open, {})
      const { workflowId } = await client.start(open, {})
      const unknown = await refused(() => call(client.getHandle<typeof open>('refused-unknown')))
      expect(unknown).toMatchObject({ code: 'workflow_not_found', workflowId: 'refused-unknown' })
      expect(unknown.message).toContain('refused-unknown')
      const notItsOwn = await refused(() => call(client.getHandle<typeof open>(workflowId, runId)))
      expect(notItsOwn).toMatchObject({ code: 'workflow_not_found', workflowId })
      expect(notItsOwn.message).toContain(runId)
    },
  )

  test.each(verbs.slice(3, 6))('%s to a closed run is refused with how it ended', async (_, call) => {
    const handle = await client.start(closed, {})
    await handle.result()
    const error = await refused(() => call(client.getHandle<typeof open>(handle.workflowId)))
    expect(error).toMatchObject({ code: 'workflow_closed' })
    expect(error.message).toContain('completed')
    expect(error.message).toContain(handle.workflowId)
  })

  test('a query without a handler is refused with the known ones, and a bad name by its path', async () => {
    const handle = await client.start(open, {})
    expect(await refused(() => handle.query('stauts'))).toMatchObject({
      code: 'query_not_registered',
      known: ['status'],
      message: expect.stringContaining('stauts'),
    })
    expect(await refused(() => handle.query('status', () => 1))).toMatchObject({ path: 'args[0]' })
    expect(await refused(() => handle.signal('', 1))).toMatchObject({
      code: 'invalid_argument',
      path: 'signal',
    })
    expect(await refused(() => handle.result({ timeout: -1 }))).toMatchObject({ path: 'timeout' })
  })

  test('another shard count than that of the namespace is refused, whatever shard that leads to', async () => {
    for (const connection of [world.SCHEDULER, world.WORKFLOWS]) {
      const mistaken = new WorkflowClient(connection, { shards: 3 })
      for (const shard of [0, 1, 2]) {
        const workflowId = Array.from({ length: 64 }, (_, i) => `miscounted-${i}`).find(
          (id) => shardOf(id, 3) === shard,
        )!
        const error = await refused(() => mistaken.start(open, { workflowId }))
        expect(error).toMatchObject({ code: 'shard_count_mismatch' })
        expect(error.message).toMatch(/2 shards.* of 3/)
      }
    }
  })
})

test('a Worker without a binding, or with one of another kind, says which and what to add to wrangler.toml', async () => {
  const { handler, WorkflowService } = defineScheduler({ workflows: [closed], taskQueues: { orders: {} } })
  const { SCHEDULER } = world
  const answer = async (env: Record<string, unknown>) => {
    const response = await handler.fetch(new Request('https://scheduler/'), env)
    const { code, detail: message } = await response.json<{ code: string; detail: string }>()
    return { status: response.status, code, message }
  }
  const lines = /ORDERS_QUEUE.*\n\n\[\[queues\.producers\]\]\nbinding = "ORDERS_QUEUE"\nqueue = "orders"/
  const expected = { code: 'not_configured', message: expect.stringMatching(lines) }
  expect(await answer({ SCHEDULER })).toMatchObject({ status: 500, ...expected })
  expect(await answer({ SCHEDULER, ORDERS_QUEUE: 'orders' })).toMatchObject({ status: 500, ...expected })
  const service = () => new WorkflowService(createExecutionContext(), { SCHEDULER })
  expect(service).toThrow(expect.objectContaining({ path: 'ORDERS_QUEUE', ...expected }))
  const noObject = await answer({})
  expect(noObject).toMatchObject({ status: 500, code: 'not_configured' })
  expect(noObject.message).toContain('[[durable_objects.bindings]]\nname = "SCHEDULER"')
})
