/** How a route is served: who may, what was asked for, what is answered. */
import type { Context } from 'hono'
import type { Hono } from 'hono/tiny'
import { includes } from '../../shared/auth.ts'
import { WorkflowError } from '../../shared/errors.ts'
import { checked, name, namespace } from '../shapes.ts'
import { problemResponse, refusal } from './problem.ts'
import type { HttpEnv, Route, RouteRequest } from './route.ts'

export const BASE = '/api/v1'

export function serveRoute(site: Hono<HttpEnv>, route: Route): void {
  const { method, path, root, scope } = route
  const pattern = path.replaceAll(/\{(\w+)\}/g, ':$1').replaceAll(/\{\+(\w+)\}/g, ':$1{.+}')
  site.on(method, root ? pattern : `${BASE}${pattern}`, async (c) => {
    const held = c.var.caller.scope
    if (!includes(held, scope))
      return problemResponse(refusal('forbidden', `this needs the scope ${scope}, and you have ${held}`))
    const reply = await route.serve(await requestOf(c, route))
    if (reply instanceof Response) return reply
    if (!reply.ok) return problemResponse(reply)
    if (route.answer === null || reply.value === undefined) return c.body(null, 204)
    return c.json(reply.value)
  })
}

type Checked = RouteRequest<Record<string, unknown>, Record<string, unknown>, unknown>

async function requestOf(c: Context<HttpEnv>, { params, query, body }: Route): Promise<Checked> {
  const { config } = c.var
  const { time, chance } = config.runtime
  const key = c.req.header('idempotency-key')
  const { namespace: _, ...queries } = c.req.queries()
  return {
    config,
    namespace: checked(namespace, c.req.query('namespace') ?? 'default', 'namespace'),
    key: key === undefined ? chance.newId(time.now()) : checked(name, key, 'idempotency-key'),
    params: params ? checked(params, c.req.param()) : {},
    query: query ? checked(query, valuesOf(queries)) : {},
    body: body && checked(body, await jsonOf(c), 'body'),
    c,
  }
}

/** One that is there several times is a list. */
function valuesOf(queries: Record<string, string[]>): Record<string, string | string[] | undefined> {
  const values = Object.entries(queries).map(([key, all]) => [key, all.length > 1 ? all : all[0]] as const)
  return Object.fromEntries(values)
}

/** Nothing is an empty object. */
async function jsonOf(c: Context<HttpEnv>): Promise<unknown> {
  const text = await c.req.text()
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch {
    throw new WorkflowError('invalid_argument', 'the body is no JSON', { path: 'body' })
  }
}
