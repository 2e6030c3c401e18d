/** Lines between shards broken by hand: what is found, and that messages pass again. */
import { expect, test } from 'vitest'
import { signal, workflow } from '../../shared/index.ts'
import { shardOf } from '../../shared/shard.ts'
import { environmentsWithPlatforms } from './environments.ts'
import { findingsOf } from './health.ts'

const create = environmentsWithPlatforms()

const go = signal<string>('go')
const listens = workflow('listens', async (ctx) => await ctx.waitForSignal(go))
const parent = workflow(
  'parent',
  async (ctx, child: string) => await ctx.executeChild(listens, { workflowId: child }),
)
const tells = workflow('tells', async (ctx, to: string) => {
  await ctx.external(to).signal(go, 'told')
  return 'told it'
})

/** Ids on the second of two shards, for what the first one asks of it. */
const there = Array.from({ length: 20 }, (_, n) => `there-${n}`).filter((id) => shardOf(id, 2) === 1)
const here = Array.from({ length: 20 }, (_, n) => `here-${n}`).filter((id) => shardOf(id, 2) === 0)

async function world() {
  const made = await create({ workflows: [listens, parent, tells], startTime: '2026-03-01T00:00:00Z' })
  const { env, platform } = made
  const sql = (statement: string) => platform.object('default/0').sql.exec(statement)
  /** The first message that the shard commits is gone, and its memory with it. */
  const losing = (): void => {
    platform.onCommit = (object) => {
      if (object !== platform.object('default/0') || sql('SELECT 1 FROM outbox').toArray().length === 0)
        return
      platform.onCommit = () => {}
      object.lose('for a test')
      sql('DELETE FROM outbox')
    }
  }
  return { env, platform, sql, losing }
}

test('a message that is gone is found missing in its line, and the call it was for is issued once more', async () => {
  const { env, platform, losing } = await world()
  losing()
  const known = await env.client.start(parent, { workflowId: here[0] ?? '', input: there[0] ?? '' })
  const what = 'outbox: message 1 to shard 1 is missing; it has applied 0, and nothing behind a gap is'
  expect(await findingsOf(platform)).toEqual([{ code: 'outbox_gap', what }])
  await env.advance('11m')
  const unanswered =
    'outbox: child_requested 1 of 2026-03-01T00:00:00.000Z has no answer, and no message of it waits'
  expect(await findingsOf(platform, { repair: true })).toMatchObject([
    { code: 'cause_missing', what: unanswered, repaired: true },
  ])
  await env.settle()
  await env.client.getHandle(there[0] ?? '').signal(go, 'heard')
  await env.settle()
  expect(await known.result()).toBe('heard')
})

test('the watchdog issues the call once more, and the outbox closes the gap by itself', async () => {
  const { env, losing } = await world()
  losing()
  await env.client.start(parent, { workflowId: here[0] ?? '', input: there[0] ?? '' })
  const known = env.client.getHandle(here[0] ?? '')
  await env.advance('11m')
  await env.evict()
  await known.describe()
  await env.advance('5s')
  await env.client.getHandle(there[0] ?? '').signal(go, 'heard')
  await env.settle()
  expect(await known.result()).toBe('heard')
})

test('a signal to another workflow that is gone is sent once more', async () => {
  const { env, losing } = await world()
  const listener = await env.client.start(listens, { workflowId: there[1] ?? '' })
  losing()
  await env.client.start(tells, { workflowId: here[1] ?? '', input: there[1] ?? '' })
  await env.advance('11m')
  await env.evict()
  const teller = env.client.getHandle(here[1] ?? '')
  await teller.describe()
  await env.advance('5s')
  expect(await teller.result()).toBe('told it')
  expect(await listener.result()).toBe('told')
})

test('a shard that has forgotten how far it had come goes on from the watermark of the other', async () => {
  const { env, platform, sql } = await world()
  await env.client.start(listens, { workflowId: there[1] ?? '' })
  await env.client.start(tells, { workflowId: here[1] ?? '', input: there[1] ?? '' })
  await env.settle()
  for (const object of platform.objects) object.lose('for a test')
  await env.settle()
  sql('UPDATE peers SET sent_number = 0')
  expect(await findingsOf(platform, { repair: true })).toMatchObject([
    { code: 'watermark_differs', repaired: true },
  ])
})
