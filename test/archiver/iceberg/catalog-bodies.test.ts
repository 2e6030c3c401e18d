import { describe, expect, test } from 'vitest'
import { EmbeddedCatalog } from '../../../archiver/iceberg/embedded.ts'
import { facade } from '../../../archiver/iceberg/facade.ts'
import { printJson } from '../../../archiver/iceberg/json.ts'
import { Warehouse } from '../../../archiver/iceberg/warehouse.ts'
import { bucket } from '../buckets.ts'
import { bucketWithPut } from './catalog-puts.ts'
import { ask, catalog, creation, post, problem, quiet, token } from './catalog-requests.ts'
import { definition } from './metadata-samples.ts'

const property = { action: 'set-properties', updates: { a: '1' } }

describe('a body', () => {
  test.each<[string, string, string]>([
    ['that is not JSON', '{"updates": [', 'not JSON'],
    ['nested beyond reason', '['.repeat(50_000), 'not JSON'],
    ['nested beyond reason, but whole', '['.repeat(40_000) + ']'.repeat(40_000), ''],
    ['that is a list', '[]', 'expected object'],
    ['without updates', '{}', 'updates'],
    [
      'with an unknown update',
      printJson(commit({ updates: [property, { action: 'set-statistics' }] })),
      'updates.1.action',
    ],
    [
      'with an unknown requirement',
      printJson(commit({ requirements: [{ type: 'assert-moon' }], updates: [property] })),
      'requirements.0.type',
    ],
    [
      'with a property that is no text',
      printJson(commit({ updates: [{ ...property, updates: { a: 1 } }] })),
      'updates.0.updates.a',
    ],
    [
      'with a snapshot id that is a fraction',
      printJson(commit({ updates: [{ action: 'remove-snapshots', 'snapshot-ids': [1.5] }] })),
      'snapshot-ids.0',
    ],
    [
      'whose second update cannot be',
      printJson(commit({ updates: [property, { action: 'set-current-schema', 'schema-id': 7 }] })),
      'there is no schema 7',
    ],
  ])('%s is refused, and nothing is written (F2)', async (_, body, message) => {
    await catalog.load({ namespace: ['bodies'], name: 't' }).then(async (table) => {
      if (table === null) await catalog.create({ namespace: ['bodies'], name: 't' }, definition)
    })
    const before = await keys('facade/bodies/')
    const answer = await ask('POST', '/v1/namespaces/bodies/tables/t', body)
    expect(answer).toMatchObject(problem(400, 'BadRequestException'))
    expect((answer.body as { error: { message: string } }).error.message).toContain(message)
    expect(await keys('facade/bodies/')).toEqual(before)
  })

  test.each<[string, object, number]>([
    ['staged', { 'stage-create': true }, 501],
    ['somewhere else', { location: 's3://elsewhere/t' }, 400],
    ['of another format', { properties: { 'format-version': '3' } }, 400],
    ['under a name that is a path', { name: '../t' }, 400],
    ['without columns', { schema: { type: 'struct' } }, 400],
  ])('that asks for a table %s is refused, and nothing is written', async (_, change, status) => {
    await catalog.createNamespace(['refused'], {})
    const answer = await post('/v1/namespaces/refused/tables', { ...creation, ...change })
    expect(answer).toMatchObject({ status, body: { error: { code: status } } })
    expect(await keys('facade/refused/')).toEqual(['facade/refused/namespace.json'])
  })

  test('with a field id twice is refused by the number the client gave it', async () => {
    const fields = ['a', 'b'].map((name) => ({ id: 9, name, required: true, type: 'long' }))
    await catalog.createNamespace(['repeated'], {})
    const answer = await post('/v1/namespaces/repeated/tables', { name: 't', schema: { fields } })
    expect(answer).toMatchObject({ status: 400, body: { error: { message: 'field id 9 occurs twice' } } })
  })

  test('that is too large is refused', async () => {
    const large = { namespace: ['large'], properties: { a: 'x'.repeat(100_000) } }
    expect(await post('/v1/namespaces', large)).toMatchObject(problem(413, 'RequestTooLargeException'))
    expect(await catalog.namespace(['large'])).toBeNull()
  })

  test('of a transaction changes one table', async () => {
    const identifier = { namespace: ['transacted'], name: 't' }
    await catalog.create(identifier, definition)
    const change = { identifier, ...commit({ updates: [property] }) }
    expect(await transact(change, change)).toMatchObject(problem(501, 'UnsupportedOperationException'))
    expect(await transact()).toMatchObject(problem(400, 'BadRequestException'))
    expect((await catalog.load(identifier))!.metadata.properties).not.toHaveProperty('a')
    expect(await transact(change)).toEqual({ status: 204, body: undefined })
    expect((await catalog.load(identifier))!.metadata.properties).toMatchObject({ a: '1' })
  })
})

describe('an error', () => {
  test('of which nobody knows whether it happened is said to be so; the client learns nothing of our own', async () => {
    const logged: string[] = []
    const broken = bucketWithPut('version-hint.text', () =>
      Promise.reject(new Error('disk of host 17 is full')),
    )
    const failing = facade({
      ...quiet,
      catalog: new EmbeddedCatalog(new Warehouse(broken, 's3://perdure-archive'), { prefix: 'facade' }),
      log: (line) => logged.push(line),
    })
    const headers = { authorization: `Bearer ${token}` }
    await catalog.createNamespace(['failing'], {})
    const body = printJson(creation)
    const request = new Request('http://x/v1/namespaces/failing/tables', { method: 'POST', headers, body })
    const unknown = await failing.fetch(request)
    expect(unknown.status).toBe(500)
    expect(await unknown.json()).toMatchObject({ error: { type: 'CommitStateUnknownException' } })

    await bucket.put('facade/failing/t/metadata/version-hint.text', '00001-gone')
    const defect = await failing.fetch(new Request('http://x/v1/namespaces/failing/tables/t', { headers }))
    expect(defect.status).toBe(500)
    expect(await defect.text()).not.toContain('gone')
    expect(logged).toHaveLength(2)
    expect(logged[1]).toContain('00001-gone')
  })
})

function commit(body: object): object {
  return { requirements: [], updates: [], ...body }
}

function transact(...changes: object[]): ReturnType<typeof post> {
  return post('/v1/transactions/commit', { 'table-changes': changes })
}

async function keys(prefix: string): Promise<string[]> {
  return (await bucket.list({ prefix })).objects.map(({ key }) => key)
}
