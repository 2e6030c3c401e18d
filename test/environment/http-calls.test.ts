/** Calls of one moment over HTTP: one request, and an answer to each as soon as it is there. */
import { expect, onTestFinished, test, vi } from 'vitest'
import { signal, WorkflowClient, workflow } from '../../shared/index.ts'
import { OPERATIONS } from '../../shared/http-calls.ts'
import { routes } from '../../scheduler-do/http/routes.ts'
import { ORIGIN, servedOn } from '../security/served.ts'
import { environmentsWithPlatforms } from './environments.ts'

const go = signal<number>('go')
const waits = workflow('waits', { messages: { go } }, async (ctx, from: number) => {
  return from + (await ctx.waitForSignal(go))
})
const echo = workflow('echo', async (_, input: number) => {
  if (input < 0) throw new RangeError('negative')
  return input
})
const same = workflow('same', async (_, input: string) => input)

const create = environmentsWithPlatforms()
const TOKENS = { API_TOKEN: 'admin', API_TOKEN_READ: 'read' }

type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** A client of a scheduler of two shards, with what it has asked for; `instead` may answer in the scheduler's place. */
async function asking({
  token = 'admin',
  instead = (_path: string, answer: Promise<Response>) => answer,
} = {}) {
  const { platform } = await create({ workflows: [waits, echo, same] })
  const ask = await servedOn(platform, { env: TOKENS })
  const asked: string[] = []
  const fetch: Fetch = (url, init) => {
    const { pathname } = new URL(url)
    asked.push(`${init.method} ${pathname}`)
    return instead(pathname, ask(url.slice(ORIGIN.length), init))
  }
  const client = new WorkflowClient({ url: ORIGIN, token, fetch })
  return { client, asked, ask }
}

const MANY = 'POST /api/v1/calls'

test('calls of one moment are one request, and the slowest holds up no other', async () => {
  const { client, asked } = await asking()
  const slow = client.execute(waits, { workflowId: 'slow', input: 1 })
  const quick = Array.from({ length: 9 }, (_, n) => client.execute(echo, { workflowId: `e-${n}`, input: n }))
  expect(await Promise.all(quick)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  await client.getHandle('slow').signal(go, 2)
  expect(await slow).toBe(3)
  expect(asked).toEqual([MANY, 'POST /api/v1/workflows/slow/signals/go'])
})

test('on Node they are those of one turn of its loop', async () => {
  const { client, asked } = await asking()
  const later = (n: number) =>
    new Promise<void>((resolve) => process.nextTick(resolve)).then(() =>
      client.start(echo, { workflowId: `n-${n}`, input: n }),
    )
  await Promise.all([client.start(echo, { workflowId: 'n-0', input: 0 }), later(1), later(2)])
  expect(asked).toEqual([MANY])
})

test('each has its own refusal', async () => {
  const { client, asked } = await asking()
  const [fails, gone, none, good] = await Promise.allSettled([
    client.execute(echo, { workflowId: 'fails', input: -1 }),
    client.getHandle('gone').signal(go, 1),
    client.start('nothing', { workflowId: 'none' }),
    client.execute(echo, { workflowId: 'good', input: 5 }),
  ])
  expect(fails).toMatchObject({ reason: { code: 'workflow_failed', cause: { message: 'negative' } } })
  expect(gone).toMatchObject({ reason: { code: 'workflow_not_found', workflowId: 'gone' } })
  expect(none).toMatchObject({ reason: { code: 'unknown_workflow' } })
  expect(good).toMatchObject({ value: 5 })
  expect(asked).toEqual([MANY])
})

type Ask = Awaited<ReturnType<typeof servedOn>>

/** What is told of each call, by its place. */
async function toldOf(ask: Ask, calls: readonly object[], headers: Record<string, string> = {}) {
  const answer = await ask('/api/v1/calls', {
    method: 'POST',
    headers: { authorization: 'Bearer admin', ...headers },
    body: JSON.stringify({ calls }),
  })
  const lines = (await answer.text()).trim().split('\n')
  const told = lines.map((line) => JSON.parse(line)).toSorted((a, b) => a.place - b.place)
  return { told, headers: answer.headers, status: answer.status }
}

test('each needs the scope of its own', async () => {
  const { client, ask } = await asking()
  await client.start(waits, { workflowId: 'r', input: 1 })
  const calls = [
    { operation: 'startWorkflow', body: { workflowType: 'echo' } },
    { operation: 'workflowResult', params: { workflowId: 'nobody' } },
    { operation: 'workflowResult', params: { workflowId: 'r' }, query: { waitMs: 'soon' } },
  ]
  const { told, headers } = await toldOf(ask, calls, { authorization: 'Bearer read' })
  expect(headers.get('content-type')).toBe('application/x-ndjson')
  expect(told).toMatchObject([
    { place: 0, problem: { code: 'forbidden', status: 403 } },
    { place: 1, problem: { code: 'workflow_not_found', status: 404 } },
    { place: 2, problem: { code: 'invalid_argument', path: 'waitMs' } },
  ])
})

test('an Idempotency-Key is one of each, so that none counts for another', async () => {
  const { client, ask } = await asking()
  const run = await client.start(waits, { workflowId: 'k', input: 1 })
  const signalled = { operation: 'signalWorkflow', params: { workflowId: 'k', name: 'other' } }
  const started = { operation: 'startWorkflow', body: { workflowType: 'waits', input: 1 } }
  const calls = [signalled, signalled, started, started]
  const first = await toldOf(ask, calls, { 'idempotency-key': 'many' })
  expect((await toldOf(ask, calls, { 'idempotency-key': 'many' })).told).toEqual(first.told)
  const types: string[] = []
  for await (const { type } of run.history()) types.push(type)
  expect(types.filter((type) => type === 'signal_received')).toHaveLength(2)
  expect(await client.count({ status: 'running' })).toBe(3)
})

test('what is no call, or means another namespace, is refused before anything is done', async () => {
  const { client, ask } = await asking()
  const start = { operation: 'startWorkflow', body: { workflowType: 'waits', input: 1 } }
  const refused: [object, string][] = [
    [{ ...start, query: { namespace: 'billing' } }, 'body.calls.1.query.namespace'],
    [{ ...start, operation: 'listWorkflows' }, 'body.calls.1.operation'],
    [{ ...start, operation: '__proto__' }, 'body.calls.1.operation'],
    [{ ...start, params: 'k' }, 'body.calls.1.params'],
  ]
  for (const [call, path] of refused) {
    const { status, told } = await toldOf(ask, [start, call])
    expect([status, ...told]).toMatchObject([400, { code: 'invalid_argument', path }])
  }
  expect(await client.count()).toBe(0)
})

test('where a request of its own has nothing to answer there is no value', async () => {
  const { client, ask } = await asking()
  await client.start(waits, { workflowId: 'v', input: 1 })
  const params = { workflowId: 'v', name: 'other' }
  const { told } = await toldOf(ask, [{ operation: 'signalWorkflow', params }])
  expect(told).toEqual([{ place: 0 }])
})

test('null is no body, as in a request of its own', async () => {
  const { client, ask } = await asking()
  await client.start(waits, { workflowId: 'n', input: 1 })
  const [params, body] = [{ workflowId: 'n', name: 'other' }, null]
  const { told } = await toldOf(ask, [{ operation: 'signalWorkflow', params, body }])
  const headers = { authorization: 'Bearer admin' }
  const alone = await ask('/api/v1/workflows/n/signals/other', { method: 'POST', headers, body: 'null' })
  expect([alone.status, await alone.json()]).toMatchObject([400, { path: 'body' }])
  expect(told).toMatchObject([{ problem: { status: 400, path: 'body' } }])
})

const STRANGE = [-1, 0.5, 99, 'length', '__proto__', null]
  .map((place) => `${JSON.stringify({ place })}\r\n`)
  .join('')

/** `content` cut into pieces of `size` bytes, of which all but some come. */
function pieces(content: ArrayBuffer, size: number, missing = 0): ReadableStream<Uint8Array> {
  let at = 0
  return new ReadableStream({
    pull: (body) => {
      if (at >= content.byteLength - missing)
        return missing > 0 ? body.error(new Error('lost')) : body.close()
      body.enqueue(new Uint8Array(content.slice(at, (at += size))))
    },
  })
}

test('an answer may come byte by byte', async () => {
  const { client, asked } = await asking({
    instead: async (_, answer) => new Response(pieces(await (await answer).arrayBuffer(), 1)),
  })
  const runs = ['ä', '€', '😀'].map((input, n) => client.execute(same, { workflowId: `p-${n}`, input }))
  expect(await Promise.all(runs)).toEqual(['ä', '€', '😀'])
  expect(asked).toEqual([MANY])
})

const ANSWERS: [string, (answer: Response) => Promise<Response> | Response][] = [
  ['is cut off', async (answer) => new Response((await answer.text()).split('\n')[0])],
  ['is cut off within a line', async (answer) => new Response((await answer.text()).slice(0, 70))],
  ['is somebody else’s', () => new Response('<html>\n</html>\n')],
  [
    'is that there is no such route',
    () => Response.json({ code: 'invalid_argument', detail: 'no' }, { status: 404 }),
  ],
  [
    'has lines of no call',
    async (answer) => new Response(`${STRANGE}${(await answer.text()).split('\n')[1]}\n`),
  ],
  ['has lines that are no objects', () => new Response('null\n5\n"place"\n[]\n')],
  ['has a line of five MiB', () => new Response(`{"place":"${'x'.repeat(5 * 1_048_576)}"}\n`)],
  [
    'has a problem that says nothing',
    () => new Response('{"place":0,"problem":{}}\n{"place":1,"problem":null}\n'),
  ],
  ['is empty', () => new Response('')],
  ['breaks off', async (answer) => new Response(pieces(await answer.arrayBuffer(), 50, 1))],
  ['is a 502', () => new Response('Bad Gateway', { status: 502 })],
]
test.each(ANSWERS)('where the answer to all %s, each is asked alone and counts once', async (_, instead) => {
  const { client, asked } = await asking({
    instead: async (path, answer) => (path === '/api/v1/calls' ? await instead(await answer) : await answer),
  })
  const runs = [1, 2, 3].map((n) => client.execute(echo, { workflowId: `c-${n}`, input: n }))
  expect(await Promise.all(runs)).toEqual([1, 2, 3])
  expect(asked[0]).toBe(MANY)
  expect(await client.count()).toBe(3)
})

const REFUSED: [string, () => Response][] = [
  ['the scheduler', () => Response.json({ code: 'invalid_argument', detail: 'no' }, { status: 404 })],
  ['what stands before it', () => new Response('<html>no</html>', { status: 403 })],
]
test.each(REFUSED)('where %s refuses them as a whole, each goes alone at once', async (_, refused) => {
  const { client, asked } = await asking({
    instead: async (path, answer) => (path === '/api/v1/calls' ? refused() : await answer),
  })
  const ids = Array.from({ length: 60 }, (__, n) => `a-${n}`)
  await Promise.all(ids.map((workflowId) => client.start(echo, { workflowId, input: 1 })))
  expect(asked.filter((one) => one === MANY)).toEqual([MANY])
  expect(asked).toHaveLength(61)
})

/** As fetch has it where there are no streams, and where they are others. */
const BODIES: [string, unknown][] = [
  ['none', undefined],
  ['one of Node', { pipe: () => {} }],
]
test.each(BODIES)('an answer whose body is %s is read as a whole', async (_, body) => {
  const { client, asked } = await asking({
    instead: async (__, answer) => {
      const given = await answer
      Object.defineProperty(given, 'body', { value: body })
      return given
    },
  })
  const runs = [1, 2, 3].map((n) => client.execute(echo, { workflowId: `b-${n}`, input: n }))
  expect(await Promise.all(runs)).toEqual([1, 2, 3])
  expect(asked).toEqual([MANY])
})

const HTML = new TextEncoder().encode('<html>\n')

test('an answer that is not read to its end is given up', async () => {
  const cancel = vi.fn<() => void>()
  const { client } = await asking({
    instead: async (path, answer) => {
      if (path !== '/api/v1/calls') return await answer
      return new Response(new ReadableStream({ start: (body) => body.enqueue(HTML), cancel }))
    },
  })
  const runs = [1, 2].map((n) => client.execute(echo, { workflowId: `g-${n}`, input: n }))
  expect(await Promise.all(runs)).toEqual([1, 2])
  expect(cancel).toHaveBeenCalledOnce()
})

test('calls go while a test has stopped the clock', async () => {
  const fetch = vi.fn<Fetch>(async () => Response.json(null))
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const client = new WorkflowClient({ url: ORIGIN, token: 'admin', fetch })
  await client.getHandle('t').signal(go, 1)
  expect(fetch).toHaveBeenCalledOnce()
})

test('the package is loaded where a navigator does not say what it is', async () => {
  vi.resetModules()
  vi.stubGlobal('navigator', { product: 'ReactNative' })
  onTestFinished(() => void vi.unstubAllGlobals())
  await expect(import('../../shared/index.ts')).resolves.toHaveProperty('WorkflowClient')
})

test('a client’s operations are routes of the document', () => {
  for (const { id, method, path } of Object.values(OPERATIONS)) {
    const [route] = routes.filter((one) => one.id === id)
    expect(route).toMatchObject({ method: method.toLowerCase(), path: `/${path}` })
  }
})
