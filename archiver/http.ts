/** The archiver's HTTP side: the catalog for Iceberg engines, and the runs that its tables lack. */
import { facadeOf, type ArchiverEnv } from './config.ts'
import { hotRuns } from './hot.ts'

export async function answer(request: Request, env: ArchiverEnv): Promise<Response> {
  if (new URL(request.url).pathname === '/iceberg/hot') return await hotRuns(request, env)
  return await facadeOf(env).fetch(request)
}
