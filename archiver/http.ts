/** The archiver's HTTP side: the catalog for Iceberg engines, the runs that its tables lack, and the way back for a shard. */
import { facadeOf, type ArchiverEnv } from './config.ts'
import { hotRuns } from './hot.ts'
import { restore } from './restoring.ts'

export async function answer(request: Request, env: ArchiverEnv): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (pathname === '/iceberg/hot') return await hotRuns(request, env)
  if (pathname === '/archive/rebuild') return await restore(request, env)
  return await facadeOf(env).fetch(request)
}
