/** How a route is served: who may, what was asked for, what is answered. */
import type { Context } from 'hono'
import type { Hono } from 'hono/tiny'
import { includes } from '../../shared/auth.ts'
import type { Scope } from '../../shared/auth.ts'
import { WorkflowError } from '../../shared/errors.ts'
import type { Refusal } from '../../shared/protocol.ts'
import { checked, name, namespace } from '../shapes.ts'
import { problemResponse, refusal } from './problem.ts'
import type { HttpEnv, Route, RouteRequest } from './route.ts'

export const BASE = '/api/v1'

export function serveRoute(site: Hono<HttpEnv>, route: Route): void {
  const { method, path, root, scope } = route
  const pattern = path.replaceAll(/\{(\w+)\}/g, ':$1').replaceAll(/\{\+(\w+)\}/g, ':$1{.+}')
  site.on(method, root ? pattern : `${BASE}${pattern}`, async (c) => {
    const forbidden = beyond(c, scope)
    if (forbidden) return problemResponse(forbidden)
    const { namespace: _, ...queries } = c.req.queries()
    const given = { params: c.req.param(), query: valuesOf(queries), body: route.body && (await jsonOf(c)) }
    const reply = await route.serve(requestFor(c, route, given))
    if (reply instanceof Response) return reply
    if (!reply.ok) return problemResponse(reply)
    if (route.answer === null || reply.value === undefined) return c.body(null, 204)
    return c.json(reply.value)
  })
}

/** That the caller may not. */
export function beyond({ var: { caller } }: Context<HttpEnv>, scope: Scope): Refusal | null {
  if (includes(caller.scope, scope)) return null
  return refusal('forbidden', `this needs the scope ${scope}, and you have ${caller.scope}`)
}

interface Given {
  readonly params?: unknown
  readonly query?: unknown
  readonly body?: unknown
  /** Absent: that of the request. */
  readonly key?: string
}

type Checked = RouteRequest<Record<string, unknown>, Record<string, unknown>, unknown>

/** What `given` says in the request of `c`, checked as the route has it. */
export function requestFor(c: Context<HttpEnv>, { params, query, body }: Route, given: Given): Checked {
  return {
    config: c.var.config,
    namespace: checked(namespace, c.req.query('namespace') ?? 'default', 'namespace'),
    key: given.key ?? keyOf(c),
    params: params ? checked(params, given.params ?? {}) : {},
    query: query ? checked(query, given.query ?? {}) : {},
    body: body && checked(body, given.body === undefined ? {} : given.body, 'body'),
    c,
  }
}

function keyOf(c: Context<HttpEnv>): string {
  const { time, chance } = c.var.config.runtime
  const key = c.req.header('idempotency-key')
  return key === undefined ? chance.newId(time.now()) : checked(name, key, 'idempotency-key')
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
