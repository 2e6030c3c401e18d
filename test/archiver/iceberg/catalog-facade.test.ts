import { describe, expect, test } from 'vitest'
import { facade } from '../../../archiver/iceberg/facade.ts'
import { ApiTokens } from '../../../shared/auth.ts'
import { ask, creation, fileConfig, get, post, problem, quiet, token } from './catalog-requests.ts'
import { appended, definition, foreignId } from './metadata-samples.ts'

describe('the protocol', () => {
  test('lists, creates and finds namespaces', async () => {
    expect(await get('/v1/namespaces/made')).toMatchObject(problem(404, 'NoSuchNamespaceException'))
    const made = { namespace: ['made'], properties: { owner: 'me' } }
    expect(await post('/v1/namespaces', made)).toEqual({ status: 200, body: made })
    expect(await post('/v1/namespaces', made)).toMatchObject(problem(409, 'AlreadyExistsException'))
    expect(await post('/v1/namespaces', { namespace: ['made', 'below'] })).toMatchObject({ status: 200 })
    expect(await get('/v1/namespaces/made')).toEqual({ status: 200, body: made })
    expect((await get('/v1/namespaces')).body).toMatchObject({
      namespaces: expect.arrayContaining([['made']]) as unknown,
    })
    expect((await get('/v1/namespaces?parent=made')).body).toEqual({ namespaces: [['made', 'below']] })
    expect(await get('/v1/namespaces?parent=none')).toMatchObject(problem(404, 'NoSuchNamespaceException'))
    expect(await ask('HEAD', '/v1/namespaces/made%1Fbelow')).toEqual({ status: 204, body: undefined })
    expect(await ask('HEAD', '/v1/namespaces/none')).toMatchObject({ status: 404 })
  })

  test('creates, lists, loads and commits tables, and says how to reach their files', async () => {
    const tables = '/v1/namespaces/durable/tables'
    expect(await post(tables, creation)).toMatchObject(problem(404, 'NoSuchNamespaceException'))
    await post('/v1/namespaces', { namespace: ['durable'] })
    expect(await get(`${tables}/history`)).toMatchObject(problem(404, 'NoSuchTableException'))
    const made = await post(tables, creation)
    expect(made).toMatchObject({
      status: 200,
      body: {
        config: fileConfig,
        metadata: {
          'current-snapshot-id': -1,
          schemas: [definition.schema],
          'partition-specs': [definition.spec],
          'sort-orders': [definition.order],
          properties: definition.properties,
        },
      },
    })
    expect(await get(`${tables}/history`)).toEqual(made)
    expect(await ask('HEAD', `${tables}/history`)).toEqual({ status: 204, body: undefined })
    expect(await post(tables, creation)).toMatchObject(problem(409, 'AlreadyExistsException'))
    expect((await get(tables)).body).toEqual({ identifiers: [{ namespace: ['durable'], name: 'history' }] })

    const { metadata } = made.body as { metadata: { 'last-updated-ms': number } }
    const committed = await post(`${tables}/history`, {
      requirements: [{ type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': null }],
      updates: snapshotAt(metadata['last-updated-ms']),
    })
    expect(committed).toMatchObject({ status: 200, body: { metadata: { 'current-snapshot-id': foreignId } } })
    const stale = { requirements: [{ type: 'assert-create' }], updates: [] }
    expect(await post(`${tables}/history`, stale)).toMatchObject(problem(409, 'CommitFailedException'))
  })

  test('gives fields ids of its own, nested ones last, and says so wherever they occur', async () => {
    await post('/v1/namespaces', { namespace: ['spark'] })
    const made = await post('/v1/namespaces/spark/tables', {
      name: 't',
      schema: {
        type: 'struct',
        'identifier-field-ids': [2],
        fields: [
          {
            id: 0,
            name: 'tags',
            required: false,
            type: { type: 'map', 'key-id': 3, key: 'string', 'value-id': 4, value: 'long' },
          },
          {
            id: 1,
            name: 'list',
            required: false,
            type: {
              type: 'list',
              'element-id': 5,
              element: { type: 'struct', fields: [{ id: 6, name: 'x', required: true, type: 'int' }] },
            },
          },
          { id: 2, name: 'at', required: true, type: 'timestamptz' },
        ],
      },
      'partition-spec': { fields: [{ 'source-id': 2, name: 'day', transform: 'day' }] },
    })
    expect(made).toMatchObject({
      status: 200,
      body: {
        metadata: {
          'last-column-id': 7,
          'default-sort-order-id': 0,
          schemas: [
            {
              'schema-id': 0,
              'identifier-field-ids': [3],
              fields: [
                { id: 1, type: { 'key-id': 4, 'value-id': 5 } },
                { id: 2, type: { 'element-id': 6, element: { fields: [{ id: 7 }] } } },
                { id: 3 },
              ],
            },
          ],
          'partition-specs': [{ 'spec-id': 0, fields: [{ 'source-id': 3, 'field-id': 1000 }] }],
        },
      },
    })
  })

  test('names the endpoints it has, and no other is there', async () => {
    const { body } = await get('/v1/config?warehouse=x')
    expect(body).toMatchObject({ overrides: {}, endpoints: expect.any(Array) as unknown })
    expect((body as { endpoints: string[] }).endpoints).toContain(
      'POST /v1/{prefix}/namespaces/{namespace}/tables/{table}',
    )
    expect(await get('/v1/views')).toMatchObject(problem(404, 'NoSuchEndpointException'))
  })
})

describe('a request', () => {
  test.each([{}, { authorization: '' }, { authorization: token }, { authorization: `Bearer ${token}x` }])(
    'without the token is refused: %j',
    async (headers) => {
      const answer = await facade(quiet).fetch(new Request('http://x/v1/config', { headers }))
      expect(answer.status).toBe(401)
      expect(await answer.json()).toMatchObject({ error: { type: 'NotAuthorizedException', code: 401 } })
    },
  )

  test.each([undefined, ''])('finds nothing where no token is configured: %j (F1)', async (none) => {
    const closed = facade({ ...quiet, tokens: new ApiTokens({ admin: none }) })
    for (const authorization of ['Bearer ', 'Bearer undefined', '']) {
      const answer = await closed.fetch(new Request('http://x/v1/config', { headers: { authorization } }))
      expect(answer.status).toBe(404)
    }
  })

  test('with a token that only reads changes nothing (F1)', async () => {
    const tokens = new ApiTokens({ admin: token, write: 'writes', read: 'reads' })
    const scoped = facade({ ...quiet, tokens })
    const asked = async (method: string, bearer: string): Promise<number> => {
      const headers = { authorization: `Bearer ${bearer}` }
      const body = method === 'POST' ? JSON.stringify({ namespace: [`scoped-${bearer}`] }) : null
      return (await scoped.fetch(new Request('http://x/v1/namespaces', { method, headers, body }))).status
    }
    expect([await asked('GET', 'reads'), await asked('HEAD', 'reads'), await asked('POST', 'reads')]).toEqual(
      [200, 200, 403],
    )
    expect(await get('/v1/namespaces/scoped-reads')).toMatchObject({ status: 404 })
    expect(await asked('POST', 'writes')).toBe(200)
  })

  test('below a base path is found there and only there', async () => {
    const below = facade({ ...quiet, basePath: '/iceberg' })
    const headers = { authorization: `Bearer ${token}` }
    expect((await below.fetch(new Request('http://x/iceberg/v1/config', { headers }))).status).toBe(200)
    expect((await below.fetch(new Request('http://x/v1/config', { headers }))).status).toBe(404)
  })
})

function snapshotAt(now: number): object[] {
  return appended(foreignId, 1).map((update) =>
    update.action === 'add-snapshot'
      ? { ...update, snapshot: { ...update.snapshot, 'timestamp-ms': now } }
      : update,
  )
}
