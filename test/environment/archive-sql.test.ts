/** SQL over the archive as the API has it: passed on to the server beside `perdure dev`, where there is one. */
import { describe, expect, test } from 'vitest'
import { served } from '../security/served.ts'

const SQL_URL = 'http://127.0.0.1:4711/secret'
const tokens = { API_TOKEN: 'admin', API_TOKEN_WRITE: 'write' }

async function scheduler(told?: unknown) {
  const passedOn: { url: string; init: RequestInit }[] = []
  const { ask } = await served({
    env: { ...tokens, SQL_URL: told },
    fetch: async (url, init) => {
      passedOn.push({ url, init })
      return Response.json({ columns: [], rows: [], truncated: false, tookMs: 1 })
    },
  })
  const query = (body: unknown, token = 'admin') =>
    ask('/api/v1/archive/sql', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    })
  const isOffered = async () => {
    const answer = await ask('/api/v1/archive', { headers: { authorization: 'Bearer admin' } })
    return (await answer.json<{ sql: boolean }>()).sql
  }
  return { query, isOffered, passedOn }
}

describe('a scheduler that is told of no server', () => {
  test.each([undefined, '', 'https://elsewhere.example/secret', 'http://127.0.0.1.elsewhere.example/'])(
    'refuses a statement, and sends it nowhere: %s',
    async (url) => {
      const { query, isOffered, passedOn } = await scheduler(url)
      const answer = await query({ statement: 'SELECT 1' })
      expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'not_configured' }])
      expect(await isOffered()).toBe(false)
      expect(passedOn).toEqual([])
    },
  )
})

describe('a scheduler beside perdure dev', () => {
  test('passes a statement on, and nothing of who sent it', async () => {
    const { query, isOffered, passedOn } = await scheduler(SQL_URL)
    expect(await isOffered()).toBe(true)
    const answer = await query({ statement: 'SELECT 1', more: true })
    expect([answer.status, await answer.json()]).toMatchObject([200, { rows: [], tookMs: 1 }])
    expect(passedOn).toEqual([
      { url: SQL_URL, init: { method: 'POST', body: JSON.stringify({ statement: 'SELECT 1' }) } },
    ])
  })

  test('passes on nobody without the scope admin, and nothing that is no statement', async () => {
    const { query, passedOn } = await scheduler(SQL_URL)
    expect((await query({ statement: 'SELECT 1' }, 'write')).status).toBe(403)
    for (const statement of ['', 1, 'x'.repeat(65_537)])
      expect(await (await query({ statement })).json()).toMatchObject({
        code: 'invalid_argument',
        path: 'body.statement',
      })
    expect(passedOn).toEqual([])
  })
})
