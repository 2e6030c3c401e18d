/** Invocations of a Worker beside the test's own: they share the isolate's memory, and none of the platform's objects. */
import { env } from 'cloudflare:workers'
import { invocations } from './registry.ts'

const { APART } = env as unknown as { APART: Fetcher } // as bound in vitest.config.ts

/** What `work` comes to, as JSON, in an invocation of its own, which the platform ends when `signal` is aborted. */
export async function apart<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const path = `/${crypto.randomUUID()}`
  invocations.set(path, work)
  const response = await APART.fetch(`http://apart${path}`, { signal: signal ?? null })
  return await response.json<T>()
}
