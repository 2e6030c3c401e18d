import { env } from 'cloudflare:workers'
import { beforeEach, expect, test } from 'vitest'
import type { ShardApi } from '../../shared/protocol.ts'
import { workflow } from '../../shared/define.ts'
import { readFact, writeFact } from '../../scheduler-do/store/meta.ts'
import { Sql } from '../../scheduler-do/store/sql.ts'
import { shardOf } from '../../shared/shard.ts'
import { abortAfter } from '../scheduler-do/storage.ts'
import { objects, register } from '../workers/registry.ts'
import { persist } from './loss.ts'
import { advance, client, evict, idOn, SHARDS, typesOf, until } from './world.ts'

/** While set, the workflow's code ends its object, as the platform does to code that spins. */
let deadly = false

const ender = workflow('ender', async (ctx) => {
  await ctx.waitForSignal('go')
  if (deadly) await ended(ctx.workflowId)
  return 'done'
})
/** Ends its object before anything of it is committed. */
const stillborn = workflow('stillborn', async (ctx) => {
  if (deadly) await ended(ctx.workflowId)
  return 'born'
})
const parent = workflow('parent-of-stillborn', async (ctx, workflowId: string) => {
  await ctx.waitForSignal('go')
  const child = await ctx.startChild(stillborn, { workflowId })
  return await child.result()
})
const again = workflow('again-stillborn', async (ctx, run: number) => {
  if (run === 1) {
    await ctx.waitForSignal('go')
    ctx.continueAsNew(2)
  }
  if (deadly) await ended(ctx.workflowId)
  return 'again'
})
const peaceful = workflow('peaceful', async (ctx) => {
  await ctx.waitForSignal('go')
  return 'done'
})
register(ender, stillborn, parent, again, peaceful)

beforeEach(() => {
  deadly = false
})

/** Nothing comes after: the object is gone, and its code with it. */
function ended(workflowId: string): Promise<never> {
  try {
    objects.get(`default/${shardOf(workflowId, SHARDS)}`)?.abort('its code span')
  } catch {
    // abort() throws into the code that calls it, which spinning code would never see.
  }
  return new Promise(() => {})
}

const SHARD = { namespace: 'default', shard: 0, shards: SHARDS }
const REASON = expect.stringContaining('ended the object twice')

/** One attempt to signal, in whatever life the object has. */
async function signalOnce(workflowId: string): Promise<void> {
  const { SCHEDULER } = env as { SCHEDULER: DurableObjectNamespace } // bound in test/workers/wrangler.toml
  const stub = SCHEDULER.get(SCHEDULER.idFromName('default/0'))
  await (stub as unknown as ShardApi).signal({ to: SHARD, workflowId, name: 'go', signalId: 'once' }) // the object's own verb
}

test('109 limits/hostile: a run whose code ends the object is blocked after it was found alone twice; the others go on', async () => {
  const [workflowId, peacefulId] = [idOn(0, 'ender'), idOn(0, 'peaceful')]
  const handle = await client.start(ender, { workflowId })
  const other = await client.start(peaceful, { workflowId: peacefulId })
  await evict()
  deadly = true
  // Lost in the first two lives; in the third the run is blocked, and the signal waits for other code.
  await expect(signalOnce(workflowId)).rejects.toThrow('its code span')
  await expect(signalOnce(workflowId)).rejects.toThrow('its code span')
  await signalOnce(workflowId)
  const { blocked, status } = await handle.describe()
  expect(status).toBe('running')
  expect(blocked?.reason).toEqual(REASON)

  await other.signal('go')
  expect(await other.result()).toBe('done')

  await handle.terminate('hopeless')
  await expect(handle.result()).rejects.toMatchObject({ status: 'terminated' })
})

/** Why the run is blocked, in the end; others of its shard are served all the same. */
async function reasonOf(workflowId: string): Promise<string> {
  const reason = await until(async () => {
    await persist(() => advance(2_000))
    const found = await client.describe(workflowId).catch(() => null) // a life has just ended
    return found?.blocked?.reason
  })
  const other = await client.start(peaceful, {
    workflowId: idOn(shardOf(workflowId, SHARDS), `beside ${workflowId}`),
  })
  await other.signal('go')
  expect(await other.result()).toBe('done')
  return reason
}

test.each([1, 0])(
  '109 limits/hostile: a child that ends its object before its first commit is blocked; its parent is of shard %i',
  async (shard) => {
    const workflowId = idOn(0, `stillborn of ${shard}`)
    const run = await client.start(parent, { workflowId: idOn(shard, 'parent'), input: workflowId })
    deadly = true
    await run.signal('go').catch(() => {})
    expect(await reasonOf(workflowId)).toEqual(REASON)
    expect(await typesOf(client.getHandle(workflowId))).toEqual(['workflow_started'])
    expect((await run.describe()).blocked).toBeUndefined()
    await client.terminate(workflowId)
    await expect(run.result()).rejects.toMatchObject({ status: 'failed' })
  },
)

/** Time passes while no object lives: each wakes to what has been due for a while. */
async function sleepThrough(ms: number): Promise<void> {
  for (let shard = 0; shard < SHARDS; shard += 1) {
    await abortAfter(shard, ({ sql }) => {
      const facts = new Sql(sql)
      writeFact(facts, 'clock_offset', (readFact(facts, 'clock_offset') ?? 0) + ms)
    })
  }
}

test('109 limits/hostile: a run of a schedule that ends its object before its first commit is blocked', async () => {
  deadly = true
  const schedule = await client.schedules.create({
    scheduleId: 'hostile',
    spec: { every: '1h' },
    workflow: stillborn,
  })
  await sleepThrough(3_620_000)
  const { workflowId } = await until(async () => {
    await persist(() => advance(2_000))
    return (await client.list({ idPrefix: 'hostile-' }).catch(() => []))[0]
  })
  expect(await reasonOf(workflowId)).toEqual(REASON)
  await schedule.delete()
})

test('109 limits/hostile: a run that takes over and ends its object before its first commit is blocked', async () => {
  const workflowId = idOn(0, 'again')
  await client.start(again, { workflowId, input: 1 })
  deadly = true
  // Nobody sees the first two lives end but whoever signals; in the third the next run begins, and ends its object alone.
  await expect(signalOnce(workflowId)).rejects.toThrow('its code span')
  await expect(signalOnce(workflowId)).rejects.toThrow('its code span')
  await signalOnce(workflowId)
  expect(await reasonOf(workflowId)).toEqual(REASON)
  const runs = await client.list({ idPrefix: workflowId, orderBy: 'startedAt' })
  expect(runs.map(({ status }) => status)).toEqual(['continued_as_new', 'running'])
})
