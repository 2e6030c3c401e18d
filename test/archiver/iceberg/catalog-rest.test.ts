import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { CommitRequest, TableName } from '../../../archiver/iceberg/catalog.ts'
import { EmbeddedCatalog } from '../../../archiver/iceberg/embedded.ts'
import { facade } from '../../../archiver/iceberg/facade.ts'
import { printJson } from '../../../archiver/iceberg/json.ts'
import { RestCatalog } from '../../../archiver/iceberg/rest.ts'
import { Warehouse } from '../../../archiver/iceberg/warehouse.ts'
import { ApiTokens } from '../../../shared/auth.ts'
import { bucket } from '../buckets.ts'
import { appended, definition, foreignId } from './metadata-samples.ts'

const token = 'secret-token-of-the-catalog'
const uri = 'https://catalog.example/account/bucket'
const table: TableName = { namespace: ['durable'], name: 'history' }
const nothing: CommitRequest = { requirements: [], updates: [] }
const embedded = new EmbeddedCatalog(new Warehouse(bucket, 's3://perdure-archive'), { prefix: 'rest' })
const server = facade({
  catalog: embedded,
  tokens: new ApiTokens({ admin: token }),
  basePath: '/account/bucket',
  log: () => undefined,
})
const client = clientOf((request) => server.fetch(request))

describe('a client and the facade of the embedded catalog', () => {
  test('create a table and its namespaces, commit and load, with every digit of an id', async () => {
    const deep: TableName = { namespace: ['a', 'b', 'c'], name: 'history' }
    expect(await client.load(deep)).toBeNull()
    const made = await client.create(deep, definition)
    expect(await embedded.namespaces(['a', 'b'])).toEqual([['a', 'b', 'c']])
    const updates = appended(foreignId, 1).map((update) =>
      update.action === 'add-snapshot'
        ? { ...update, snapshot: { ...update.snapshot, 'timestamp-ms': made.metadata['last-updated-ms'] } }
        : update,
    )
    const committed = await client.commit(deep, {
      requirements: [{ type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': null }],
      updates,
    })
    expect(committed.metadata['current-snapshot-id']).toBe(foreignId)
    expect(await client.load(deep)).toEqual(committed)
    expect(await embedded.load(deep)).toEqual(committed)

    const stale = { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': foreignId + 1n } as const
    await expect(client.commit(deep, { requirements: [stale], updates: [] })).rejects.toMatchObject({
      name: 'CommitConflict',
    })
    await expect(client.create(deep, definition)).rejects.toMatchObject({ name: 'CommitConflict' })
  })

  test('commit a transaction of one table, and refuse one of several', async () => {
    await client.create(table, definition)
    const change = {
      table,
      requirements: [],
      updates: [{ action: 'set-properties', updates: { a: '1' } }],
    } as const
    await client.commitTransaction([change])
    expect((await client.load(table))!.metadata.properties).toMatchObject({ a: '1' })
    await expect(client.commitTransaction([change, change])).rejects.toMatchObject({
      name: 'CatalogRefusal',
      status: 501,
    })
  })

  test('refuse what cannot be', async () => {
    const missing = { namespace: ['durable'], name: 'missing' }
    await expect(client.commit(missing, nothing)).rejects.toMatchObject({
      name: 'CatalogRefusal',
      status: 404,
    })
    const other = new RestCatalog({ uri, warehouse: 'w', token: 'wrong', fetch: (r) => server.fetch(r) })
    await expect(other.load(table)).rejects.toMatchObject({ name: 'CatalogRefusal', status: 401 })
  })
})

describe('a request', () => {
  test('goes below the prefix the catalog asks for, which is asked once, with the token and no redirects', async () => {
    const seen: Request[] = []
    const answering = clientOf((request) => {
      seen.push(request)
      if (request.url.includes('/v1/config')) return json({ defaults: {}, overrides: { prefix: 'p 1/x' } })
      return json({}, 404)
    })
    await answering.load({ namespace: ['a', 'b'], name: 't/1' })
    await answering.load(table)
    expect(seen.map(({ url }) => url)).toEqual([
      `${uri}/v1/config?warehouse=account_bucket`,
      `${uri}/v1/p%201/x/namespaces/a%1Fb/tables/t%2F1`,
      `${uri}/v1/p%201/x/namespaces/durable/tables/history`,
    ])
    for (const request of seen) {
      expect(request.headers.get('authorization')).toBe(`Bearer ${token}`)
      expect(request.redirect).toBe('manual')
    }
  })

  test.each(['', 'two words', 'line\nbreak'])('is not made with a token that is none: %j', (bad) => {
    expect(() => new RestCatalog({ uri, warehouse: 'w', token: bad })).toThrow(
      expect.objectContaining({ code: 'not_configured' }),
    )
  })
})

describe('an answer to a commit', () => {
  test.each<[string, () => Response, object]>([
    ['409', () => json(problem('CommitFailedException'), 409), { name: 'CommitConflict', retryAfterMs: 0 }],
    ['400 of a lost race', () => json(problem('ConcurrentUpdateError'), 400), { name: 'CommitConflict' }],
    [
      '429 with patience',
      () => json({}, 429, { 'retry-after': '7' }),
      { name: 'CommitConflict', retryAfterMs: 7_000 },
    ],
    ['429 without', () => json({}, 429), { name: 'CommitConflict', retryAfterMs: 60_000 }],
    ['400', () => json(problem('BadRequestException'), 400), { name: 'CatalogRefusal', status: 400 }],
    ['404', () => json(problem('NoSuchTableException'), 404), { name: 'CatalogRefusal', status: 404 }],
    [
      'a redirect',
      () => json({}, 302, { location: 'https://elsewhere' }),
      { name: 'CatalogRefusal', status: 302 },
    ],
    [
      '401 in plain text',
      () => new Response('Invalid token', { status: 401 }),
      { name: 'CatalogRefusal', status: 401 },
    ],
    ['403 in plain text', () => new Response('no', { status: 403 }), { name: 'CatalogRefusal', status: 403 }],
    [
      '501',
      () => json(problem('UnsupportedOperationException'), 501),
      { name: 'CatalogRefusal', status: 501 },
    ],
    ['500', () => json(problem('InternalServerError'), 500), { name: 'CommitUnknown' }],
    ['502 in plain text', () => new Response('bad gateway', { status: 502 }), { name: 'CommitUnknown' }],
    ['503', () => json({}, 503), { name: 'CommitUnknown' }],
    ['504', () => json({}, 504), { name: 'CommitUnknown' }],
    ['200 that is cut off', () => new Response('{"metadata": {', { status: 200 }), { name: 'CommitUnknown' }],
    [
      '200 that is no table',
      () => json({ 'metadata-location': 'x', metadata: {} }),
      { name: 'CommitUnknown' },
    ],
  ])('%s means what it says (H2)', async (_, answer, expected) => {
    await expect(answered(answer).commit(table, nothing)).rejects.toMatchObject(expected)
  })

  test('that does not come, or breaks off, leaves the commit unknown', async () => {
    for (const answer of [broken, failed]) {
      await expect(answered(answer).commit(table, nothing)).rejects.toMatchObject({ name: 'CommitUnknown' })
      await expect(answered(answer).create(table, definition)).rejects.toMatchObject({
        name: 'CommitUnknown',
      })
    }
  })

  test('that does not come in time leaves the commit unknown', async () => {
    const waiting = new RestCatalog({
      uri,
      warehouse: 'w',
      token,
      timeoutMs: 5,
      fetch: (request) =>
        request.url.includes('/v1/config')
          ? Promise.resolve(json({}))
          : new Promise((_, reject) => {
              request.signal.addEventListener('abort', () => reject(request.signal.reason as Error))
            }),
    })
    await expect(waiting.commit(table, nothing)).rejects.toMatchObject({
      name: 'CommitUnknown',
      cause: { name: 'TimeoutError' },
    })
  })
})

describe('an answer to a read', () => {
  test.each<[string, () => Response]>([
    ['500', () => json({}, 500)],
    ['what is not JSON', () => new Response('<html>')],
  ])('of %s may be asked for again: it is neither unknown nor a refusal', async (_, answer) => {
    await expect(answered(answer).load(table)).rejects.toMatchObject({
      name: 'WorkflowError',
      code: 'internal',
    })
  })

  test('of a table that cannot be written on says which', async () => {
    const later = json({ 'metadata-location': 'x', metadata: { 'format-version': 3 } })
    await expect(answered(() => later).load(table)).rejects.toMatchObject({ subject: 'durable.history' })
  })
})

test('no error has the token in it (H1)', async () => {
  const echo = (status: number) => answered(() => new Response(`Bearer ${token} is bad`, { status }))
  for (const status of [400, 401, 403, 404, 409, 429, 500]) {
    const error: unknown = await echo(status)
      .commit(table, nothing)
      .catch((thrown: unknown) => thrown)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(token)
    expect((error as Error).message).toContain(status === 404 ? '404' : '***')
  }
  expect(inspect(client, { depth: 9, showHidden: true })).not.toContain(token)
  await expect(echo(403).load(table)).rejects.toThrow('check that the catalog token')
})

function clientOf(answer: (request: Request) => Response | Promise<Response>): RestCatalog {
  return new RestCatalog({
    uri: `${uri}/`,
    warehouse: 'account_bucket',
    token,
    fetch: async (request) => await answer(request),
  })
}

/** A client of a catalog that answers so, once it was configured. */
function answered(answer: () => Response): RestCatalog {
  return clientOf((request) => (request.url.includes('/v1/config') ? json({}) : answer()))
}

function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(printJson(value), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  })
}

function problem(type: string): object {
  return { error: { message: 'said', type, code: 0 } }
}

function broken(): Response {
  return new Response(new ReadableStream({ start: (stream) => stream.error(new Error('reset')) }))
}

function failed(): Response {
  throw new TypeError('Network connection lost')
}
