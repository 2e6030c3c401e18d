/** Names, ids and keys that mean something to JavaScript, SQL or a path: here they are texts like any other. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WorkflowWorker } from '../../activity-worker/index.ts'
import { namespacesOf } from '../../archiver/config.ts'
import { readConfig } from '../../scheduler-do/config.ts'
import type { SchedulerOptions } from '../../scheduler-do/config.ts'
import { defineActivity, query, signal, update, workflow, WorkflowClient } from '../../shared/index.ts'
import type { EngineNamespace } from '../../shared/index.ts'
import { createTestEnvironment } from '../../testing/index.ts'
import type { TestEnvironment } from '../../testing/index.ts'

/** What every object has a member of, and what ends a text of SQL, or a path. */
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
  "'; drop table workflows; --",
  '" or ""="',
  "x' union select * from meta --",
  '%',
  '_',
  '\\',
  '../../../etc/passwd',
  '..',
  '%2e%2e%2f',
  'a/b/../c',
  '\u202egnp.exe',
  '😀',
  '😀😀 twice',
  '${process.env}',
  '{{7*7}}',
  '$type',
]

const echoes = NAMES.map((name) => defineActivity(name, async (input: unknown) => input))

/** Everything that has a name is called by the one it is given. */
const uses = workflow('uses', async (ctx, name: string) => {
  const heard: unknown[] = []
  ctx.setSignalHandler(signal<unknown>(name), (payload) => void heard.push(payload))
  ctx.setQueryHandler(query<number>(name), () => heard.length)
  ctx.setUpdateHandler(update<unknown, [unknown]>(name), async (arg) => arg)
  ctx.upsertMemo({ [name]: name })
  const given = await ctx.activity(name, { input: { [name]: name } })
  const step = await ctx.run(name, () => name)
  await ctx.waitForSignal('done')
  return { given, step, heard, [name]: name }
})

const asks = workflow('asks', async (ctx, name: string) => await ctx.run(name, () => 1))

let env: TestEnvironment
beforeAll(async () => {
  env = await createTestEnvironment({ workflows: [uses, asks], activities: echoes })
})
afterAll(() => env.dispose())

describe.each(NAMES)('the name %j', (name) => {
  const own = Object.fromEntries([[name, name]])

  test('names a workflow, an activity, a step, a message, a field and a run as any other', async () => {
    const run = await env.client.start(uses, { workflowId: name, input: name, memo: own })
    await env.settle()
    await run.signal(name, own)
    await env.settle()
    expect(await run.query(name)).toBe(1)
    expect(await run.update(name, { args: [own] })).toEqual(own)
    await env.evict()
    await run.signal('done')
    await env.settle()
    const result = (await run.result()) as Record<string, unknown>
    expect(result['given']).toEqual(own)
    expect(result['heard']).toEqual([own])
    expect(Object.keys(result)).toContain(name)
    const info = await run.describe()
    expect(Object.keys(info.memo)).toEqual([name])
    expect(Object.entries(info.memo)).toEqual([[name, name]])
  })
})

describe.each(NAMES)('once all have run, the name %j', (name) => {
  const own = Object.fromEntries([[name, name]])

  test('finds its own run and no other', async () => {
    const found = await env.client.list({ idPrefix: name, limit: 1_000 })
    const expected = NAMES.filter((one) => one.startsWith(name))
    expect(found.map(({ workflowId }) => workflowId).toSorted()).toEqual(expected.toSorted())
    expect(await env.client.count({ idPrefix: name })).toBe(expected.length)
    expect(await env.client.count({ workflowType: name })).toBe(0)
    expect(await env.client.count({ taskQueue: name })).toBe(0)
    expect(await env.client.count()).toBe(NAMES.length)
  })

  test('is no search attribute, unless it is a name of one', async () => {
    const asked = env.client.count({ searchAttributes: own })
    const answer = await asked.catch((error: { code?: string }) => error.code)
    expect(answer).toBe(/^[a-z_][\w.-]*$/i.test(name) ? 0 : 'invalid_argument')
  })
})

test.each(['\u0000', 'a\u0000b'])('an id with NUL is refused: a list would not find it (%j)', async (id) => {
  const refusal = { code: 'invalid_argument', path: 'workflowId' }
  await expect(env.client.start(uses, { workflowId: id, input: id })).rejects.toMatchObject(refusal)
  await expect(env.client.list({ idPrefix: id })).rejects.toMatchObject({
    code: 'invalid_argument',
    path: 'idPrefix',
  })
})

const refusal = (path: string) => expect.objectContaining({ code: 'invalid_argument', path })

function schedulerOf(options: Partial<SchedulerOptions>): unknown {
  const bindings = { SCHEDULER: { idFromName: () => '' } }
  return readConfig({ workflows: [], ...options }, bindings, {} as never)
}

describe.each(['\ud800', 'a\udc00', '\udc00\ud800'])(
  'half of a character is no name, and in no URL (%j)',
  (name) => {
    test.each<[string, () => unknown]>([
      ['name', () => workflow(name, async () => 1)],
      ['name', () => defineActivity(name, async () => 1)],
      ['name', () => signal(name)],
      ['namespace', () => new WorkflowClient({} as EngineNamespace, { namespace: name })],
      ['taskQueue', () => new WorkflowWorker({ taskQueue: name })],
      ['taskQueues', () => schedulerOf({ taskQueues: { [name]: { pull: true } } })],
      ['versions', () => schedulerOf({ version: '1', versions: { [name]: [] } })],
      ['NAMESPACES', () => namespacesOf({ NAMESPACES: `default,${name}` })],
    ])('%s', (path, made) => {
      expect(made).toThrow(refusal(path))
    })

    test('of a start, a message, a filter or a schedule', async () => {
      const { client } = env
      const own = client.getHandle('anything')
      for (const [path, asked] of [
        ['workflow', client.start(name, {})],
        ['taskQueue', client.start(uses, { input: 'x', taskQueue: name })],
        ['requestId', client.start(uses, { input: 'x', requestId: name })],
        ['signal', own.signal(name)],
        ['query', own.query(name)],
        ['update', own.update(name, { args: [] })],
        ['taskQueue', client.list({ taskQueue: name })],
      ] as const)
        await expect(asked).rejects.toEqual(refusal(path))
      expect(() => client.schedules.getHandle(name)).toThrow(refusal('scheduleId'))
    })

    test('of what workflow code asks for: its run fails of it', async () => {
      const run = await env.client.start(asks, {
        workflowId: `asks ${encodeURI(JSON.stringify(name))}`,
        input: name,
      })
      await env.settle()
      await expect(run.result()).rejects.toThrow(/name must be a text/)
    })
  },
)

test('nothing of it stays in the prototypes that all objects share', () => {
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  expect(Object.getOwnPropertyNames(Object.prototype).toSorted()).toEqual([
    '__defineGetter__',
    '__defineSetter__',
    '__lookupGetter__',
    '__lookupSetter__',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'isPrototypeOf',
    'propertyIsEnumerable',
    'toLocaleString',
    'toString',
    'valueOf',
  ])
})
