/** The client over HTTP: the same engine, the same answers, the same errors. */
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { workflow, WorkflowClient } from '../../shared/index.ts'
import type { ClientOptions, HttpConnection } from '../../shared/index.ts'
import { environmentWithPlatform } from '../../testing/environment.ts'
import type { TestEnvironment } from '../../testing/index.ts'
import { ORIGIN, servedOn } from '../security/served.ts'
import { settled } from '../shared/namespace.ts'
import { activities, behavesAsDeployed, workflows } from './behaviour.ts'
import { environmentsWithPlatforms } from './environments.ts'
import { add, messages, multiply, summing, total } from './sum.ts'

const TOKEN = 'right-token'
type Ask = Awaited<ReturnType<typeof servedOn>>

function clientOver(ask: Ask, options: ClientOptions = {}): WorkflowClient {
  return new WorkflowClient({ url: ORIGIN, token: TOKEN, fetch: over(ask) }, options)
}

/** With the length of a body, as it is on a network. */
function over(ask: Ask): NonNullable<HttpConnection['fetch']> {
  return (url, { body, ...init }) => {
    const length = body instanceof Uint8Array && { 'content-length': `${body.byteLength}` }
    const headers = { ...(init.headers as Record<string, string>), ...length } // as the client gives them
    return ask(url.slice(ORIGIN.length), { ...init, headers, body: body ?? null })
  }
}

/** Node has no stream of that name. */
vi.stubGlobal('FixedLengthStream', function fixed() {
  return new TransformStream()
})

async function collected<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const row of rows) all.push(row)
  return all
}

describe('an environment whose client asks over HTTP', () => {
  behavesAsDeployed(async () => {
    const { env, platform } = await environmentWithPlatform({ workflows, activities })
    const client = clientOver(await servedOn(platform, { env: { API_TOKEN: TOKEN } }))
    return { ...env, client } satisfies TestEnvironment
  })
})

const sum = workflow('sum', { messages }, async (ctx, from: number) => {
  const now = summing(ctx, from)
  await ctx.condition(() => now() >= 100)
  return now()
})
const at = workflow('at', async (ctx, input: unknown) => ({ input, id: ctx.workflowId }))

const create = environmentsWithPlatforms()

async function both(options: ClientOptions = {}) {
  const { env, platform } = await create({ workflows: [sum, at] })
  const ask = await servedOn(platform, { env: { API_TOKEN: TOKEN } })
  return { env, near: env.client, ask, far: clientOver(ask, options) }
}

describe('a run', () => {
  test('is started, told, asked, described and awaited', async () => {
    const { near, far } = await both()
    const run = await far.start(sum, { workflowId: 'a/b ü%2F', input: 1, memo: { since: new Date(0) } })
    await run.signal(add, 4)
    expect(await run.query(total)).toBe(5)
    expect(await run.query('nothing')).toBeUndefined()
    expect(await run.update(multiply, { args: [3] })).toBe(15)
    const later = await run.startUpdate(multiply, { args: [2], updateId: 'u-1' })
    expect([await later.result(), await run.getUpdate('u-1').result()]).toEqual([30, 30])
    expect(await run.describe()).toEqual(await near.describe('a/b ü%2F'))
    expect((await run.describe()).memo).toEqual({ since: new Date(0) })
    await run.pause('a while')
    expect((await far.describe(run.workflowId)).status).toBe('paused')
    await run.resume()
    await run.signal(add, 70)
    expect(await run.result()).toBe(100)
    const events = async (client: WorkflowClient) =>
      await collected(client.getHandle(run.workflowId, run.runId).history())
    expect(await events(far)).toEqual(await events(near))
    const again = await run.reset({ toEvent: 1, reason: 'once more' })
    expect((await again.describe()).status).toBe('running')
    await far.terminate(run.workflowId, 'enough')
    await expect(again.result()).rejects.toMatchObject({ code: 'workflow_failed', status: 'terminated' })
    expect(await far.delete(run.workflowId, again.runId)).toEqual({ coldGoneBy: null })
    await expect(far.describe(run.workflowId, again.runId)).rejects.toMatchObject({
      code: 'workflow_not_found',
    })
  })

  test('carries values of every kind and size, there and back', async () => {
    const { far } = await both()
    const value = { at: new Date(5), big: 10n, map: new Map([[1, new Set(['x'])]]), none: undefined }
    expect(await far.execute(at, { workflowId: 'kinds', input: value })).toEqual({
      input: value,
      id: 'kinds',
    })
    const large = 'ä'.repeat(300_000)
    expect(await far.execute(at, { workflowId: 'large', input: large })).toEqual({
      input: large,
      id: 'large',
    })
    expect((await far.describe('large')).input).toBe(large)
  })

  test('is started with its first signal, or only gets it', async () => {
    const { far } = await both()
    const options = { workflowId: 'with', input: 1, signal: add, payload: 1 }
    const first = await far.signalWithStart(sum, options)
    const second = await far.signalWithStart(sum, options)
    expect([second.runId, await second.query(total)]).toEqual([first.runId, 3])
  })

  test('over and over with the same request id is one', async () => {
    const { far } = await both()
    const starts = [1, 2, 3].map(() => far.start(sum, { workflowId: 'same', input: 1, requestId: 'r-1' }))
    expect(new Set((await Promise.all(starts)).map(({ runId }) => runId)).size).toBe(1)
  })
})

describe('many runs', () => {
  test('are started together, listed page by page, counted and acted on', async () => {
    const { near, far } = await both()
    const items = [...Array(7).keys()].map((n) => ({
      workflowId: `n-${n}`,
      input: n,
      searchAttributes: { n },
    }))
    const { started, errors } = await far.startBatch(sum, [...items, items[0]!])
    expect(started).toHaveLength(7)
    expect(errors).toMatchObject([
      { index: 7, error: { code: 'workflow_already_started', workflowId: 'n-0' } },
    ])
    const filter = { status: 'running', limit: 3, orderBy: 'startedAt' } as const
    expect(await collected(far.list(filter))).toEqual(await collected(near.list(filter)))
    const page = await far.list(filter)
    expect([page.length, page.nextCursor]).toEqual([3, expect.any(String)])
    expect(await far.list({ searchAttributes: { n: 4 } })).toMatchObject([{ workflowId: 'n-4' }])
    expect(await far.count()).toBe(7)
    expect(await far.count({ idPrefix: 'n-' }, { groupBy: 'status' })).toEqual({ running: 7 })
    const progress = await collected(far.bulk({ limit: 4 }, { signal: 'add', payload: 100 }))
    expect(progress.at(-1)).toMatchObject({ matched: 7, done: 7, failed: 0 })
    expect(await far.count({ status: 'completed' })).toBe(7)
  })
})

describe('schedules', () => {
  test('are created, listed, changed, triggered and deleted', async () => {
    const { env, near, far } = await both()
    for (const n of [1, 2, 3]) {
      const spec = { cron: '0 3 * * *', timeZone: 'Europe/Paris' }
      await far.schedules.create({ scheduleId: `s-${n}`, spec, workflow: at, input: n, note: 'nightly' })
    }
    expect(await collected(far.schedules.list())).toEqual(await collected(near.schedules.list()))
    const nightly = far.schedules.getHandle('s-1')
    await nightly.update({ spec: { every: '1h' }, policy: { overlap: 'allow-all' }, input: undefined })
    await nightly.pause('stock-taking')
    expect(await nightly.describe()).toMatchObject({
      paused: true,
      note: 'stock-taking',
      spec: { every: 3_600_000 },
    })
    await nightly.unpause()
    await nightly.trigger()
    await env.settle()
    const [begun] = (await nightly.describe()).recentRuns
    expect(await far.getHandle(begun!.workflowId).result()).toMatchObject({ input: undefined })
    await nightly.backfill([{ from: 0, to: 7_200_000 }])
    await env.settle()
    expect(await far.count({ idPrefix: 's-1-1970' })).toBe(3)
    await nightly.delete()
    await expect(nightly.describe()).rejects.toMatchObject({ code: 'schedule_not_found' })
  })
})

describe('an error', () => {
  test('is of the class that it has over a binding', async () => {
    const { near, far } = await both()
    await far.start(sum, { workflowId: 'one', input: 1 })
    const failures = async (client: WorkflowClient) => {
      const one = client.getHandle('one')
      const attempts = [
        client.start(sum, { workflowId: 'one', input: 1 }),
        client.start('unknown', {}),
        client.describe('nobody'),
        one.query('unknown'),
        one.update(multiply, { args: [0] }),
        one.getUpdate('never').result(),
        client.start(sum, { input: 1, version: 'v9' }),
        one.reset({ toEvent: 999, reason: 'too far' }),
      ]
      const ended = await Promise.allSettled(attempts)
      return ended.map((each) => (each.status === 'rejected' ? told(each.reason) : each.value))
    }
    expect(await failures(far)).toEqual(await failures(near))
  })

  test('of a namespace, an id or a token that cannot be is one before or behind the network', async () => {
    const { ask, far } = await both()
    await expect(far.describe('..')).rejects.toMatchObject({ code: 'invalid_argument', path: 'workflowId' })
    const wrong = new WorkflowClient({ url: ORIGIN, token: 'wrong', fetch: over(ask) })
    await expect(wrong.describe('one')).rejects.toMatchObject({ code: 'unauthorized' })
    expect(() => new WorkflowClient({ url: 'nowhere', token: 't' })).toThrow(/url must be/)
    expect(() => new WorkflowClient({ url: ORIGIN, token: '' })).toThrow(/token must be/)
  })
})

function told(error: unknown): object {
  const { name, message, code, path, cause, ...facts } = error as Record<string, unknown>
  return { class: (error as object).constructor.name, name, message, code, path, cause, ...facts }
}

describe('a call whose answer is lost', () => {
  test.each<[string, () => Promise<Response> | Response]>([
    ['the connection breaks', () => Promise.reject(new TypeError('fetch failed'))],
    ['something else answers', () => new Response('<html>Bad Gateway</html>', { status: 502 })],
    [
      'there is no time for it',
      () => Response.json({ code: 'overloaded', detail: 'later', retryAfterMs: 5 }, { status: 503 }),
    ],
  ])('is made again and counts once: %s', async (_, instead) => {
    const { ask } = await both()
    const sent: unknown[] = []
    const fetch = async (url: string, init: RequestInit): Promise<Response> => {
      const answer = await ask(url.slice(ORIGIN.length), init)
      sent.push(init.body)
      return sent.length % 2 === 1 ? await instead() : answer
    }
    const client = new WorkflowClient({ url: ORIGIN, token: TOKEN, fetch })
    const run = await client.start(sum, { workflowId: 'lost', input: 1 })
    await run.signal(add, 2)
    expect(await run.query(total)).toBe(3)
    expect(sent.slice(0, 4)).toEqual([sent[0], sent[0], sent[2], sent[2]])
  })

  test('is given up in the end', async () => {
    let calls = 0
    const fetch = () => Promise.reject(new TypeError(`fetch failed ${++calls} times`))
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const described = await settled(new WorkflowClient({ url: ORIGIN, token: TOKEN, fetch }).describe('x'))
    expect(described).toMatchObject({ status: 'rejected', reason: { code: 'overloaded' } })
    expect(calls).toBe(5)
  })
})
