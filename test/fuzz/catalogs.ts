/** Catalogs of Iceberg: metadata files, requests to the catalog that is served, answers of one that is asked. */
import { deepStrictEqual, throws } from 'node:assert/strict'
import * as fc from 'fast-check'
import { EmbeddedCatalog } from '../../archiver/iceberg/embedded.ts'
import { facade } from '../../archiver/iceberg/facade.ts'
import { onWire, parseJson, parseMetadata, printJson, printMetadata } from '../../archiver/iceberg/json.ts'
import { RestCatalog } from '../../archiver/iceberg/rest.ts'
import { newMetadata } from '../../archiver/iceberg/updates.ts'
import { workflowHistory } from '../../archiver/iceberg/tables.ts'
import { Warehouse } from '../../archiver/iceberg/warehouse.ts'
import { ApiTokens } from '../../shared/auth.ts'
import type { Json } from '../../shared/payload.ts'
import { MemoryBucket } from './bucket.ts'
import { hostileJson, hostileText } from './hostile.ts'
import { mutatedJson, mutatedText } from './mutated.ts'
import { awaitedVerdict, holds, target, verdictOf } from './target.ts'
import type { Target, Verdict } from './target.ts'

const root = 's3://perdure-archive'
const uuid = '6f6c8d2e-0000-4000-8000-000000000001'
const noon = Date.UTC(2026, 10, 24, 12)
const empty = newMetadata(workflowHistory, { uuid, location: `${root}/iceberg/durable/history`, now: noon })
const snapshot: Json = {
  'snapshot-id': 7,
  'sequence-number': 1,
  'timestamp-ms': noon,
  'manifest-list': `${root}/snap.avro`,
  summary: { operation: 'append', 'added-records': '5' },
  'schema-id': 0,
}
const metadata: Json = {
  ...(JSON.parse(printMetadata(empty)) as { [key: string]: Json }),
  'current-snapshot-id': 7,
  snapshots: [snapshot],
  refs: { main: { 'snapshot-id': 7, type: 'branch' }, old: { 'snapshot-id': 7, type: 'tag' } },
  'snapshot-log': [{ 'snapshot-id': 7, 'timestamp-ms': noon }],
  statistics: [{ 'snapshot-id': 7, 'statistics-path': 'x' }],
}
const metadataText = JSON.stringify(metadata)

function textOf(json: Json): string {
  try {
    return JSON.stringify(json)
  } catch {
    return '{"schemas":'.repeat(100_000) + '1' + '}'.repeat(100_000) // nested too deep for JSON.stringify
  }
}

/** With a number that a double does not hold. */
const longer = (text: string) => text.replace(/:7\b/g, ':7213948571203948571')

const metadataTexts = fc.oneof(
  mutatedJson(fc.constant(metadata)).map(textOf),
  mutatedJson(fc.constant(metadata)).map((json) => longer(textOf(json))),
  mutatedText(fc.constant(metadataText)),
  hostileText,
)

const creation: Json = {
  name: 'history',
  schema: workflowHistory.schema as unknown as Json,
  'partition-spec': workflowHistory.spec as unknown as Json,
  'write-order': workflowHistory.order as unknown as Json,
  properties: { a: 'b' },
}
const nested: Json = {
  type: 'struct',
  fields: [
    {
      id: 1,
      name: 'a',
      required: false,
      type: {
        type: 'list',
        'element-id': 2,
        'element-required': false,
        element: { type: 'map', 'key-id': 3, key: 'string', 'value-id': 4, value: 'long' },
      },
    },
  ],
}
const commit: Json = {
  requirements: [
    { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': null },
    { type: 'assert-current-schema-id', 'current-schema-id': 0 },
  ],
  updates: [
    { action: 'add-snapshot', snapshot },
    { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': 7 },
    { action: 'set-properties', updates: { c: 'd' } },
    { action: 'add-schema', schema: nested },
    { action: 'remove-snapshots', 'snapshot-ids': [6] },
    { action: 'add-spec', spec: workflowHistory.spec as unknown as Json },
  ],
}

const requests = fc.oneof(
  fc.tuple(
    fc.constant('/v1/namespaces'),
    mutatedJson(fc.constant<Json>({ namespace: ['a', 'b'], properties: { x: 'y' } })),
  ),
  fc.tuple(
    fc.constant('/v1/namespaces/durable/tables'),
    mutatedJson(fc.constantFrom<Json[]>(creation, { name: 'n', schema: nested })),
  ),
  fc.tuple(fc.constant('/v1/namespaces/durable/tables/history'), mutatedJson(fc.constant(commit))),
  fc.tuple(
    fc.constant('/v1/transactions/commit'),
    mutatedJson(
      fc.constant<Json>({
        'table-changes': [{ ...commit, identifier: { namespace: ['durable'], name: 'history' } }],
      }),
    ),
  ),
  fc.tuple(
    hostileText.map((text) => `/v1/namespaces/${encodeURIComponent(text.toWellFormed())}`),
    hostileJson,
  ),
  fc.tuple(mutatedText(fc.constant('/v1/namespaces/durable/tables/history')), hostileJson),
)

/** The table as another engine may have left it. */
const tables = mutatedJson(fc.constant(metadata))
  .map(textOf)
  .filter((text) => verdictOf(() => parseMetadata(text, 'x')) === 'accepted')

const tokens = new ApiTokens({ admin: 't' })

/** Served over a bucket of its own, with the table in it. */
async function served(table: string) {
  const bucket = new MemoryBucket()
  const catalog = new EmbeddedCatalog(new Warehouse(bucket.binding, root), { now: () => noon, log: () => {} })
  const thrown: string[] = []
  const server = facade({ catalog, tokens, log: (line) => thrown.push(line) })
  const folder = 'iceberg/durable/history/metadata'
  await bucket.put(`${folder}/version-hint.text`, '00000-x')
  await bucket.put(`${folder}/00000-x.metadata.json`, table)
  return { bucket, server, thrown, catalog }
}

async function asked([path, json]: readonly [string, Json], method: string, table: string): Promise<Verdict> {
  const { bucket, server, thrown, catalog } = await served(table)
  const before = bucket.fingerprint
  const body = longer(textOf(json))
  const url = new URL('http://x/')
  url.pathname = path.toWellFormed()
  const init = { method, headers: { authorization: 'Bearer t' }, ...(method === 'POST' && { body }) }
  const answer = await server.fetch(new Request(url, init))
  const text = await answer.text()
  holds(
    answer.status < 500 || answer.status === 501,
    `${answer.status}: ${thrown.join()} ${text.slice(0, 300)}`,
  )
  if (answer.status >= 400) {
    const { error } = parseJson(text) as { error?: { code?: unknown } }
    holds(error?.code === answer.status, 'every error is in the model of the protocol')
    holds(bucket.fingerprint === before, 'a refusal writes nothing')
    return 'refused'
  }
  const after = await catalog.load({ namespace: ['durable'], name: 'history' })
  deepStrictEqual(parseMetadata(printMetadata(after!.metadata), 'x'), after!.metadata)
  return 'accepted'
}

const answers = fc.oneof(
  mutatedJson(
    fc.constant<Json>({ 'metadata-location': `${root}/x.metadata.json`, metadata, config: {} }),
  ).map(textOf),
  mutatedJson(fc.constant<Json>({ error: { message: 'm', type: 'NoSuchTableException', code: 404 } })).map(
    textOf,
  ),
  mutatedText(fc.constant(metadataText)),
  hostileText,
)

export const catalogTargets: readonly Target[] = [
  target(
    { name: 'iceberg-json', weight: 40 },
    fc.oneof(hostileJson, mutatedJson(fc.constant(metadata))),
    (json) => {
      const text = longer(textOf(json))
      let beyond = false
      try {
        JSON.parse(
          text,
          (_key, value: unknown) => ((beyond ||= value === Infinity || value === -Infinity), value),
        )
      } catch {
        return 'refused'
      }
      if (beyond) {
        throws(() => parseJson(text), SyntaxError)
        return 'refused'
      }
      if (text.length > 10_000) return 'refused' // deep ones: who calls it answers for what it throws
      deepStrictEqual(parseJson(printJson(parseJson(text))), parseJson(text))
      return 'accepted'
    },
  ),
  target({ name: 'iceberg-metadata', weight: 50 }, metadataTexts, (text) =>
    verdictOf(() => {
      const read = parseMetadata(text, 'x.metadata.json')
      deepStrictEqual(parseMetadata(printMetadata(read), 'x'), read)
      printJson(onWire(read))
    }),
  ),
  target(
    { name: 'iceberg-rest-server', weight: 8 },
    fc.tuple(requests, fc.constantFrom('POST', 'POST', 'POST', 'GET'), tables),
    ([request, method, table]) => asked(request, method, table),
  ),
  target(
    { name: 'iceberg-rest-client', weight: 20 },
    fc.tuple(
      answers,
      fc.constantFrom(200, 200, 200, 204, 302, 400, 404, 409, 429, 500, 503),
      hostileText,
      fc.boolean(),
    ),
    ([text, status, retryAfter, changes]) => {
      const fetch = (request: Request) => {
        if (request.url.includes('/config')) return Promise.resolve(new Response('{}'))
        const headers = /^[ -~]*$/.test(retryAfter) ? { 'retry-after': retryAfter } : {}
        const body = status === 204 ? null : text
        return Promise.resolve(new Response(body, { status, headers }))
      }
      return awaitedVerdict(async () => {
        const catalog = new RestCatalog({
          uri: 'http://c',
          warehouse: 'w',
          token: 'secret-token',
          fetch,
          timeoutMs: 5_000,
        })
        const table = { namespace: ['durable'], name: 'history' }
        if (changes) await catalog.commit(table, { requirements: [], updates: [] })
        else await catalog.load(table)
      })
    },
  ),
  target(
    { name: 'iceberg-rest-config', weight: 20 },
    fc.oneof(mutatedJson(fc.constant<Json>({ defaults: { prefix: 'a/b' }, overrides: {} })), hostileJson),
    (json) => {
      const fetch = (request: Request) =>
        Promise.resolve(
          request.url.includes('/config') ? new Response(textOf(json)) : new Response('', { status: 404 }),
        )
      return awaitedVerdict(async () => {
        const catalog = new RestCatalog({
          uri: 'http://c',
          warehouse: 'w',
          token: 't',
          fetch,
          timeoutMs: 5_000,
        })
        await catalog.load({ namespace: ['durable'], name: 'history' })
      })
    },
  ),
]
