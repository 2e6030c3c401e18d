/** Two releases at once: what speaks the protocol of the release before or after is served, what is further away is refused. */
import { describe, expect, test } from 'vitest'
import { sourceOf } from '../../archiver/config.ts'
import { defineActivity, signal, workflow } from '../../shared/index.ts'
import { PROTOCOL_VERSION } from '../../shared/protocol.ts'
import { shardOf } from '../../shared/shard.ts'
import { environmentsWithPlatforms } from './environments.ts'

const create = environmentsWithPlatforms()

const go = signal<string>('go')
const work = defineActivity('work', async (name: string, ctx) => {
  await ctx.heartbeat({ name })
  return `${name} done`
})
const child = workflow('child', async (ctx) => await ctx.waitForSignal(go))
const order = workflow('order', async (ctx, childId: string) => [
  await ctx.activity(work, { input: 'work' }),
  await ctx.executeChild(child, { workflowId: childId }),
])

const ids = Array.from({ length: 20 }, (_, n) => `id-${n}`)
const own = ids.find((id) => shardOf(id, 2) === 0) ?? ''
const other = ids.find((id) => shardOf(id, 2) === 1) ?? ''

/** Every version that crosses, as if it came from a release so many before or after this one. */
function spoken(by: number) {
  const change = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    // Once: a service passes on what it is asked.
    if ('v' in value && value.v === PROTOCOL_VERSION) value.v += by
    for (const part of Object.values(value)) change(part)
  }
  return change
}

async function ordered() {
  const made = await create({ workflows: [order, child], activities: [work] })
  const start = () => made.env.client.start(order, { workflowId: own, input: other })
  const ended = async (): Promise<unknown> => {
    await made.env.client.getHandle(other).signal(go, 'heard')
    await made.env.settle()
    return await made.env.client.getHandle(own).result()
  }
  return { ...made, start, ended }
}

async function archiving(by: number) {
  const { platform, env } = await create({ workflows: [child] })
  const source = sourceOf({ WORKFLOWS: platform.service() })
  const speak = spoken(by)
  platform.calls.onCall = ({ args }) => speak(args)
  return { platform, env, source }
}

const lease = { namespace: 'default', holder: 'pass-1', ttlMs: 60_000 }
const refused = { ok: false, code: 'protocol_mismatch', facts: { version: PROTOCOL_VERSION } }

describe.each([
  ['before', -1],
  ['after', 1],
])('the release %s', (_, by) => {
  test.each(['deliver', 'claim', 'renew', 'settle', 'start'])(
    'is served when it asks to %s',
    async (method) => {
      const { platform, start, ended, env } = await ordered()
      const speak = spoken(by)
      platform.calls.onCall = (call) => {
        if (call.method === method) speak(call.args)
      }
      await start()
      await env.settle()
      expect(await ended()).toEqual(['work done', 'heard'])
    },
  )

  test('is served by consumers of its messages', async () => {
    const { platform, start, ended, env } = await ordered()
    platform.queues.onMessage = spoken(by)
    await start()
    await env.settle()
    expect(await ended()).toEqual(['work done', 'heard'])
  })
})

describe.each([
  ['before', -1],
  ['after', 1],
])('an archiver of the release %s', (_, by) => {
  test('is served', async () => {
    const { source } = await archiving(by)
    const acquired = await source.acquireArchive(lease)
    expect(acquired).toMatchObject({ ok: true, value: { fence: 1 } })
    const shards = await source.shardCount('default')
    const to = { namespace: 'default', shard: 0, shards }
    expect(await source.garbage({ to, fence: 1, maxKeys: 1 })).toEqual({ ok: true, value: [] })
    expect(await source.releaseArchive(lease)).toEqual({ ok: true, value: null })
  })
})

describe.each([
  ['older', -2],
  ['newer', 2],
])('an archiver of a release that is %s than that', (_, by) => {
  test('gets no lease', async () => {
    const { platform, source } = await archiving(by)
    expect(await source.acquireArchive(lease)).toMatchObject(refused)
    platform.calls.onCall = () => {}
    const another = { ...lease, holder: 'pass-2' }
    expect(await source.acquireArchive(another)).toMatchObject({ ok: true, value: { fence: 1 } })
  })

  test('is refused by each shard, when it was deployed in the middle of a pass', async () => {
    const { source } = await archiving(by)
    const shards = await source.shardCount('default')
    const at = { to: { namespace: 'default', shard: 0, shards }, fence: 1 }
    for (const reply of [
      await source.proposeArchive({ ...at, maxRuns: 1, maxBytes: 1 }),
      await source.confirmArchive({ ...at, number: 1, objects: [], locators: [] }),
      await source.coldCandidates({ ...at, maxBytes: 1 }),
      await source.proposeExpiry({ ...at, maxRuns: 1 }),
      await source.proposePurge({ ...at, maxRuns: 1 }),
      await source.garbage({ ...at, maxKeys: 1 }),
      await source.unknownRuns({ ...at, runIds: [] }),
      await source.releaseArchive(lease),
    ])
      expect(reply).toMatchObject(refused)
  })
})

describe.each([
  ['older', -2],
  ['newer', 2],
])('a release that is %s than that', (_, by) => {
  test.each(['deliver', 'claim', 'settle'])(
    'is refused when it asks to %s, and nothing of it is lost',
    async (method) => {
      const { platform, start, ended, env } = await ordered()
      const speak = spoken(by)
      platform.calls.onCall = (call) => {
        if (call.method === method) speak(call.args)
      }
      await start()
      await env.advance('30m')
      expect(await env.client.getHandle(own).describe()).toMatchObject({ status: 'running' })
      expect(await env.client.count({ workflowType: 'child' })).toBe(0)
      platform.calls.onCall = () => {}
      await env.advance('2h')
      expect(await ended()).toEqual(['work done', 'heard'])
    },
  )

  test('has its messages kept for a consumer that understands them', async () => {
    const { platform, start, ended, env } = await ordered()
    platform.queues.onMessage = spoken(by)
    await start()
    await env.advance('30m')
    expect(await env.client.getHandle(own).describe()).toMatchObject({ pendingActivities: [{ attempt: 1 }] })
    platform.queues.onMessage = () => {}
    await env.advance('2h')
    expect(await ended()).toEqual(['work done', 'heard'])
  })

  test('is told so when it starts a workflow, and nothing is started', async () => {
    const { platform, start, env } = await ordered()
    const speak = spoken(by)
    platform.calls.onCall = ({ args }) => speak(args)
    await expect(start()).rejects.toMatchObject({ code: 'protocol_mismatch' })
    platform.calls.onCall = () => {}
    expect(await env.client.count({})).toBe(0)
  })
})
