/** Routes of the HTTP API that `WorkflowClient` has no verb for. */
import { CliError } from './error.ts'
import type { Invocation } from './invocation.ts'
import { ask } from './server.ts'

/** What `/api/v1/<route>` answers of the namespace. */
export async function apiAnswer<T>(
  { server, namespace }: Invocation,
  route: string,
  body?: object,
): Promise<T> {
  const path = `/api/v1/${route}?namespace=${encodeURIComponent(namespace)}`
  const text = await ask(server, path, body && { body })
  if (text !== null) return JSON.parse(text) as T // by `scheduler-do/http/`
  throw new CliError('server_failed', `${server.url} has no ${path}`, {
    fix: 'give its scheduler the secret API_TOKEN, and a release that is not older than this command',
  })
}
