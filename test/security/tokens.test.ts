import { describe, expect, test } from 'vitest'
import { ApiTokens, includes, SCOPES } from '../../shared/auth.ts'
import { ORIGIN, served } from './served.ts'

const POLL = '/api/v1/task-queues/pulled/poll'
const OBJECT = `/api/v1/payloads/payload/default/0/${'0'.repeat(26)}/${'a'.repeat(64)}`
const body = JSON.stringify({ claimId: 'c', poller: 'p', limit: 1, waitMs: 0 })
const bearing = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

describe('a token', () => {
  test('may do what its scope says, and what the scopes before it may', async () => {
    const env = { API_TOKEN: 'all', API_TOKEN_WRITE: 'works', API_TOKEN_READ: 'reads' }
    const { ask } = await served({ env })
    const statuses = async (token: string) => [
      (await ask(OBJECT, bearing(token))).status,
      (await ask(POLL, { method: 'POST', body, ...bearing(token) })).status,
    ]
    expect(await statuses('all')).toEqual([404, 200])
    expect(await statuses('works')).toEqual([404, 200])
    expect(await statuses('reads')).toEqual([404, 403])
    expect(await statuses('none')).toEqual([401, 401])
    const refused = await ask(POLL, { method: 'POST', body, ...bearing('reads') })
    expect(await refused.json()).toMatchObject({ status: 403, code: 'forbidden' })
    expect(SCOPES.map((held) => SCOPES.map((needed) => includes(held, needed)))).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ])
  })

  test('takes the place of another while both are valid, and the other is not once it is taken away', async () => {
    const both = new ApiTokens({ write: 'old-token, new-token' })
    expect(await both.scopeOf('Bearer old-token')).toBe('write')
    expect(await both.scopeOf('Bearer new-token')).toBe('write')
    const after = new ApiTokens({ write: 'new-token' })
    expect([await after.scopeOf('Bearer old-token'), await after.scopeOf('Bearer new-token')]).toEqual([
      null,
      'write',
    ])
    const twice = new ApiTokens({ read: 'same', admin: 'same' })
    expect(await twice.scopeOf('Bearer same')).toBe('admin')
  })

  test('is right as a whole or not at all, whatever its length', async () => {
    const tokens = new ApiTokens({ admin: 'right-token' })
    const wrong = ['', 'Bearer', 'Bearer ', 'Bearer right-toke', 'Bearer right-token2', 'Basic right-token']
    const long = ['right-token', 'Bearer right-token right-token', `Bearer ${'right-token'.repeat(10_000)}`]
    for (const authorization of [undefined, null, ...wrong, ...long, 'Bearer right-token,', 'Bearer \u0000'])
      expect(await tokens.scopeOf(authorization)).toBeNull()
    expect(await tokens.scopeOf('bearer right-token')).toBe('admin')
  })

  test.each(['two words', 'a,,b', 'line\nbreak', 'naïve', '*'])(
    'is refused as one when it is configured, without being shown: %j',
    (text) => {
      expect(() => new ApiTokens({ write: text })).toThrow(
        expect.objectContaining({ code: 'not_configured', path: 'env.API_TOKEN_WRITE' }),
      )
      expect(() => new ApiTokens({ write: text })).not.toThrow(text)
    },
  )
})

describe('whoever shows no token', () => {
  test('hears the same, whatever they ask for and whatever they show', async () => {
    const { ask } = await served({ env: { API_TOKEN: 'right-token' } })
    const answers = new Set<string>()
    for (const path of [POLL, OBJECT, '/api/v1/nothing', '/api/v1/task-queues/none/poll', '/api/'])
      for (const headers of [{}, { authorization: 'Bearer wrong' }, { 'cf-access-jwt-assertion': 'a.b.c' }])
        for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE']) {
          const answer = await ask(path, { method, headers })
          answers.add(`${answer.status} ${answer.headers.get('www-authenticate')} ${await answer.text()}`)
        }
    expect([...answers]).toEqual([expect.stringMatching(/^401 Bearer .*"code":"unauthorized"/)])
  })

  test('finds no API where none is configured, not even with an empty token', async () => {
    for (const API_TOKEN of [undefined, '', ' ']) {
      const { ask } = await served({ env: { API_TOKEN } })
      for (const authorization of ['', 'Bearer ', 'Bearer undefined']) {
        const answer = await ask(POLL, { method: 'POST', body, headers: { authorization } })
        expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'not_configured' }])
      }
    }
  })
})

describe('every answer', () => {
  test('is not kept, not framed, not sniffed, and says nothing of where it is linked from', async () => {
    const { ask } = await served({ env: { API_TOKEN: 'right-token' } })
    const broken = await served({ env: { SCHEDULER: 'no binding' } })
    const answers = [
      await ask('/'),
      await ask(POLL, { method: 'POST', body }),
      await ask(POLL, { method: 'POST', body, ...bearing('right-token') }),
      await ask('/api/v1/nothing', bearing('right-token')),
      await broken.ask('/'),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 200, 404, 500])
    for (const { headers } of answers) {
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      })
    }
  })

  test('shows neither a stack nor what went wrong inside', async () => {
    const defect = new Error('s3cr3t of the inside')
    const SCHEDULER = {
      idFromName: (name: string) => name,
      get: () => ({ shardCount: () => Promise.reject(defect) }),
    }
    const { ask } = await served({ env: { API_TOKEN: 'right-token', SCHEDULER } })
    for (const [text, status] of [
      ['{}', 400],
      [body, 500],
    ] as const) {
      const answer = await ask(POLL, { method: 'POST', body: text, ...bearing('right-token') })
      expect(answer.status).toBe(status)
      expect(await answer.text()).not.toMatch(/s3cr3t|stack|\.ts|node_modules| at /)
    }
  })
})

const asking = (origin: string, method = 'OPTIONS') => ({
  method,
  headers: { origin, 'access-control-request-method': 'POST', authorization: 'Bearer right-token' },
})

describe('a page of another origin', () => {
  const origins = ['https://ops.example']

  test('may not ask, by default', async () => {
    const { ask } = await served({ env: { API_TOKEN: 'right-token' } })
    for (const method of ['OPTIONS', 'GET']) {
      const answer = await ask('/api/v1/nothing', asking('https://ops.example', method))
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  test('may ask when its origin is listed, and only then', async () => {
    const { ask } = await served({ env: { API_TOKEN: 'right-token' }, auth: { origins } })
    const listed = await ask(POLL, asking('https://ops.example'))
    expect(listed.status).toBe(204)
    expect(Object.fromEntries(listed.headers)).toMatchObject({
      'access-control-allow-origin': 'https://ops.example',
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'authorization,content-type,idempotency-key,last-event-id',
    })
    for (const origin of [
      'https://ops.example.evil',
      'https://evil.example',
      'null',
      ORIGIN,
      'http://ops.example',
    ]) {
      const other = await ask(POLL, asking(origin))
      expect([other.headers.get('access-control-allow-origin'), origin]).toEqual([null, origin])
    }
  })

  test.each(['*', 'null', 'https://ops.example/', 'https://ops.example/path', 'ops.example', ''])(
    'is never any page: %j is no origin to list',
    async (origin) => {
      const { ask } = await served({ env: { API_TOKEN: 'right-token' }, auth: { origins: [origin] } })
      const answer = await ask('/')
      expect([answer.status, await answer.json()]).toMatchObject([500, { code: 'invalid_argument' }])
    },
  )
})
