/** The archiver's HTTP side: the catalog for Iceberg engines, the runs that its tables lack, and the way back for a shard. */
import { Hono } from 'hono'
import { guard } from '../shared/guard.ts'
import { facadeOf, type ArchiverEnv } from './config.ts'
import { hotRuns } from './hot.ts'
import { restore } from './restoring.ts'

const site = new Hono<{ Bindings: ArchiverEnv }>()
site.use(guard)
site.all('/iceberg/hot', (c) => hotRuns(c.req.raw, c.env))
site.all('/archive/rebuild', (c) => restore(c.req.raw, c.env))
site.all('*', (c) => facadeOf(c.env).fetch(c.req.raw))

export async function answer(request: Request, env: ArchiverEnv): Promise<Response> {
  return await site.fetch(request, env)
}
