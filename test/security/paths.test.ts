/** Keys of objects as outsiders may write them: a payload's own key, or nothing. */
import { beforeAll, describe, expect, test } from 'vitest'
import { parsePayloadKey } from '../../shared/reference.ts'
import type { Bucket } from '../../shared/bucket.ts'
import { served } from './served.ts'
import type { Served } from './served.ts'

const RUN = '01ARZ3NDEKTSV4RRFFQ69G5FAV'
const HASH = 'a'.repeat(64)
const OWN = `payload/default/0/${RUN}/${HASH}`
const authorization = 'Bearer right-token'

let engine: Served
const asked: string[] = []
beforeAll(async () => {
  engine = await served({ env: { API_TOKEN: 'right-token', ARCHIVE: watched } })
})

/** A bucket in which everything exists. */
const watched: Bucket = {
  get: (key) => {
    asked.push(key)
    const content = new Blob(['secret'])
    return Promise.resolve({
      size: content.size,
      body: content.stream(),
      arrayBuffer: () => content.arrayBuffer(),
    })
  },
  put: (key) => {
    asked.push(key)
    return Promise.resolve()
  },
  head: () => Promise.resolve(null),
}

const FOREIGN = [
  'archive/default/0/batch-1.parquet',
  '../archive/secret',
  `payload/default/0/../../../archive/secret`,
  `${OWN}/../../secret`,
  `${OWN}/`,
  `/${OWN}`,
  `%2e%2e/archive/secret`,
  `payload%2Fdefault%2F0%2F..%2F..%2Farchive`,
  `payload/default/0/${RUN}/${HASH}%00`,
  `payload/default/0/${RUN}/${HASH}%0a`,
  `payload/default/0/${RUN}/${HASH.toUpperCase()}`,
  `payload/default/-1/${RUN}/${HASH}`,
  `payload/default/0x0/${RUN}/${HASH}`,
  `payload/default/0/${RUN.slice(1)}/${HASH}`,
  `payload//0/${RUN}/${HASH}`,
  'x/'.repeat(4_000),
  '%E0%A4%A',
  '%',
  '',
]

describe.each(FOREIGN)('the key %j', (key) => {
  test('is refused, to be read and to be written, and the bucket is not asked', async () => {
    asked.length = 0
    for (const init of [{}, { method: 'PUT', body: 'x' }]) {
      const answer = await engine.ask(`/api/v1/payloads/${key}`, {
        ...init,
        headers: { authorization, 'content-length': '1' },
      })
      expect([400, 404]).toContain(answer.status)
      expect(await answer.json()).toMatchObject({ code: 'invalid_argument' })
    }
    expect(asked).toEqual([])
  })
})

test("a payload's own key is read, however it is written", async () => {
  for (const key of [OWN, OWN.replaceAll('/', '%2F'), OWN.replace('default', '%64efault')]) {
    asked.length = 0
    expect((await engine.ask(`/api/v1/payloads/${key}`, { headers: { authorization } })).status).toBe(200)
    expect(asked).toEqual([OWN])
  }
})

test('a key that is decoded twice is not', async () => {
  asked.length = 0
  const answer = await engine.ask(`/api/v1/payloads/${OWN.replace('default', '%252e%252e')}`, {
    headers: { authorization },
  })
  expect([answer.status, asked]).toEqual([200, [`payload/%2e%2e/0/${RUN}/${HASH}`]]) // a namespace of that name
})

test('a key says no more than its four parts', () => {
  expect(parsePayloadKey(OWN)).toEqual({ namespace: 'default', shard: 0, runId: RUN, sha256: HASH })
  for (const key of [
    ...['\ud800', 'n'.repeat(201)].map((namespace) => OWN.replace('default', namespace)),
    `${OWN}\n`,
    `\n${OWN}`,
    `${OWN}\u0000`,
    OWN.replace('default', 'a/b'),
  ])
    expect(parsePayloadKey(key)).toBeNull()
})
