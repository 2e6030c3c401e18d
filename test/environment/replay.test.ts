/** Histories of runs against the code that is deployed now, as whoever looks into a run asks for it over HTTP. */
import { expect, test } from 'vitest'
import type { Replayed } from '../../shared/description.ts'
import { signal, workflow } from '../../shared/index.ts'
import type { WorkflowContext } from '../../shared/index.ts'
import { servedOn } from '../security/served.ts'
import { environmentsWithPlatforms } from './environments.ts'

type Code = (ctx: WorkflowContext) => Promise<unknown>

const go = signal<string>('go')
const first: Code = async (ctx) => {
  await ctx.sleep('1m')
  return await ctx.waitForSignal(go)
}
/** What a deploy changes: read anew by every coroutine that is made. */
let deployed = first
const changing = workflow('changing', async (ctx) => deployed(ctx))

const create = environmentsWithPlatforms()

async function engine(code: Code = first) {
  deployed = code
  const { env, platform } = await create({ workflows: [changing], shards: 1 })
  const served = await servedOn(platform, { env: { API_TOKEN: 'admin', API_TOKEN_READ: 'read' } })
  const replay = async (path: string) => {
    const headers = { authorization: 'Bearer read' }
    const answer = await served(`/api/v1/workflows/${path}/replay`, { method: 'POST', headers })
    return { status: answer.status, body: await answer.json<Replayed>() }
  }
  return { env, platform, replay, client: env.client }
}

/** All that its shard has written. */
function rowsOf(platform: Awaited<ReturnType<typeof engine>>['platform']): unknown[] {
  const { database } = platform.object('default/0').disk
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
  return tables.map(({ name }) => [name, database.prepare(`SELECT * FROM ${String(name)}`).all()])
}

test('an open run fits its code, which says where it waits', async () => {
  const { env, client, replay } = await engine()
  const { runId } = await client.start(changing, { workflowId: 'open' })
  await env.advance('1m')
  const waitsAt = [expect.stringMatching(/first.*replay\.test\.ts:\d+/)]
  expect(await replay('open')).toEqual({ status: 200, body: { ok: true, runId, events: 3, waitsAt } })
})

test('a closed run fits its code, and nothing of it changes, nor of its shard', async () => {
  const { env, platform, client, replay } = await engine()
  const run = await client.start(changing, { workflowId: 'closed' })
  await env.advance('1m')
  await run.signal(go, 'x')
  await run.result()
  await env.settle()
  const before = rowsOf(platform)
  expect((await replay('closed')).body).toEqual({ ok: true, runId: run.runId, events: 5, waitsAt: [] })
  expect(rowsOf(platform)).toEqual(before)
})

test.each(['running', 'completed'] as const)(
  'a %s run that the code no longer fits is told by its first difference, and goes on as it was',
  async (status) => {
    const { env, client, replay } = await engine()
    const run = await client.start(changing, { workflowId: 'differs' })
    await env.advance('1m')
    if (status === 'completed') await run.signal(go, 'x')
    await env.settle()
    deployed = async (ctx) => await ctx.waitForSignal(go)
    const difference = { eventId: 2, expected: 'timer_started (call 1)', actual: expect.any(String) }
    expect((await replay('differs')).body).toMatchObject({
      ok: false,
      runId: run.runId,
      error: { code: 'nondeterminism', message: expect.stringContaining('timer_started') },
      ...difference,
    })
    expect(await run.describe()).toMatchObject({ status })
    expect(await run.describe()).not.toHaveProperty('blocked')
  },
)

test('what history refers to is read for it', async () => {
  const { client, replay } = await engine(async (ctx) => (await ctx.waitForSignal(go)).length)
  const run = await client.start(changing, { workflowId: 'large' })
  await run.signal(go, 'x'.repeat(200_000))
  expect(await run.result()).toBe(200_000)
  expect((await replay('large')).body).toMatchObject({ ok: true })
})

test('a history above 16 MiB is refused', async () => {
  const { client, replay } = await engine(async (ctx) => {
    for (let received = 0; received < 140; received += 1) await ctx.waitForSignal(go)
  })
  const run = await client.start(changing, { workflowId: 'long' })
  const large = 'x'.repeat(125_000)
  for (let sent = 0; sent < 134; sent += 1) await run.signal(go, large)
  expect((await replay('long')).body).toMatchObject({ ok: true })
  await run.signal(go, large)
  expect(await replay('long')).toMatchObject({ status: 413, body: { code: 'history_limit' } })
})

test('a run that is not known is not found', async () => {
  const { replay } = await engine()
  expect(await replay('nobody')).toMatchObject({ status: 404, body: { code: 'workflow_not_found' } })
})

test('only so many histories wait to be replayed', async () => {
  const { client, replay } = await engine()
  await client.start(changing, { workflowId: 'asked' })
  const answers = await Promise.all(Array.from({ length: 40 }, () => replay('asked')))
  const refused = answers.filter(({ status }) => status !== 200)
  // Five at a time; some are through before the last have come.
  expect(refused.length).toBeGreaterThan(0)
  expect(answers.length - refused.length).toBeGreaterThanOrEqual(5)
  for (const { body } of refused) expect(body).toMatchObject({ code: 'overloaded', retryAfterMs: 1_000 })
})
