/**
 * The HTTP API of the scheduler Worker: JSON in, a reply out (`{ ok: true, value }` or `{ ok: false, code, message }`).
 *
 * A1 Who shows no token that is known, nor one of Cloudflare Access, is told that, and nothing else, whatever they asked for.
 * A2 A body is checked whole before anything is done.
 * A3 Every route says which scope it needs. What a browser sends for a person whom Access knows comes from our own pages,
 *    or from those of an origin that is listed.
 * A4 Of our own defects the caller learns no more than that there is one; the log has it.
 */
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { getCookie } from 'hono/cookie'
import { cors } from 'hono/cors'
import { csrf } from 'hono/csrf'
import { HTTPException } from 'hono/http-exception'
import { Hono } from 'hono/tiny'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { includes } from '../shared/auth.ts'
import type { Scope } from '../shared/auth.ts'
import { WorkflowError } from '../shared/errors.ts'
import { guard } from '../shared/guard.ts'
import { invalid } from '../shared/names.ts'
import type { Refusal, Reply, ShardAddress } from '../shared/protocol.ts'
import { shardName } from '../shared/protocol.ts'
import { MAX_PAYLOAD_BYTES } from '../shared/reference.ts'
import type { Caller } from './auth.ts'
import type { SchedulerConfig } from './config.ts'
import { errorFacts, log } from './log.ts'
import { askedHealth, healthBody } from './health/asked.ts'
import { readStored, storeObject } from './objects.ts'
import { pollTasks } from './polling.ts'
import { refusalOf } from './refuse.ts'
import { checked } from './shapes.ts'
import type { Shape } from './shapes.ts'
import * as wire from './wire.ts'

interface HttpEnv {
  Bindings: { configured: () => SchedulerConfig }
  Variables: { config: SchedulerConfig; caller: Caller }
}

/** All that the Worker serves: `site.fetch(request, { configured })` */
export const site = new Hono<HttpEnv>()

site.onError((error, c) => {
  if (error instanceof HTTPException) return answer(c, refusal('forbidden', FROM_ELSEWHERE))
  if (error instanceof WorkflowError) return answer(c, refusalOf(error))
  log('http_failed', { path: c.req.path, ...errorFacts(error) })
  return answer(c, refusal('internal', 'an internal error, which the log of the Worker has'))
})
site.notFound((c) => c.json({ service: 'perdure-scheduler' }))
site.use(guard)
site.use(async (c, next) => {
  try {
    c.set('config', c.env.configured())
  } catch (error) {
    const { code, message } = refusalOf(error)
    log(code, { error: message })
    return c.json({ code, message }, 500)
  }
  return await next()
})
// What is for the archiver is passed on to it: in dev it has no address of its own.
site.on('ALL', ['/iceberg/*', '/archive/*'], async (c, next) => {
  const answered = await c.var.config.archive?.fetch(c.req.raw)
  return answered ? new Response(answered.body, answered) : await next()
})

// A browser asks first, with no credentials, whether a page may send its request.
site.use('/api/*', async (c, next) => {
  const { origins } = c.var.config.auth
  return origins.includes(c.req.header('origin') ?? '') ? await crossOrigin(c, next) : await next()
})
site.use('/api/*', async (c, next) => {
  const { auth } = c.var.config
  if (!auth.configured) return answer(c, refusal('not_configured', OFF), 404)
  const caller = await auth.callerOf({
    authorization: c.req.header('authorization'),
    assertion: c.req.header('cf-access-jwt-assertion') ?? getCookie(c, 'CF_Authorization'),
  })
  if (!caller) {
    c.header('www-authenticate', 'Bearer')
    return answer(c, refusal('unauthorized', 'a bearer token is required, and it must be the right one'))
  }
  c.set('caller', caller)
  return caller.by === 'access' ? await fromOwnPages(c, next) : await next()
})
site.use(
  '/api/*',
  bodyLimit({
    maxSize: MAX_PAYLOAD_BYTES,
    onError: (c) => answer(c, refusal('payload_too_large', 'a body may have 32 MiB')),
  }),
)

site.post('/api/task-queues/:name/poll', needs('write'), async (c) => {
  const asked = await bodyOf(c, wire.poll)
  return answer(c, await pollTasks(c.var.config, c.req.param('name'), asked))
})
site.post('/api/task-queues/:name/renew', needs('write'), async (c) => {
  const request = await bodyOf(c, wire.renew)
  return answer(c, await shardOf(c, request).renew(request))
})
site.post('/api/task-queues/:name/settle', needs('write'), async (c) => {
  const request = await bodyOf(c, wire.settle)
  return answer(c, await shardOf(c, request).settle(request))
})
site.post('/api/health', needs('admin'), async (c) =>
  answer(c, await askedHealth(c.var.config, await bodyOf(c, healthBody))),
)

const OBJECTS = '/api/payloads/*'
/** Bytes of a payload, by the key of its object; once more makes no difference. */
site.put(OBJECTS, needs('write'), async (c) => {
  const size = Number(c.req.header('content-length'))
  if (!Number.isSafeInteger(size))
    throw invalid('content-length', 'the size of the payload', c.req.header('content-length'))
  const content = c.req.raw.body ?? new Blob([]).stream()
  return answer(c, await storeObject(c.var.config.bucket, { $type: 'ref', key: objectKey(c), size }, content))
})
site.get(OBJECTS, needs('read'), async (c) => {
  const content = await readStored(c.var.config.bucket, objectKey(c))
  return content ? c.body(content) : answer(c, refusal('invalid_argument', 'there is no such object'), 404)
})

site.all('/api/*', (c) =>
  c.json(refusal('invalid_argument', `there is no ${c.req.method} ${c.req.path}`), 404),
)

const OFF = 'the HTTP API is off: give the scheduler the secret API_TOKEN'
const FROM_ELSEWHERE = "a browser sent this from another origin's page"

/** Pages of other origins may ask with a token or, where Access knows the person at the browser, as that person. */
const crossOrigin = cors({
  origin: (origin) => origin, // one of those listed
  credentials: true,
  allowMethods: ['GET', 'PUT', 'POST', 'DELETE'],
  allowHeaders: ['authorization', 'content-type'],
  maxAge: 600,
})

/** A browser shows what Access knows its person by to us whichever page sends it here. */
const fromOwnPages = csrf({
  origin: (origin, c: Context<HttpEnv>) =>
    origin === new URL(c.req.url).origin || c.var.config.auth.origins.includes(origin),
})

function needs(scope: Scope): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (includes(c.var.caller.scope, scope)) return await next()
    return answer(
      c,
      refusal('forbidden', `this needs the scope ${scope}, and you have ${c.var.caller.scope}`),
    )
  }
}

/** Whose codes are no fault of the request: everything else that is refused is answered 409. */
const STATUSES: Readonly<Record<string, ContentfulStatusCode>> = {
  unauthorized: 401,
  forbidden: 403,
  invalid_argument: 400,
  unknown_task_queue: 404,
  not_configured: 503,
  payload_too_large: 413,
  overloaded: 503,
  internal: 500,
}

function answer(c: Context<HttpEnv>, reply: Reply<unknown>, status?: ContentfulStatusCode): Response {
  if (reply.ok) return c.json(reply, status ?? 200)
  const afterMs = reply.facts?.['retryAfterMs']
  if (typeof afterMs === 'number') c.header('retry-after', `${Math.ceil(afterMs / 1_000)}`)
  // Its stack and its cause are of our code, and in the log.
  const { error: _, ...told } = reply
  return c.json(told, status ?? STATUSES[reply.code] ?? 409)
}

function refusal(code: Refusal['code'], message: string): Refusal {
  return { ok: false, code, message }
}

async function bodyOf<T>(c: Context<HttpEnv>, shape: Shape<T>): Promise<T> {
  const body: unknown = await c.req.json().catch(() => {
    throw new WorkflowError('invalid_argument', 'the body is no JSON', { path: 'body' })
  })
  return checked(shape, body, 'body')
}

function shardOf(c: Context<HttpEnv>, { to }: { to: ShardAddress }) {
  return c.var.config.shard(shardName(to.namespace, to.shard))
}

function objectKey(c: Context<HttpEnv>): string {
  const encoded = c.req.path.slice(OBJECTS.length - 1)
  try {
    return decodeURIComponent(encoded)
  } catch {
    throw invalid('key', 'the key of a payload', encoded) // it throws for a percent sign that begins nothing
  }
}
