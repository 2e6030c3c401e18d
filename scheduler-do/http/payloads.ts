/** The bytes of payloads above 128 KiB, by the keys of their objects. */
import * as z from 'zod/mini'
import { invalid } from '../../shared/names.ts'
import { readStored, storeObject } from '../objects.ts'
import { said } from '../shapes.ts'
import { problemResponse, refusal } from './problem.ts'
import { route } from './route.ts'

const BYTES = 'application/octet-stream'
const params = z.object({
  key: said(z.string(), {
    description: 'payload/<namespace>/<shard>/<run id>/<sha256>',
    pattern: '^payload/[^/]+/\\d+/[0-9A-HJKMNP-TV-Z]{26}/[0-9a-f]{64}$',
  }),
})
const bytes = said(z.custom<Uint8Array>(), { type: 'string', format: 'binary' })

export const payloadRoutes = [
  route({
    method: 'put',
    path: '/payloads/{+key}',
    scope: 'write',
    id: 'storePayload',
    summary: 'Store the bytes of a payload',
    description:
      'Once more makes no difference. Bytes that have another hash or length than the key and the header Content-Length say are refused.',
    params,
    upload: BYTES,
    answer: null,
    serve: async ({ config, params: { key }, c }) => {
      const length = c.req.header('content-length')
      const size = Number(length ?? NaN)
      if (!Number.isSafeInteger(size)) throw invalid('content-length', 'the size of the payload', length)
      return await storeObject(
        config.bucket,
        { $type: 'ref', key, size },
        c.req.raw.body ?? new Blob([]).stream(),
      )
    },
  }),
  route({
    method: 'get',
    path: '/payloads/{+key}',
    scope: 'read',
    id: 'readPayload',
    summary: 'Read the bytes of a payload',
    params,
    answer: bytes,
    media: BYTES,
    serve: async ({ config, params: { key } }) => {
      const content = await readStored(config.bucket, key)
      if (content) return new Response(content, { headers: { 'content-type': BYTES } })
      return problemResponse(refusal('invalid_argument', 'there is no such object'), 404)
    },
  }),
]
