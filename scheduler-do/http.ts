/**
 * The HTTP API of the scheduler Worker: JSON in, a reply out (`{ ok: true, value }` or `{ ok: false, code, message }`).
 *
 * A1 Without a token nothing is served; it is compared in constant time, and a refusal tells nothing else.
 * A2 A body is checked whole before anything is done.
 * A3 Of our own defects the caller learns no more than that there is one; the log has it.
 */
import { Hono } from 'hono'
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { WorkflowError } from '../shared/errors.ts'
import { invalid } from '../shared/names.ts'
import type { Refusal, Reply, ShardAddress } from '../shared/protocol.ts'
import { shardName } from '../shared/protocol.ts'
import { MAX_PAYLOAD_BYTES } from '../shared/reference.ts'
import { bearsToken } from '../shared/token.ts'
import type { SchedulerConfig } from './config.ts'
import { errorFacts, log } from './log.ts'
import { readStored, storeObject } from './objects.ts'
import { pollTasks } from './polling.ts'
import { refusalOf } from './refuse.ts'
import { checked, pollBody, renewBody, settleBody } from './wire.ts'
import type { Shape } from './wire.ts'

interface HttpEnv {
  Bindings: SchedulerConfig
}

/** `httpApi.fetch(request, config)` */
export const httpApi = new Hono<HttpEnv>().basePath('/api')

httpApi.onError((error, c) => {
  if (error instanceof WorkflowError) return answer(c, refusalOf(error))
  log('http_failed', { path: c.req.path, ...errorFacts(error) })
  return answer(c, refusal('internal', 'an internal error, which the log of the Worker has'))
})
httpApi.notFound((c) => c.json(refusal('invalid_argument', `there is no ${c.req.method} ${c.req.path}`), 404))
httpApi.use(async (c, next) => {
  const token = c.env.apiToken
  if (token === undefined)
    return answer(
      c,
      refusal('not_configured', 'the HTTP API is off: give the scheduler the secret API_TOKEN'),
      404,
    )
  if (await bearsToken(c.req.header('authorization'), token)) return await next()
  c.header('www-authenticate', 'Bearer')
  return answer(c, refusal('unauthorized', 'a bearer token is required, and it must be the right one'))
})
httpApi.use(
  bodyLimit({
    maxSize: MAX_PAYLOAD_BYTES,
    onError: (c) => answer(c, refusal('payload_too_large', 'a body may have 32 MiB')),
  }),
)

httpApi.post('/task-queues/:name/poll', async (c) => {
  const asked = await bodyOf(c, pollBody)
  return answer(c, await pollTasks(c.env, c.req.param('name'), asked))
})
httpApi.post('/task-queues/:name/renew', async (c) => {
  const request = await bodyOf(c, renewBody)
  return answer(c, await shardOf(c, request).renew(request))
})
httpApi.post('/task-queues/:name/settle', async (c) => {
  const request = await bodyOf(c, settleBody)
  return answer(c, await shardOf(c, request).settle(request))
})

const OBJECTS = '/payloads/*'
/** Bytes of a payload, by the key of its object; once more makes no difference. */
httpApi.put(OBJECTS, async (c) => {
  const size = Number(c.req.header('content-length'))
  if (!Number.isSafeInteger(size))
    throw invalid('content-length', 'the size of the payload', c.req.header('content-length'))
  const content = c.req.raw.body ?? new Blob([]).stream()
  return answer(c, await storeObject(c.env.bucket, { $type: 'ref', key: objectKey(c), size }, content))
})
httpApi.get(OBJECTS, async (c) => {
  const content = await readStored(c.env.bucket, objectKey(c))
  return content ? c.body(content) : answer(c, refusal('invalid_argument', 'there is no such object'), 404)
})

/** Whose codes are no fault of the request: everything else that is refused is answered 409. */
const STATUSES: Readonly<Record<string, ContentfulStatusCode>> = {
  unauthorized: 401,
  invalid_argument: 400,
  unknown_task_queue: 404,
  not_configured: 503,
  payload_too_large: 413,
  overloaded: 503,
  internal: 500,
}

function answer(c: Context<HttpEnv>, reply: Reply<unknown>, status?: ContentfulStatusCode): Response {
  return c.json(reply, status ?? (reply.ok ? 200 : (STATUSES[reply.code] ?? 409)))
}

function refusal(code: Refusal['code'], message: string): Refusal {
  return { ok: false, code, message }
}

async function bodyOf<T>(c: Context<HttpEnv>, shape: Shape<T>): Promise<T> {
  const body: unknown = await c.req.json().catch(() => {
    throw new WorkflowError('invalid_argument', 'the body is no JSON', { path: 'body' })
  })
  return checked(shape, body)
}

function shardOf(c: Context<HttpEnv>, { to }: { to: ShardAddress }) {
  return c.env.shard(shardName(to.namespace, to.shard))
}

function objectKey(c: Context<HttpEnv>): string {
  const key = c.req.path.replace(/^.*?\/payloads\//, '')
  try {
    return decodeURIComponent(key)
  } catch {
    throw invalid('key', 'the key of a payload', key) // a % that begins no byte
  }
}
