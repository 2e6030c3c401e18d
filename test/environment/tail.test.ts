/** Whoever follows runs while they go on is told each event once, in order, whatever is lost meanwhile. */
import { describe, expect, test } from 'vitest'
import { defineActivity, signal, workflow } from '../../shared/index.ts'
import type { WorkflowCdcEvent, WorkflowHandle } from '../../shared/index.ts'
import type { TestEnvironment } from '../../testing/index.ts'
import { Random } from '../simulate/random.ts'
import { environments } from './environments.ts'

const create = environments()

const go = signal<number>('go')
const work = defineActivity('work', (left: number) => left)
const order = workflow('order', async (ctx, left: number): Promise<number> => {
  const [worked] = await Promise.all([ctx.activity(work, { input: left }), ctx.run('step', () => left)])
  await ctx.waitForSignal(go)
  return left > 0 ? ctx.continueAsNew(left - 1) : worked
})
const fan = workflow('fan', async (ctx, width: number) => {
  await Promise.all(Array.from({ length: width }, () => ctx.sleep('1h')))
})
const options = { workflows: [order, fan], activities: [work] }

async function collected<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const event of events) all.push(event)
  return all
}

/** What a run's history says that is to be told of it. */
async function expected(handle: WorkflowHandle): Promise<object[]> {
  const history = await collected(handle.history())
  return history.map(({ eventId, type }) => ({ eventId, type: `workflow.${type.replace(/^workflow_/, '')}` }))
}

const brief = ({ eventId, type }: WorkflowCdcEvent) => ({ eventId, type })

async function ended(env: TestEnvironment, handle: WorkflowHandle, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await env.settle()
    await handle.signal(go, round)
  }
  await env.settle()
}

describe('a run that is followed', () => {
  test('is told from its start to its end, with the runs that take over from it', async () => {
    const env = await create(options)
    const handle = await env.client.start(order, { workflowId: 'order', input: 2 })
    const following = collected(handle.events())
    await ended(env, handle, 3)
    const told = await following
    const runIds = [...new Set(told.map(({ runId }) => runId))]
    expect(runIds).toHaveLength(3)
    expect(runIds[0]).toBe(handle.runId)
    const histories = await Promise.all(runIds.map((runId) => expected(env.client.getHandle('order', runId))))
    expect(told.map(brief)).toEqual(histories.flat())
    expect(told.filter(({ type }) => type === 'workflow.activity_completed')).toMatchObject(
      runIds.map(() => ({ activityType: 'work', attempt: 1, workflowType: 'order' })),
    )
  })

  test('is told alone by a handle that names it', async () => {
    const env = await create(options)
    const handle = await env.client.start(order, { workflowId: 'order', input: 1 })
    await ended(env, handle, 2)
    const first = env.client.getHandle('order', handle.runId)
    const told = await collected(first.events())
    expect(told.map(brief)).toEqual(await expected(first))
    const latest = env.client.getHandle('order')
    expect((await collected(latest.events({ live: false }))).map(brief)).toEqual(await expected(latest))
  })

  test('is told up to the present, and from any event on', async () => {
    const env = await create(options)
    const handle = await env.client.start(order, { workflowId: 'order', input: 2 })
    await ended(env, handle, 2)
    const all = await collected(handle.events({ live: false }))
    expect(new Set(all.map(({ runId }) => runId)).size).toBe(3)
    for (const [index, { sequence = 0 }] of all.entries())
      for (const one of [handle, env.client.getHandle('order')])
        expect(await collected(one.events({ live: false, after: sequence }))).toEqual(all.slice(index + 1))
  })

  test('that nobody knows is refused', async () => {
    const env = await create(options)
    await expect(collected(env.client.getHandle('nobody').events())).rejects.toMatchObject({
      code: 'workflow_not_found',
    })
  })
})

describe('a namespace that is followed', () => {
  test('is told each event once, in the order of its shard, whatever is evicted, lost and resumed meanwhile', async () => {
    for (let seed = 1; seed <= 3; seed += 1) {
      const random = new Random(seed)
      const env = await create(options)
      const stop = new AbortController()
      const told: WorkflowCdcEvent[] = []
      const following = follow(env, { told, stop: stop.signal, breaks: random.fork('breaks') })
      await disturbed(env, random)
      const all = await collected(env.client.events({ live: false }))
      while (told.length < all.length) await env.settle()
      stop.abort(new Error('over'))
      await expect(following).rejects.toThrow('over')
      expect([seed, byShard(told)]).toEqual([seed, byShard(all)])
      for (const events of Object.values(byShard(told)))
        expect(events.map((event) => parseInt(event, 10))).toEqual(events.map((_, index) => index + 1))
    }
  })

  test('from now on, is told only what happens from then on', async () => {
    const env = await create(options)
    await env.client.start(order, { workflowId: 'before', input: 0 })
    await env.settle()
    const events = env.client.events({ after: 'now' })[Symbol.asyncIterator]()
    const first = events.next()
    await env.settle()
    await env.client.start(order, { workflowId: 'after', input: 0 })
    const { value } = await first
    expect(value).toMatchObject({ type: 'workflow.started', workflowId: 'after', eventId: 1 })
    await events.return?.(undefined)
  })

  test('by somebody slow, is read from history where memory has not enough', async () => {
    const env = await create({ ...options, shards: 1 })
    const events = env.client.events()[Symbol.asyncIterator]()
    await env.client.start(order, { workflowId: 'first', input: 0 })
    const told = [(await events.next()).value.sequence]
    for (let run = 0; run < 6; run += 1)
      await env.client.start(fan, { workflowId: `fan-${run}`, input: 1_900 })
    await env.settle()
    const all = await collected(env.client.events({ live: false }))
    expect(all.length).toBeGreaterThan(11_000)
    while (told.length < all.length) told.push((await events.next()).value.sequence)
    expect(told).toEqual(all.map((_, index) => index + 1))
    await events.return?.(undefined)
  })
})

/** Follows until it is told to stop; breaks off now and then, and goes on with the last cursor. */
async function follow(
  env: TestEnvironment,
  { told, stop, breaks }: { told: WorkflowCdcEvent[]; stop: AbortSignal; breaks: Random },
): Promise<never> {
  let cursor: string | undefined
  for (;;) {
    for await (const event of env.client.events({
      ...(cursor !== undefined && { after: cursor }),
      signal: stop,
    })) {
      const { cursor: next, ...change } = event
      told.push(change)
      cursor = next
      if (breaks.chance(0.1)) break
    }
  }
}

async function disturbed(env: TestEnvironment, random: Random): Promise<void> {
  const handles: WorkflowHandle[] = []
  const acts = [
    async () =>
      void handles.push(
        await env.client.start(order, { workflowId: `order-${handles.length}`, input: random.int(3) }),
      ),
    async () => {
      if (handles.length > 0) await random.pick(handles).signal('go', 1).catch(closed)
    },
    () => env.evict().catch(lost),
    () => env.advance(random.int(90_000)),
    async () => env.crashAfter(random.pick(['activity_completed', 'signal_received', 'workflow_started'])),
  ]
  for (let act = 0; act < 60; act += 1) await random.pick(acts)()
  for (const handle of handles) await handle.terminate().catch(closed)
  await env.settle()
}

/** A crash came first. */
function lost(error: Error): void {
  expect(error.message).toBe('the process was lost')
}

/** It had ended by itself. */
function closed(error: { code?: string }): void {
  expect(error).toMatchObject({ code: 'workflow_closed' })
}

/** What each shard has told, in order. */
function byShard(events: readonly WorkflowCdcEvent[]): Record<number, string[]> {
  const shards: Record<number, string[]> = {}
  for (const { shard = 0, sequence, type } of events) (shards[shard] ??= []).push(`${sequence} ${type}`)
  return shards
}
