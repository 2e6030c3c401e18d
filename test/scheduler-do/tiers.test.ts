import { beforeAll, describe, expect, test } from 'vitest'
import { defineActivity, query, signal, workflow } from '../../shared/define.ts'
import { ApplicationError } from '../../shared/errors.ts'
import { client, evict, historyOf, idOn, recorded, rejection } from '../conformance/world.ts'
import { ask, TOKEN } from '../conformance/over-http.ts'
import { register } from '../workers/registry.ts'
import type { Archive } from '../../scheduler-do/http/live.ts'
import type { LeasedShard } from '../../archiver/phases/context.ts'
import { bucket, stored } from '../archiver/buckets.ts'
import { abort, rows } from './storage.ts'
import { passOn, toCold, toSegment, toWarm } from './tiers.ts'

const go = signal<unknown>('go')
const stage = query<string>('stage')
const double = defineActivity('double', (n: number) => n * 2)
/** Cold at once, and its warm objects expire at once. */
const expires = workflow('expires', async (ctx, input: { n: number; fail?: boolean }) => {
  let now = 'begun'
  ctx.setQueryHandler(stage, () => now)
  if (input.fail) throw new ApplicationError('no stock', { type: 'out_of_stock' })
  const doubled = await ctx.activity(double, { input: input.n })
  now = `doubled ${doubled}`
  const extra = await ctx.waitForSignal(go)
  for (let i = 0; i < 30; i += 1) await ctx.run('large', () => 'l'.repeat(100_000))
  now = 'over'
  return { doubled, extra, draw: ctx.random() }
})
const child = workflow('childExpires', async () => 'grown')
const parent = workflow('parentExpires', async (ctx, childId: string) =>
  ctx.executeChild(child, { workflowId: childId }),
)
const brief = workflow('alsoExpires', async () => 'brief')
const refusal = (error: Error & { code?: string }) => `${error.code}: ${error.message}`
const messenger = workflow('messenger', async (ctx, to: { workflowId: string; runId: string }) => {
  const other = ctx.external(to.workflowId, to.runId)
  return [await other.signal('go').catch(refusal), await other.cancel().catch(refusal)]
})
register(double, expires, child, parent, brief, messenger)

let by: LeasedShard
beforeAll(async () => {
  by = await passOn(0)
})

/** Everything a reader can ask of a run. */
async function read(workflowId: string, runId?: string) {
  const handle = client.getHandle(workflowId, runId)
  const [described, history, listed] = await Promise.all([
    handle.describe(),
    historyOf(handle),
    client.list({ idPrefix: workflowId }),
  ])
  const result = await handle.result().catch((error: Error) => ({ error: error.message, cause: error.cause }))
  const answer = await handle.query('stage').catch((error: Error) => error.message)
  const counted = await client.count({ idPrefix: workflowId })
  const late = []
  for await (const event of handle.history({ fromEvent: history.length })) late.push(event)
  const events = []
  for await (const event of handle.events()) events.push(event)
  const behind = []
  for await (const event of handle.events({ after: events.at(-3)?.sequence ?? 0 })) behind.push(event)
  expect(events.map(({ eventId }) => eventId)).toEqual(history.map(({ eventId }) => eventId))
  expect(behind).toEqual(events.slice(-2))
  return { described, history, listed: [...listed], result, answer, counted, late, events }
}

/** As plain JSON, without what may differ: the tier, where an error was made for its reader, and payloads of lists. */
const alike = (value: Awaited<ReturnType<typeof read>>): unknown =>
  JSON.parse(
    JSON.stringify(
      { ...value, listed: value.listed.map((run) => ({ ...run, input: 0, result: 0, error: 0 })) },
      (key, one: unknown) => {
        if (key === 'tier' || key === 'stack') return undefined
        return typeof one === 'bigint' ? `${one}n` : one
      },
    ),
  )

describe('a closed run', () => {
  test('answers alike in every tier: only its tier changes', async () => {
    const [done, failed] = [idOn(0, 'done'), idOn(0, 'failed')]
    const input = { n: 4 }
    const run = await client.start(expires, { workflowId: done, input, memo: { note: 'm' } })
    await run.signal(go, { big: 12n })
    await run.result()
    await rejection(client.execute(expires, { workflowId: failed, input: { n: 1, fail: true } }))
    const all = () => Promise.all([read(done), read(failed)])
    const hot = await all()
    const expected = hot.map(alike)
    const tiers = (found: typeof hot): string[] =>
      found.flatMap(({ described, listed }) => [described.tier, ...listed.map(({ tier }) => tier)])
    expect(tiers(hot)).toEqual(['hot', 'hot', 'hot', 'hot'])

    await toWarm(by, done, failed)
    const waits = await archiveNow()
    expect(waits.shards[0]?.waiting).toMatchObject({ batches: expect.any(Number), runs: 2 })
    const warm = await all()
    expect(tiers(warm)).toEqual(['warm', 'warm', 'warm', 'warm'])
    expect(warm.map(alike)).toEqual(expected)

    await toCold(by)
    const { tables, shards } = await archiveNow()
    expect(shards[0]).toMatchObject({ coldRuns: 2, warmRuns: 0, waiting: { batches: 0, runs: 0, bytes: 0 } })
    expect(tables?.map(({ name, records, fileCount }) => [name, records, fileCount])).toEqual([
      ['durable.workflow_history', hot[0].history.length + hot[1].history.length, 1],
      ['durable.workflow_executions', 2, 1],
    ])
    for (const { files, snapshots, records, bytes } of tables ?? []) {
      expect(files).toMatchObject([{ day: new Date().toISOString().slice(0, 10), records, bytes }])
      expect(snapshots).toMatchObject([{ operation: 'append', current: true }])
    }
    const cold = await withoutColdTier(all)
    expect(tiers(cold)).toEqual(['cold', 'cold', 'cold', 'cold'])
    expect(cold.map(alike)).toEqual(expected)

    // A warm object that is lost or damaged is passed over, since the cold tier has its runs.
    const { objects } = await bucket.list({ prefix: 'warm/default/0/' })
    for (const { key } of objects) await bucket.put(key, '[]')
    expect((await all()).map(alike)).toEqual(expected)
    for (const { key } of objects) await bucket.delete(key)
    expect((await all()).map(alike)).toEqual(expected)

    await toSegment(by)
    expect(await rows(0, 'SELECT run_id FROM workflows WHERE workflow_id IN (?, ?)', done, failed)).toEqual(
      [],
    )
    await evict()
    const expired = await all()
    expect(tiers(expired)).toEqual(['cold', 'cold', 'cold', 'cold'])
    expect(expired.map(alike)).toEqual(expected)
    expect(await read(done, run.runId).then(alike)).toEqual(expected[0])
  })

  test('whose warm object is damaged cannot be read while the cold tier does not have it', async () => {
    const workflowId = idOn(0, 'damaged')
    await client.execute(brief, { workflowId })
    await toWarm(by, workflowId)
    const { objects } = await bucket.list({ prefix: 'warm/default/0/' })
    const last = objects
      .map(({ key }) => key)
      .toSorted((one, other) => number(one) - number(other))
      .at(-1)!
    const { bytes, object } = await stored(last)
    await bucket.put(last, '[]')
    const unread = await rejection(client.getHandle(workflowId).result())
    expect(unread.message).toContain('its etag is')
    await bucket.put(last, bytes, { customMetadata: object.customMetadata! })
    expect(await client.getHandle(workflowId).result()).toBe('brief')
  })
})

async function archiveNow(): Promise<Archive> {
  const answer = await ask('/api/v1/archive', { headers: { authorization: `Bearer ${TOKEN}` } })
  return await answer.json()
}

/** What `work` answers while no table of the cold tier can be found. */
async function withoutColdTier<T>(work: () => Promise<T>): Promise<T> {
  const { objects } = await bucket.list({ prefix: 'iceberg/' })
  const pointers = objects.map(({ key }) => key).filter((key) => key.endsWith('version-hint.text'))
  const kept = await Promise.all(pointers.map((key) => stored(key)))
  await bucket.delete(pointers)
  const answer = await work()
  for (const [index, { bytes }] of kept.entries()) await bucket.put(pointers[index]!, bytes)
  expect(pointers).toHaveLength(2)
  return answer
}

const number = (key: string): number => Number(/\/(\d+)-[^/]*\.parquet/.exec(key)?.[1])

describe('a run that only a segment knows', () => {
  test('refuses messages with its final status, as the latest of its id and as an older one', async () => {
    const workflowId = idOn(0, 'messages')
    const start = () => client.start(expires, { workflowId, input: { n: 1, fail: true } })
    const first = await start()
    await rejection(first.result())
    await toSegment(by, workflowId)
    await abort(0)
    for (const refused of [
      rejection(client.getHandle(workflowId).signal('go')),
      rejection(first.signal('go', undefined)),
      rejection(first.cancel()),
      rejection(first.terminate()),
    ])
      expect(await refused).toMatchObject({
        code: 'workflow_closed',
        message: expect.stringContaining('failed'),
      })

    const second = await start()
    await rejection(second.result())
    await toSegment(by, workflowId)
    await abort(0)
    expect(await rejection(first.signal('go', undefined))).toMatchObject({ code: 'workflow_closed' })
    expect((await first.describe()).status).toBe('failed')
    expect(await rejection(client.getHandle(workflowId, 'nobody').signal('go'))).toMatchObject({
      code: 'workflow_not_found',
    })
    expect((await client.list({ idPrefix: workflowId })).map(({ runId }) => runId)).toEqual([
      second.runId,
      first.runId,
    ])
  })

  test.each([0, 1])(
    'refuses messages of other workflows with its final status: from shard %i',
    async (shard) => {
      const workflowId = idOn(0, `external-${shard}`)
      const start = () => client.start(expires, { workflowId, input: { n: 1, fail: true } })
      const run = await start()
      await rejection(run.result())
      await toSegment(by, workflowId)
      await rejection((await start()).result()) // so that it is not the latest of its id
      await abort(0)
      const input = { workflowId, runId: run.runId }
      const told = await client.execute(messenger, { workflowId: idOn(shard, `messenger-${shard}`), input })
      const refused = expect.stringMatching(/^workflow_closed: .*failed/)
      expect(told).toEqual([refused, refused])
    },
  )

  test('holds its id as any closed run does', async () => {
    const [completed, failed] = [idOn(0, 'reuse-completed'), idOn(0, 'reuse-failed')]
    await client.execute(brief, { workflowId: completed })
    await rejection(client.execute(expires, { workflowId: failed, input: { n: 1, fail: true } }))
    await toSegment(by, completed, failed)
    const start = (workflowId: string, idReuse: 'reject' | 'allow-failed-only' | 'allow') =>
      client.start(brief, { workflowId, idReuse })
    for (const refused of [
      start(completed, 'reject'),
      start(completed, 'allow-failed-only'),
      start(failed, 'reject'),
    ])
      expect(await rejection(refused)).toMatchObject({ code: 'workflow_already_started' })
    for (const admitted of [start(completed, 'allow'), start(failed, 'allow-failed-only')])
      expect(await (await admitted).result()).toBe('brief')
    expect((await client.describe(failed)).tier).toBe('hot')
    const ids = await rows(0, `SELECT status FROM workflow_ids WHERE workflow_id LIKE 'reuse-%'`)
    expect(ids).toEqual([{ status: null }, { status: null }])
  })

  test('is found from its child, and its child from it', async () => {
    const [parentId, childId] = [idOn(0, 'a-parent'), idOn(0, 'a-child')]
    await client.execute(parent, { workflowId: parentId, input: childId })
    await toSegment(by, parentId, childId)
    const link = (await client.describe(childId)).parent!
    expect(link.workflowId).toBe(parentId)
    const up = client.getHandle(link.workflowId, link.runId)
    expect(await up.result()).toBe('grown')
    const [started] = await recorded(up, 'child_started')
    expect((await client.describe(childId, started!['runId'] as string)).status).toBe('completed')
  })
})
