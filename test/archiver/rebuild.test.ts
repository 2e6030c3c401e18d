import { createExecutionContext } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { warmLimits } from '../../archiver/pack.ts'
import { defineArchiver, type ArchiverEnv } from '../../archiver/index.ts'
import { workflow } from '../../shared/define.ts'
import { client, historyOf, idOn, until } from '../conformance/world.ts'
import { abortAfter } from '../scheduler-do/storage.ts'
import { register } from '../workers/registry.ts'
import { bucket, watched } from './buckets.ts'
import { closedRuns, pass, source } from './passes.ts'

const kept = workflow('kept', async (ctx, input: string) => {
  await ctx.run('step', () => input)
  return { done: input }
})
const fails = workflow('fails', async (ctx) => {
  ctx.upsertMemo({ note: 'é, later' })
  await ctx.run('step', () => 1)
  ctx.upsertSearchAttributes({ stage: 'failed' })
  throw new Error('no stock')
})
const goesCold = workflow('goesCold', async (_ctx, input: string) => ({ done: input }))
register(kept, fails, goesCold)

const ids = Array.from({ length: 5 }, (_, i) => idOn(0, `rebuilt-${i}`))

/** What a call of `npm run rebuild` is answered. */
async function rebuild(body: unknown, token = 'secret', archive = bucket): Promise<Response> {
  const { handler } = defineArchiver()
  const tokens = { API_TOKEN: 'secret', API_TOKEN_WRITE: 'writes' }
  const env: ArchiverEnv = { ARCHIVE: archive, WORKFLOWS: source, ...tokens }
  const headers = { authorization: `Bearer ${token}` }
  const request = new Request('https://archiver/archive/rebuild', {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return await handler.fetch(request, env, createExecutionContext())
}

async function lose(shard: number): Promise<void> {
  await abortAfter(shard, async (storage) => {
    await storage.deleteAlarm()
    await storage.deleteAll()
  })
}

async function untilCold(id: string): Promise<void> {
  await until(async () => {
    expect((await pass()).summary.failed).toBe(0)
    return (await client.list({ idPrefix: id, tiers: ['cold'] })).length === 1
  })
}

async function read(id: string) {
  const handle = client.getHandle(id)
  const [described, history] = [await handle.describe(), await historyOf(handle)]
  return { described, history, result: await handle.result().catch((error: Error) => error.message) }
}

test('a shard that lost its storage has its archived runs again, as they were', async () => {
  await closedRuns(kept, ids)
  const failing = idOn(0, 'rebuilt-failed')
  await client
    .start(fails, { workflowId: failing, memo: { note: 'é' } })
    .then((handle) => handle.result().catch(() => {}))
  const all = [...ids, failing]
  await until(async () => {
    await pass({ cold: null })
    return (await client.list({ idPrefix: 'rebuilt-', tiers: ['warm'] })).length === all.length
  })
  const before = await Promise.all(all.map(read))
  await lose(0)
  await expect(client.getHandle(ids[0]!).describe()).rejects.toMatchObject({ code: 'workflow_not_found' })
  const answer = await rebuild({ namespace: 'default', shard: 0 })
  expect(await answer.json()).toMatchObject({ shards: 2, runs: all.length })
  expect(await Promise.all(all.map(read))).toEqual(before)
  expect(await (await rebuild({ namespace: 'default', shard: 0 })).json()).toMatchObject({ shards: 2 })
  expect(await Promise.all(all.map(read))).toEqual(before)
})

test('a shard that lost its storage goes on above the numbers of batches that only the tables have', async () => {
  const old = idOn(1, 'old-cold')
  await closedRuns(goesCold, [old])
  await untilCold(old)
  await lose(1)
  const { objects } = await bucket.list({ prefix: 'warm/default/1/' })
  await bucket.delete(objects.map(({ key }) => key))
  expect((await rebuild({ namespace: 'default', shard: 1 })).status).toBe(200)
  const next = idOn(1, 'new-cold')
  await closedRuns(goesCold, [next])
  await untilCold(next)
  expect(await client.getHandle(next).result()).toEqual({ done: next })
})

test.each<[string, unknown]>([
  ['no JSON', '{'],
  ['no object', '7'],
  ['a shard that is no number', { namespace: 'default', shard: '0' }],
  ['no namespace', { shard: 0 }],
  ['a cursor that is none', { namespace: 'default', shard: 0, cursor: 7 }],
])('a request with %s is refused', async (_, body) => {
  const answer = await rebuild(body)
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ code: 'invalid_argument' })
})

test('nobody rebuilds without a token that may do everything', async () => {
  expect((await rebuild({ namespace: 'default', shard: 0 }, 'wrong')).status).toBe(401)
  expect((await rebuild({ namespace: 'default', shard: 0 }, 'writes')).status).toBe(403)
})

test('of a batch of several objects R2 may name one at a time', async () => {
  const many = Array.from({ length: 4 }, (_, i) => idOn(0, `several-${i}`))
  await closedRuns(kept, many)
  await until(async () => {
    await pass({ cold: null, limits: warmLimits(1) })
    return (await client.list({ idPrefix: 'several-', tiers: ['warm'] })).length === many.length
  })
  const before = await Promise.all(many.map(read))
  await lose(0)
  const sparing = watched(async (name, call, given) => {
    const [options] = given as [R2ListOptions?]
    return name === 'list' && options?.include ? await bucket.list({ ...options, limit: 1 }) : await call()
  })
  const answer = await rebuild({ namespace: 'default', shard: 0 }, 'secret', sparing)
  expect((await answer.json<{ runs: number }>()).runs).toBeGreaterThanOrEqual(many.length)
  expect(await Promise.all(many.map(read))).toEqual(before)
})
