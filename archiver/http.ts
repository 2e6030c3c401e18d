/** The archiver's HTTP side: the catalog for Iceberg engines, the runs that its tables lack, and the way back for a shard. */
import { Hono } from 'hono'
import { guard } from '../shared/guard.ts'
import { facadeOf, type ArchiverEnv } from './config.ts'
import { endpoint } from './endpoint.ts'
import { hotRuns } from './hot.ts'
import type { Settings } from './options.ts'
import { passed } from './passing.ts'
import { restore } from './restoring.ts'

const site = new Hono<{ Bindings: { env: ArchiverEnv; settings: Settings } }>()
site.use(guard)
site.all('/iceberg/hot', (c) => hotRuns(c.req.raw, c.env.env))
site.all('/archive/rebuild', (c) => restore(c.req.raw, c.env.env))
// The cron does not fire by itself in local development, and an operator may not want to wait for it.
site.all('/archive/pass', (c) => {
  const { env, settings } = c.env
  return endpoint(c.req.raw, env, { method: 'POST', scope: 'admin', work: () => passed(env, settings) })
})
site.all('*', (c) => facadeOf(c.env.env).fetch(c.req.raw))

export async function answer(request: Request, env: ArchiverEnv, settings: Settings): Promise<Response> {
  return await site.fetch(request, { env, settings })
}
