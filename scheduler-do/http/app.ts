/**
 * The HTTP API of the scheduler Worker: values in JSON, refusals as problems (RFC 9457).
 *
 * A1 Who shows no token that is known, nor one of Cloudflare Access, is told that, and nothing else, whatever they asked for.
 * A2 A request is checked whole before anything is done.
 * A3 Every route says which scope it needs. What a browser sends for a person whom Access knows comes from our own pages,
 *    or from those of an origin that is listed.
 * A4 Of our own defects the caller learns no more than that there is one; the log has it.
 */
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { getCookie } from 'hono/cookie'
import { cors } from 'hono/cors'
import { csrf } from 'hono/csrf'
import { HTTPException } from 'hono/http-exception'
import { Hono } from 'hono/tiny'
import { guard } from '../../shared/guard.ts'
import { MAX_PAYLOAD_BYTES } from '../../shared/reference.ts'
import { log } from '../log.ts'
import { refusalOf } from '../refuse.ts'
import { serveRoute } from './answer.ts'
import { openApiDocument } from './openapi.ts'
import { problemResponse, refusal, refusalOfThrown } from './problem.ts'
import { referencePage } from './reference.ts'
import type { HttpEnv } from './route.ts'
import { routes } from './routes.ts'

/** All that the Worker serves: `site.fetch(request, { configured })` */
export const site = new Hono<HttpEnv>()

site.onError((error) => {
  if (error instanceof HTTPException) return problemResponse(refusal('forbidden', FROM_ELSEWHERE))
  return problemResponse(refusalOfThrown(error))
})
site.notFound((c) => c.json({ service: 'perdure-scheduler' }))
// What is set outside of the guard stays: the page has its own style, and nothing else.
site.use('/reference', async (c, next) => {
  await next()
  c.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
})
site.use(guard)
site.use(async (c, next) => {
  try {
    c.set('config', c.env.configured())
  } catch (error) {
    const refused = refusalOf(error)
    log(refused.code, { error: refused.message })
    return problemResponse(refused, 500)
  }
  return await next()
})
// What is for the archiver is passed on to it: in dev it has no address of its own.
site.on('ALL', ['/iceberg/*', '/archive/*'], async (c, next) => {
  const answered = await c.var.config.archive?.fetch(c.req.raw)
  return answered ? new Response(answered.body, answered) : await next()
})

site.get('/openapi.json', (c) => c.json(openApiDocument()))
site.get('/reference', (c) => c.html(referencePage(openApiDocument())))

const FROM_ELSEWHERE = "a browser sent this from another origin's page"

/** Pages of other origins may ask with a token or, where Access knows the person at the browser, as that person. */
const crossOrigin = cors({
  origin: (origin) => origin, // one of those listed
  credentials: true,
  allowMethods: ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'],
  allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'last-event-id'],
  exposeHeaders: ['retry-after'],
  maxAge: 600,
})

/** A browser shows what Access knows its person by to us whichever page sends it here. */
const fromOwnPages = csrf({
  origin: (origin, c: Context<HttpEnv>) =>
    origin === new URL(c.req.url).origin || c.var.config.auth.origins.includes(origin),
})

const OFF = 'the HTTP API is off: give the scheduler the secret API_TOKEN'
const NOBODY = 'a bearer token is required, and it must be the right one'

for (const guarded of ['/api/*', '/metrics']) {
  // A browser asks first, with no credentials, whether a page may send its request.
  site.use(guarded, async (c, next) => {
    const { origins } = c.var.config.auth
    return origins.includes(c.req.header('origin') ?? '') ? await crossOrigin(c, next) : await next()
  })
  site.use(guarded, async (c, next) => {
    const { auth } = c.var.config
    if (!auth.configured) return problemResponse(refusal('not_configured', OFF), 404)
    const caller = await auth.callerOf({
      authorization: c.req.header('authorization'),
      assertion: c.req.header('cf-access-jwt-assertion') ?? getCookie(c, 'CF_Authorization'),
    })
    if (!caller) {
      const told = problemResponse(refusal('unauthorized', NOBODY))
      told.headers.set('www-authenticate', 'Bearer')
      return told
    }
    c.set('caller', caller)
    return caller.by === 'access' ? await fromOwnPages(c, next) : await next()
  })
}
site.use(
  '/api/*',
  bodyLimit({
    maxSize: MAX_PAYLOAD_BYTES,
    onError: () => problemResponse(refusal('payload_too_large', 'a body may have 32 MiB')),
  }),
)

for (const route of routes) serveRoute(site, route)

site.all('/api/*', (c) =>
  problemResponse(refusal('invalid_argument', `there is no ${c.req.method} ${c.req.path}`), 404),
)
