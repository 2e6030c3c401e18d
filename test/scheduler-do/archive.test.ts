import { createExecutionContext, createScheduledController } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { ApplicationError } from '../../shared/errors.ts'
import { defineActivity, query, signal, workflow } from '../../shared/define.ts'
import { client, evict, historyOf, idOn, rejection, until, world } from '../conformance/world.ts'
import worker from '../workers/entry.ts'
import { register } from '../workers/registry.ts'
import { abort, rows } from './storage.ts'

const go = signal<unknown>('go')
const stage = query<string>('stage')
const double = defineActivity('double', (n: number) => n * 2)
const order = workflow('order', async (ctx, input: { n: number; when: Date }) => {
  let now = 'begun'
  ctx.setQueryHandler(stage, () => now)
  const doubled = await ctx.activity(double, { input: input.n })
  now = `doubled ${doubled}`
  const extra = await ctx.waitForSignal(go)
  now = 'over'
  return { doubled, extra, draw: ctx.random(), when: input.when }
})
const fails = workflow('fails', async () => {
  throw new ApplicationError('no stock', { type: 'out_of_stock', details: { sku: 'a' } })
})
register(double, order, fails)

function pass(): Promise<void> {
  const env = world as unknown as Parameters<typeof worker.scheduled>[1]
  return worker.scheduled(createScheduledController(), env, createExecutionContext())
}

/** Passes until nothing closed is left in the shards. */
async function archived(): Promise<void> {
  await until(async () => {
    await pass()
    return (
      (await client.count({ status: ['completed', 'failed', 'terminated', 'cancelled'], tiers: ['hot'] })) ===
      0
    )
  })
}

async function lastSequence(shard: number): Promise<number> {
  const [row] = await rows(shard, 'SELECT MAX(sequence + event_count - 1) AS last FROM history')
  return Number(row?.['last'])
}

/** Everything a reader can ask of a run. */
async function read(workflowId: string) {
  const handle = client.getHandle(workflowId)
  const [described, history, listed] = await Promise.all([
    handle.describe(),
    historyOf(handle),
    client.list({ idPrefix: workflowId }),
  ])
  const result = await handle.result().catch((error: Error) => ({ error: error.message, cause: error.cause }))
  const answer = await handle.query('stage').catch((error: Error) => error.message)
  return { described, history, listed: [...listed], result, answer }
}

async function closedRuns(): Promise<string[]> {
  const done = idOn(0, 'done')
  const run = await client.start(order, {
    workflowId: done,
    input: { n: 4, when: new Date(5) },
    memo: { note: 'm' },
  })
  await run.signal(go, { big: 12n })
  await run.result()
  const failed = idOn(1, 'failed')
  await rejection(client.execute(fails, { workflowId: failed, input: undefined }))
  const ended = idOn(1, 'ended')
  const open = await client.start(order, { workflowId: ended, input: { n: 1, when: new Date(6) } })
  await until(async () => (await open.describe()).historyEvents >= 3)
  await open.terminate('enough')
  return [done, failed, ended]
}

/** As plain JSON, without what may differ: the tier, and where in the engine an error was made for its reader. */
const asWarm = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, one: unknown) => {
      if (key === 'tier' || key === 'stack') return undefined
      return typeof one === 'bigint' ? `${one}n` : one
    }),
  )

describe('a closed run', () => {
  test('answers alike before and after it is archived: only its tier changes', async () => {
    const ids = await closedRuns()
    const before = await Promise.all(ids.map(read))
    expect(before.map(({ described }) => described.tier)).toEqual(['hot', 'hot', 'hot'])
    await archived()
    await evict()
    const after = await Promise.all(ids.map(read))
    expect(after.map(({ described }) => described.tier)).toEqual(['warm', 'warm', 'warm'])
    expect(after.map(({ answer }) => answer)).toEqual(before.map(({ answer }) => answer))
    for (const [index, one] of after.entries()) {
      const { listed: listedBefore, ...restBefore } = before[index]!
      const { listed, ...rest } = one
      expect(asWarm(rest)).toEqual(asWarm(restBefore))
      expect(listed).toMatchObject(
        listedBefore.map(({ workflowId, runId, status }) => ({ workflowId, runId, status, tier: 'warm' })),
      )
    }
    expect(after[0]).toMatchObject({ result: { doubled: 8, extra: { big: 12n } }, answer: 'over' })
  })

  test('leaves only its row behind', async () => {
    const workflowId = idOn(0, 'rows')
    const run = await client.start(order, { workflowId, input: { n: 1, when: new Date(5) } })
    await run.signal(go, 1)
    await run.result()
    await archived()
    for (const table of ['history', 'workflow_activities', 'workflow_timers', 'workflow_signals'])
      expect(await rows(0, `SELECT * FROM ${table} WHERE run_id = ?`, run.runId)).toEqual([])
    const [row] = await rows(
      0,
      'SELECT input, result, archive_batch, warm FROM workflows WHERE run_id = ?',
      run.runId,
    )
    expect(row).toMatchObject({ input: null, result: null, archive_batch: expect.any(Number) })
  })

  test('keeps its id taken and its signals refused, and its id is free for a new run', async () => {
    const workflowId = idOn(1, 'again')
    await rejection(client.execute(fails, { workflowId, input: undefined }))
    await archived()
    const refused = await rejection(client.getHandle(workflowId).signal('go'))
    expect(refused.code).toBe('workflow_closed')
    const taken = client.start(fails, { workflowId, input: undefined, idReuse: 'reject' })
    expect(await rejection(taken)).toMatchObject({ code: 'workflow_already_started' })
    const again = await client.start(fails, { workflowId, input: undefined })
    await rejection(again.result())
    expect((await again.describe()).tier).toBe('hot')
  })
})

describe('an open run', () => {
  test('stays, and goes on where it was while others are archived around it', async () => {
    const workflowId = idOn(0, 'open')
    const run = await client.start(order, { workflowId, input: { n: 3, when: new Date(1) } })
    await archived()
    expect((await run.describe()).tier).toBe('hot')
    await run.signal(go, 'on')
    expect(await run.result()).toMatchObject({ doubled: 6, extra: 'on' })
  })
})

describe('the shard’s sequence', () => {
  test('goes on where it was when the runs that held its last numbers have been archived', async () => {
    await rejection(client.execute(fails, { workflowId: idOn(1, 'seq'), input: undefined }))
    const before = await lastSequence(1)
    await archived()
    await abort(1)
    await rejection(client.execute(fails, { workflowId: idOn(1, 'seq-after'), input: undefined }))
    expect(await lastSequence(1)).toBe(before + 2)
  })
})
