/** A call over HTTP among others answers what it answers alone. */
import { expect, test } from 'vitest'
import { workflow, WorkflowClient } from '../../shared/index.ts'
import type { HttpConnection, WorkflowHandle } from '../../shared/index.ts'
import { ORIGIN, servedOn } from '../security/served.ts'
import { environmentsWithPlatforms } from './environments.ts'
import { add, messages, multiply, summing, total } from './sum.ts'

const sum = workflow('sum', { messages }, async (ctx, from: number) => {
  const now = summing(ctx, from)
  ctx.setQueryHandler('null', () => null)
  ctx.setQueryHandler('arguments', (...args: unknown[]) => args)
  ctx.setQueryHandler('throws', () => {
    throw new RangeError('not today')
  })
  await ctx.condition(() => now() >= 100)
  return now() === 100 ? undefined : { now: now(), at: new Date(now()) }
})

const create = environmentsWithPlatforms()

type Run = WorkflowHandle<unknown, NonNullable<typeof sum.messages>>
type Call = (run: Run, client: WorkflowClient) => Promise<unknown>

/** In the order in which a run is asked. */
const CALLS: readonly [string, Call][] = [
  [
    'a start of an id that is open',
    (run, client) => client.start(sum, { workflowId: run.workflowId, input: 1 }),
  ],
  [
    'one of a type that is none',
    (run, client) => client.start('none', { workflowId: `${run.workflowId}-none` }),
  ],
  [
    'one with all that it may have',
    async (run, client) => {
      const started = await client.start(sum, {
        workflowId: `${run.workflowId}-full`,
        input: 1,
        memo: { since: new Date(0), none: undefined },
        searchAttributes: { customerId: 'c-7' },
        executionTimeout: '1 hour',
        startDelay: 0,
      })
      const { memo, searchAttributes } = await started.describe()
      return { memo, searchAttributes }
    },
  ],
  ['a signal', (run) => run.signal(add, 2, { signalId: 's' })],
  ['the same signal', (run) => run.signal(add, 2, { signalId: 's' })],
  ['a signal without a payload', (run) => run.signal('other', undefined)],
  ['a query', (run) => run.query(total)],
  ['one that answers undefined', (run) => run.query('nothing')],
  ['one that answers null', (run) => run.query('null')],
  ['one with arguments', (run) => run.query('arguments', undefined, null, new Date(0), [undefined], NaN)],
  ['one that throws', (run) => run.query('throws')],
  ['one that is none', (run) => run.query('no/such one %2F')],
  ['an update', (run) => run.update(multiply, { args: [2], updateId: 'u/1 %2F' })],
  ['the same update by its id', (run) => run.getUpdate('u/1 %2F').result()],
  ['an update that is refused', (run) => run.update(multiply, { args: [0] })],
  ['one that is none', (run) => run.getUpdate('none').result()],
  ['a result that is not there in time', (run) => run.result({ timeout: 0 })],
  ['a result of one run', (run, client) => client.getHandle(run.workflowId, 'none').result({ timeout: 0 })],
  ['a pause', (run) => run.pause('why not')],
  ['a resume', (run) => run.resume()],
  ['a cancel of an id that is none', (_, client) => client.getHandle('gone').cancel()],
  ['a last signal', (run) => run.signal(add, 1_000)],
  ['a result', (run) => run.result()],
  ['a result without those that follow', (run) => run.result({ followRuns: false })],
  ['a result of the latest run', (run, client) => client.getHandle(run.workflowId).result()],
  ['a terminate of what has ended', (run) => run.terminate('too late')],
  ['a cancel of what has ended', (run) => run.cancel()],
  ['a pause of what has ended', (run) => run.pause()],
  ['an id that no path has', (_, client) => client.getHandle('..').signal(add, 1)],
]

test('a call among others answers what it answers alone', async () => {
  const { platform } = await create({ workflows: [sum] })
  const ask = await servedOn(platform, { env: { API_TOKEN: 'admin' } })
  const asked: string[] = []
  const fetch: HttpConnection['fetch'] = (url, init) => {
    asked.push(new URL(url).pathname.replace('/api/v1/', ''))
    return ask(url.slice(ORIGIN.length), init)
  }
  const client = new WorkflowClient({ url: ORIGIN, token: 'admin', fetch })
  const started = (id: string) => client.start(sum, { workflowId: id, input: 1 })
  const alone = await started('run-0')
  const others = [await started('run-1'), await started('run-2')]
  for (const [what, call] of CALLS) {
    const one = await comparable(alone, call(alone, client))
    asked.length = 0
    const each = await Promise.all(others.map((run) => comparable(run, call(run, client))))
    const route = what === 'an id that no path has' ? undefined : 'calls'
    expect({ what, each, route: asked[0] }).toEqual({ what, each: [one, one], route })
  }
})

test('calls in one request are one call of each shard', async () => {
  const { platform } = await create({ workflows: [sum] })
  const objects = platform.namespace(null)
  const called: string[] = []
  const noted = (name: string) =>
    new Proxy(objects.get(name) as Record<string, unknown>, {
      get(shard, verb: string) {
        called.push(`${name} ${verb}`)
        return shard[verb]
      },
    })
  const SCHEDULER = { idFromName: (name: string) => name, get: noted }
  const ask = await servedOn(platform, { env: { API_TOKEN: 'admin', SCHEDULER } })
  const fetch: HttpConnection['fetch'] = (url, init) => ask(url.slice(ORIGIN.length), init)
  const client = new WorkflowClient({ url: ORIGIN, token: 'admin', fetch })
  const ids = Array.from({ length: 20 }, (_, n) => `many-${n}`)
  await Promise.all(ids.map((workflowId) => client.start(sum, { workflowId, input: 1 })))
  expect(called.filter((call) => !call.endsWith(' shardCount')).toSorted()).toEqual([
    'default/0 together',
    'default/1 together',
  ])
})

/** What came of it, without what every run has of its own. */
async function comparable(run: Run, call: Promise<unknown>): Promise<unknown> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: Error) => ({ ...(error as object), message: error.message, cause: String(error.cause) }),
  )
  const replaced = (text: string) =>
    text.replaceAll(run.workflowId, 'id').replaceAll(/\b[0-7][0-9A-Z]{25}\b/g, 'run')
  const plain = (value: unknown): unknown => {
    if (typeof value === 'string') return replaced(value)
    if (Array.isArray(value)) return value.map(plain)
    if (!(value instanceof Object) || value instanceof Date) return value
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]))
  }
  return plain(outcome)
}
