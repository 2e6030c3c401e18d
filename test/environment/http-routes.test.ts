/** The routes as whoever has no client of ours sees them. */
import { beforeAll, describe, expect, test } from 'vitest'
import { BASE } from '../../scheduler-do/http/answer.ts'
import { routes } from '../../scheduler-do/http/routes.ts'
import { ApplicationError, query, signal, workflow } from '../../shared/index.ts'
import { includes, SCOPES } from '../../shared/auth.ts'
import { served } from '../security/served.ts'
import type { Served } from '../security/served.ts'
import { inTurn, lost, Namespace, ok, refused } from '../shared/namespace.ts'
import type { Verb } from '../shared/namespace.ts'

const add = signal<number>('add')
const total = query<number>('total')
const sum = workflow('sum', { messages: { add, total } }, async (ctx, from: number) => {
  let now = from
  ctx.setSignalHandler(add, (more) => void (now += more))
  ctx.setQueryHandler(total, () => now)
  ctx.setQueryHandler('nothing', () => undefined)
  ctx.setQueryHandler('null', () => null)
  ctx.setQueryHandler('throws', () => {
    throw new ApplicationError('not today', { type: 'Closed', details: { until: 'monday' } })
  })
  await ctx.condition(() => now >= 100)
  return now
})

let engine: Served
beforeAll(async () => {
  const env = { API_TOKEN: 'admin', API_TOKEN_WRITE: 'write', API_TOKEN_READ: 'read' }
  engine = await served({ env, workflows: [sum] })
})

interface Said {
  readonly status: number
  readonly body: any // oxlint-disable-line typescript/no-explicit-any -- of any route; tests know which
  readonly headers: Headers
}

/** `asked` is a method and a path; the body is JSON, or lines of it. */
async function said(asked: string, body?: unknown, headers = {}): Promise<Said> {
  const [method = '', path = ''] = asked.split(' ')
  const init = { method, headers: { authorization: 'Bearer admin', ...headers } }
  const sent = body === undefined ? init : { ...init, body: JSON.stringify(body) }
  const answer = await engine.ask(`${BASE}${path}`, sent)
  const text = await answer.text()
  const isLines = answer.headers.get('content-type') === 'application/x-ndjson'
  const json = isLines
    ? text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : text && JSON.parse(text)
  return { status: answer.status, body: json, headers: answer.headers }
}

const asJson = (value: unknown): string => encodeURIComponent(JSON.stringify(value))

test.each(routes.map((route) => [route.id, route] as const))(
  '%s is refused to a lesser scope',
  async (_, route) => {
    const path = `${route.root ? '' : BASE}${route.path.replaceAll(/\{\+?\w+\}/g, 'x')}`
    for (const held of SCOPES) {
      if (includes(held, route.scope)) continue
      const answer = await engine.ask(path, {
        method: route.method.toUpperCase(),
        headers: { authorization: `Bearer ${held}` },
      })
      expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'forbidden' }])
    }
  },
)

describe('an answer', () => {
  test('is the value itself, or nothing', async () => {
    const started = await said('POST /workflows', { workflowType: 'sum', workflowId: 'a', input: 1 })
    expect(started).toMatchObject({ status: 200, body: { workflowId: 'a', runId: expect.any(String) } })
    const signalled = await said('POST /workflows/a/signals/add', { payload: 2 })
    expect([signalled.status, signalled.body]).toEqual([204, ''])
    expect((await said('POST /workflows/a/queries/total')).body).toBe(3)
    expect((await said('POST /workflows/a/queries/null')).body).toBeNull()
    expect((await said('POST /workflows/a/queries/nothing')).status).toBe(204)
    expect((await said('GET /workflows/a/result')).body).toMatchObject({ status: 'running' })
  })

  test('to a start may be its result', async () => {
    const start = { workflowType: 'sum', workflowId: 'b', input: 100, waitMs: 5_000 }
    expect((await said('POST /workflows', start)).body).toMatchObject({
      workflowId: 'b',
      result: { status: 'completed', result: 100 },
    })
  })
})

describe('a refusal', () => {
  test('is a problem, with what its code has to say', async () => {
    await said('POST /workflows', { workflowType: 'sum', workflowId: 'taken', input: 1 })
    const again = await said('POST /workflows', { workflowType: 'sum', workflowId: 'taken', input: 1 })
    expect(again.headers.get('content-type')).toBe('application/problem+json')
    expect([again.status, again.body]).toEqual([
      409,
      {
        type: 'about:blank',
        title: 'Conflict',
        status: 409,
        code: 'workflow_already_started',
        detail: expect.stringContaining('taken'),
        workflowId: 'taken',
        runId: expect.any(String),
      },
    ])
    expect((await said('GET /workflows/nobody')).body).toMatchObject({
      status: 404,
      code: 'workflow_not_found',
    })
  })

  test('of workflow code tells what was thrown, and not where', async () => {
    await said('POST /workflows', { workflowType: 'sum', workflowId: 'thrower', input: 1 })
    const { status, body } = await said('POST /workflows/thrower/queries/throws')
    expect([status, body]).toMatchObject([409, { code: 'application_error', detail: 'not today' }])
    expect(body.error).toMatchObject({ facts: { type: 'Closed' } })
    expect(JSON.stringify(body)).not.toContain('http-routes')
  })

  test.each<[string, unknown, string]>([
    ['GET /workflows/a/result?waitMs=25001', undefined, 'waitMs'],
    ['GET /workflows/a/history?fromEvent=0', undefined, 'fromEvent'],
    ['GET /workflows/a?callSites=perhaps', undefined, 'callSites'],
    ['GET /workflows/a%00', undefined, 'workflowId'],
    ['GET /workflows?limit=', undefined, 'limit'],
    ['GET /workflows?status=sleeping', undefined, 'status'],
    ['GET /workflows?searchAttributes={', undefined, 'searchAttributes'],
    ['GET /workflows?startedAfter=yesterday', undefined, 'startedAfter'],
    ['GET /workflows?cursor=x', undefined, 'cursor'],
    ['GET /workflows?namespace=a/b', undefined, 'namespace'],
    ['POST /workflows', {}, 'body.workflowType'],
    ['POST /workflows', { workflowType: 'sum', startDelay: 'soon' }, 'startDelay'],
    ['POST /workflows', { workflowType: 'sum', startDelay: -1 }, 'body.startDelay'],
    ['POST /workflows/batch', { starts: [{ workflowType: 'sum' }, 7] }, 'body.starts.1'],
    ['POST /workflows', { workflowType: 'sum', runId: 'none' }, 'body.runId'],
    ['POST /workflows/a/updates/u', { waitMs: 1.5 }, 'body.waitMs'],
    ['POST /workflows/bulk', { filter: {}, action: 'burn' }, 'body.action'],
    ['POST /workflows/bulk', { filter: { workflowtype: 'x' }, action: 'cancel' }, 'body.filter.workflowtype'],
    ['GET /workflows?workflowtype=x&namespace=default', undefined, 'workflowtype'],
    ['POST /schedules', { scheduleId: 's', spec: { cron: 'now' }, workflowType: 'sum' }, 'spec.cron'],
    ['POST /schedules/s/backfill', {}, 'body.ranges'],
    ['POST /activities/complete', { taskToken: 'made up' }, 'taskToken'],
  ])('says where %s is wrong', async (asked, body, where) => {
    const answer = await said(asked, body)
    expect([answer.status, answer.body]).toMatchObject([400, { code: 'invalid_argument', path: where }])
  })
})

describe('an Idempotency-Key', () => {
  const key = { 'idempotency-key': 'key-1' }

  test('makes a request count once, whatever has no id of its own', async () => {
    const start = { workflowType: 'sum', input: 1 }
    const [first, second] = [
      await said('POST /workflows', start, key),
      await said('POST /workflows', start, key),
    ]
    expect(second.body).toEqual(first.body)
    for (let n = 0; n < 3; n += 1)
      await said(`POST /workflows/${first.body.workflowId}/signals/add`, { payload: 1 }, key)
    expect((await said('POST /workflows/key-1/queries/total')).body).toBe(2)
    const batch = { starts: [start, start] }
    const items = await said('POST /workflows/batch', batch, key)
    expect((await said('POST /workflows/batch', batch, key)).body).toEqual(items.body)
    expect(new Set(items.body.map(({ runId }: { runId: string }) => runId)).size).toBe(2)
  })

  test('gives way to an id in the body', async () => {
    const start = { workflowType: 'sum', input: 1, requestId: 'own' }
    expect((await said('POST /workflows', start, key)).body.workflowId).toBe('own')
  })
})

/** Before shards that answer as the test decides. */
async function over(verbs: Record<string, Verb>) {
  return (await served({ env: { API_TOKEN: 't', SCHEDULER: new Namespace(verbs) } })).ask
}

test.each([1, 2])(
  'of %d starts in a batch, one that names a run which it cannot be is asked for once',
  async (count) => {
    const moved = refused('overloaded', { moved: true, path: 'runId' })
    const value = Array.from({ length: count }, () => moved)
    const ask = await over({ startMany: inTurn(ok(value)), start: inTurn(moved) })
    const start = { workflowType: 'sum', workflowId: 'w', runId: '01KB9Z6E9MZ4X5T0W1V2Y3N8QP' }
    const body = JSON.stringify({ starts: Array.from({ length: count }, () => start) })
    const headers = { authorization: 'Bearer t' }
    const answer = await ask(`${BASE}/workflows/batch`, { method: 'POST', headers, body })
    const problem = { code: 'overloaded', path: 'runId', status: 503 }
    expect(await answer.json()).toMatchObject(value.map(() => ({ workflowId: 'w', problem })))
  },
)

describe('a shard that is lost while it is asked', () => {
  const headers = { authorization: 'Bearer t' }
  const post = (path: string) => [`${BASE}${path}`, { method: 'POST', headers, body: '{}' }] as const

  test('is asked again, and an end that it had taken counts', async () => {
    const ask = await over({
      terminate: inTurn(lost(), refused('workflow_closed')),
      cancel: inTurn(refused('workflow_closed')),
      changeSchedule: inTurn(lost(), refused('schedule_not_found')),
    })
    expect((await ask(...post('/workflows/a/terminate'))).status).toBe(204)
    expect((await ask(...post('/workflows/a/cancel'))).status).toBe(409)
    expect((await ask(`${BASE}/schedules/s`, { method: 'DELETE', headers })).status).toBe(204)
  })

  test('is not asked again where it has no time: the caller hears when', async () => {
    const ask = await over({ signal: inTurn(refused('overloaded', { retryAfterMs: 1_500 })) })
    const answer = await ask(...post('/workflows/a/signals/go'))
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2'])
    expect(await answer.json()).toMatchObject({ code: 'overloaded', retryAfterMs: 1_500 })
  })

  test('for good is a defect, and says nothing of the inside', async () => {
    const ask = await over({ describe: () => Promise.reject(new Error('s3cr3t')) })
    const answer = await ask(`${BASE}/workflows/a`, { headers })
    const problem = await answer.text()
    expect([answer.status, problem]).toEqual([500, expect.stringContaining('"code":"internal"')])
    expect(problem).not.toContain('s3cr3t')
  })
})

describe('many', () => {
  const namespace = 'namespace=many'

  test('are started, found by every filter, counted and ended', async () => {
    const starts = ['x', 'y', 'z'].map((id, n) => ({
      workflowType: 'sum',
      workflowId: id,
      input: n,
      searchAttributes: { n, since: { $type: 'Date', value: `2026-01-0${n + 1}T00:00:00.000Z` } },
    }))
    const items = await said(`POST /workflows/batch?${namespace}`, { starts: [...starts, starts[0]] })
    expect(items.body).toMatchObject([
      { workflowId: 'x' },
      { workflowId: 'y' },
      { workflowId: 'z' },
      { workflowId: 'x', problem: { code: 'workflow_already_started', status: 409 } },
    ])
    const ids = async (filter: string) => {
      const { body } = await said(`GET /workflows?${namespace}&${filter}`)
      return body.items.map(({ workflowId }: { workflowId: string }) => workflowId).toSorted()
    }
    expect(await ids('status=running&status=paused&tiers=hot')).toEqual(['x', 'y', 'z'])
    expect(await ids('status=paused')).toEqual([])
    expect(await ids(`searchAttributes=${asJson({ n: 1 })}`)).toEqual(['y'])
    expect(await ids(`searchAttributes=${asJson({ n: null })}`)).toEqual([])
    const { since } = starts[2]!.searchAttributes
    expect(await ids(`searchAttributes=${asJson({ since })}`)).toEqual(['z'])
    expect(await ids('startedAfter=2020-01-01T00:00:00Z&startedBefore=4102444800000')).toEqual([
      'x',
      'y',
      'z',
    ])
    expect(await ids('startedBefore=2020-01-01')).toEqual([])
    const counted = await said(`GET /workflow-count?${namespace}&groupBy=status`)
    expect(counted.body).toEqual({ count: 3, groups: { running: 3 } })
    expect((await said(`GET /workflow-count?${namespace}&idPrefix=y`)).body).toEqual({ count: 1 })
    const bulk = { filter: { workflowType: 'sum', limit: 2 }, action: 'terminate', reason: 'recalled' }
    const lines = await said(`POST /workflows/bulk?${namespace}`, bulk)
    expect(lines.body).toMatchObject([
      { matched: 3, done: 2, cursor: expect.any(String) },
      { done: 3, failed: 0 },
    ])
  })

  test('are listed page by page', async () => {
    const ids = ['s1', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9']
    for (const scheduleId of ids)
      await said(`POST /schedules?${namespace}`, { scheduleId, spec: { every: '1h' }, workflowType: 'sum' })
    for (const path of ['/schedules', '/workflows']) {
      const all: string[] = []
      let cursor = ''
      do {
        const { body } = await said(`GET ${path}?${namespace}&limit=2${cursor && `&cursor=${cursor}`}`)
        expect(body.items.length).toBeLessThanOrEqual(2)
        all.push(
          ...body.items.map(({ scheduleId, workflowId }: Record<string, string>) => scheduleId ?? workflowId),
        )
        cursor = body.nextCursor
      } while (cursor)
      expect(all.toSorted()).toEqual(path === '/schedules' ? ids : ['x', 'y', 'z'])
    }
  })
})
