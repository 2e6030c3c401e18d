import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { ask, TOKEN } from './over-http.ts'

const POLL = '/api/v1/task-queues/pulled/poll'
const poll = { claimId: 'c', poller: 'p', limit: 1, waitMs: 0 }
const post = (body: unknown, authorization?: string): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  ...(authorization !== undefined && { headers: { authorization } }),
})
const bearer = `Bearer ${TOKEN}`

test('110 auth: without the token, or with a wrong one, every request is refused alike', async () => {
  const refusals = new Set<string>()
  for (const authorization of [
    undefined,
    '',
    'Bearer',
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
    TOKEN,
  ]) {
    for (const path of [POLL, '/api/v1/task-queues/no such/poll', '/api/v1/nothing', '/api/v1/payloads/x']) {
      const response = await ask(path, post(poll, authorization))
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
      refusals.add(await response.text())
    }
  }
  expect([...refusals]).toEqual([expect.stringContaining('"code":"unauthorized"')])
  const admitted = await ask(POLL, post(poll, bearer))
  expect([admitted.status, await admitted.json()]).toEqual([200, []])
})

test('110 auth: with no token configured the HTTP API is off, whatever is sent', async () => {
  for (const API_TOKEN of [undefined, '']) {
    const bindings = { ...env, API_TOKEN }
    for (const authorization of [undefined, 'Bearer ', 'Bearer undefined', bearer]) {
      const response = await ask(POLL, post(poll, authorization), bindings)
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ code: 'not_configured' })
    }
  }
})

test('110 auth: what comes from outside is checked before anything is done', async () => {
  const to = { namespace: 'default', shard: 0, shards: 2 }
  const settle = (task: object) => ({
    v: 1,
    to,
    claimId: 'c',
    tasks: [{ runId: 'r', seq: 1, attempt: 1, ...task }],
  })
  let deep: unknown = 1
  for (let level = 0; level < 120; level += 1) deep = [deep]
  const bad: [path: string, body: unknown, where: string][] = [
    ['poll', { ...poll, limit: -1 }, 'body.limit'],
    ['poll', { ...poll, limit: 1e9 }, 'body.limit'],
    ['poll', { ...poll, waitMs: 'long' }, 'body.waitMs'],
    ['poll', { ...poll, claimId: 'x'.repeat(2_000) }, 'body.claimId'],
    ['poll', null, 'body'],
    ['settle', settle({ outcome: { kind: 'exploded' } }), 'body.tasks.0.outcome.kind'],
    ['settle', settle({ outcome: { kind: 'completed', result: deep } }), 'body.tasks.0.outcome.result'],
    ['settle', settle({ outcome: { kind: 'failed' } }), 'body.tasks.0.outcome.error'],
    ['renew', { ...settle({}), to: { ...to, shard: -1 } }, 'body.to.shard'],
    ['renew', settle({ seq: 1.5 }), 'body.tasks.0.seq'],
  ]
  for (const [verb, body, path] of bad) {
    const response = await ask(`/api/v1/task-queues/pulled/${verb}`, post(body, bearer))
    expect([response.status, await response.json()]).toMatchObject([400, { code: 'invalid_argument', path }])
  }
  const noJson = await ask(POLL, { method: 'POST', body: '{', headers: { authorization: bearer } })
  expect([noJson.status, await noJson.json()]).toMatchObject([400, { path: 'body' }])
  const unknown = await ask('/api/v1/task-queues/default/poll', post(poll, bearer))
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: 'unknown_task_queue' }])
  const elsewhere = await ask('/api/v1/nothing', { headers: { authorization: bearer } })
  expect(elsewhere.status).toBe(404)
  // A % that begins no byte is no defect of ours.
  for (const key of ['archive/secret', '%']) {
    const object = await ask(`/api/v1/payloads/${key}`, { headers: { authorization: bearer } })
    expect([object.status, await object.json()]).toMatchObject([400, { path: 'key' }])
  }
})
