/** What goes on, over HTTP: change events as a stream and by the client, figures, metrics, the archive. */
import parse from 'parse-prometheus-text-format'
import { describe, expect, test } from 'vitest'
import { signal, workflow, WorkflowClient } from '../../shared/index.ts'
import type { WorkflowCdcEvent } from '../../shared/index.ts'
import { ORIGIN, servedOn } from '../security/served.ts'
import type { ServedOptions } from '../security/served.ts'
import { environmentsWithPlatforms } from './environments.ts'

const create = environmentsWithPlatforms()
const go = signal<number>('go')
const waits = workflow('waits', async (ctx, times: number) => {
  for (let time = 0; time < times; time += 1) await ctx.waitForSignal(go)
})

async function engine(options: ServedOptions = {}) {
  const { env, platform } = await create({ workflows: [waits] })
  const served = await servedOn(platform, { ...options, env: { API_TOKEN: 'right' } })
  const ask = (path: string, headers = {}) =>
    served(path, { headers: { authorization: 'Bearer right', ...headers } })
  const fetch = ((url: string, init?: RequestInit) =>
    served(url.slice(ORIGIN.length), init)) as typeof globalThis.fetch // the client asks by text
  const far = new WorkflowClient({ url: ORIGIN, token: 'right', fetch })
  return { env, platform, ask, near: env.client, far }
}

interface Message {
  readonly id?: string
  readonly event?: string
  readonly data?: string
}

/** Messages of a stream, without its comments. */
async function* messagesOf(response: Response): AsyncGenerator<Message> {
  let text = ''
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = `${text}${piece}`.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = block
        .split('\n')
        .map((line) => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)])
      if (!block.startsWith(':')) yield Object.fromEntries(fields) as Message
    }
  }
}

async function collected<T>(all: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of all) items.push(item)
  return items
}

const eventOf = ({ data = '' }: Message) => JSON.parse(data) as WorkflowCdcEvent

describe('a stream of events', () => {
  test('of a run goes on until its end, and from any of its events on', async () => {
    const { env, near, ask } = await engine()
    const run = await near.start(waits, { workflowId: 'a/b', input: 2 })
    const response = await ask('/api/v1/events?workflowId=a%2Fb')
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const following = collected(messagesOf(response))
    for (const round of [1, 2]) {
      await env.settle()
      await run.signal(go, round)
    }
    const told = await following
    const all = await collected(run.events())
    expect(told.map(eventOf)).toEqual(all)
    expect(told.map(({ id, event }) => [id, event])).toEqual(
      all.map(({ sequence, type }) => [`${sequence}`, type]),
    )
    const rest = await ask('/api/v1/events?workflowId=a%2Fb&after=0', { 'last-event-id': told[1]?.id })
    expect((await collected(messagesOf(rest))).map(eventOf)).toEqual(all.slice(2))
    expect((await ask('/api/v1/events?workflowId=a%2Fb', { 'last-event-id': told.at(-1)?.id })).status).toBe(
      204,
    )
    expect((await ask('/api/v1/events?workflowId=nobody')).status).toBe(404)
    expect((await ask('/api/v1/events?workflowId=a%2Fb&after=x')).status).toBe(400)
  })

  test('of a namespace is resumed by the cursor of any client', async () => {
    const { near, far, ask } = await engine()
    for (const id of ['a', 'b', 'c', 'd']) await near.start(waits, { workflowId: id, input: 1 })
    const all = await collected(near.events({ live: false }))
    const told = await collected(messagesOf(await ask('/api/v1/events?live=false')))
    expect(told.map(eventOf).toSorted(byId)).toEqual(
      all.map(({ cursor: _cursor, ...event }) => event).toSorted(byId),
    )
    const [, second] = told
    const resumed = [
      await collected(messagesOf(await ask('/api/v1/events?live=false', { 'last-event-id': second?.id }))),
      await collected(far.events({ live: false, after: second?.id ?? '' })),
      await collected(near.events({ live: false, after: second?.id ?? '' })),
    ]
    expect(resumed.map(({ length }) => length)).toEqual([2, 2, 2])
    expect((await ask('/api/v1/events?after=1.2.3')).status).toBe(400)
  })

  test('says every 15 s that it is open, and asks nothing more when its reader has gone', async () => {
    const timers: [ms: number, fire: () => void][] = []
    const after = (ms: number, fire: () => void) => {
      timers.push([ms, fire])
      return () => void timers.splice(0)
    }
    const { near, ask, platform } = await engine({ time: { after } })
    await near.start(waits, { workflowId: 'a', input: 1 })
    const reader = (await ask('/api/v1/events?after=now')).body!.getReader()
    const read = async () => new TextDecoder().decode((await reader.read()).value)
    expect(await read()).toBe(':\n\n')
    const [[ms, fire] = []] = timers.splice(0)
    fire?.()
    expect([ms, await read()]).toEqual([15_000, ':\n\n'])
    await reader.cancel()
    await expect.poll(() => timers).toEqual([])
    const asked: string[] = []
    platform.calls.onCall = ({ method }) => void asked.push(method)
    for (const workflowId of ['b', 'c']) await near.start(waits, { workflowId, input: 1 })
    expect(asked).not.toContain('events')
  })
})

describe('a client over HTTP', () => {
  test('follows a run to its end, as one over a binding', async () => {
    const { env, near, far } = await engine()
    const run = await far.start(waits, { workflowId: 'a', input: 3 })
    const following = collected(run.events())
    for (const round of [1, 2, 3]) {
      await env.settle()
      await run.signal(go, round)
    }
    const told = await following
    expect(told.map(({ type }) => type)).toEqual([
      'workflow.started',
      ...Array.from({ length: 3 }, () => 'workflow.signal_received'),
      'workflow.completed',
    ])
    expect(told).toEqual(await collected(near.getHandle('a').events()))
    expect(await collected(run.events({ after: told[2]?.sequence ?? 0 }))).toEqual(told.slice(3))
  })

  test('follows a namespace while things happen, each event once', async () => {
    const { env, near, far } = await engine()
    await near.start(waits, { workflowId: 'first', input: 1 })
    const [begin] = await collected(near.events({ live: false }))
    const events = far.events({ after: begin!.cursor })
    const told: WorkflowCdcEvent[] = []
    const following = (async () => {
      for await (const { cursor: _cursor, ...event } of events) if (told.push(event) === 24) return
    })()
    for (let run = 0; run < 12; run += 1) {
      const handle = await near.start(waits, { workflowId: `run-${run}`, input: 1 })
      await env.evict()
      await handle.signal(go, 1)
    }
    await following
    const all = await collected(near.events({ live: false }))
    expect(told.every((event, index) => told.findIndex(({ id }) => id === event.id) === index)).toBe(true)
    const known = new Set(all.map(({ id }) => id))
    expect(told.filter(({ id }) => !known.has(id))).toEqual([])
  })
})

describe('the figures of a namespace', () => {
  test('are JSON, and metrics that Prometheus reads', async () => {
    const { near, ask } = await engine()
    for (const id of ['a', 'b', 'c']) await near.start(waits, { workflowId: id, input: 1 })
    const stats = await (await ask('/api/v1/stats')).json()
    expect(stats).toMatchObject({
      namespace: 'default',
      runs: { running: 3 },
      tiers: { hot: 3, warm: 0, cold: 0 },
      archiver: { fence: 0, heldUntil: null, beganAt: null, waiting: { batches: 0 } },
      shards: [{ shard: 0 }, { shard: 1 }],
    })
    const answer = await ask('/metrics')
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const runs = parse(await answer.text()).find(({ name }) => name === 'perdure_runs')?.metrics ?? []
    expect(runs.reduce((sum, { value }) => sum + Number(value), 0)).toBe(3)
  })

  test('of the archive say what there is, and that nobody reads it', async () => {
    const { ask } = await engine()
    expect(await (await ask('/api/v1/archive')).json()).toMatchObject({
      tables: null,
      archiver: { fence: 0 },
      shards: [{ shard: 0, warmRuns: 0 }, { shard: 1 }],
    })
  })
})

function byId(one: WorkflowCdcEvent, other: WorkflowCdcEvent): number {
  return (one.id ?? '') < (other.id ?? '') ? -1 : 1
}
