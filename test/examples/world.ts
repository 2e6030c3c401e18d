/** What examples run in: the engine in virtual time, and the services that their activities call. */
import { afterEach, beforeEach, vi } from 'vitest'
// Loaded ahead, so that no test's own time pays for it on a busy machine.
import '../../testing/simulated/platform.ts'
import { createTestEnvironment } from '../../testing/index.ts'
import type { TestEnvironment, TestEnvironmentOptions } from '../../testing/index.ts'

type Answer = Response | Promise<Response>

/** A world for each test of the file. */
export function worldOf(options: TestEnvironmentOptions) {
  const world = {
    env: undefined as unknown as TestEnvironment, // made before each test
    /** Every request that came, as `METHOD url`. */
    requests: [] as string[],
    /** What services answer: `ok()` unless a test says otherwise. */
    answer: (_request: Request): Answer => ok(),
  }

  beforeEach(async () => {
    // Nothing here waits for real IO, unless the machine is busy.
    world.env = await createTestEnvironment({ ioGrace: '5s', ...options })
    world.requests = []
    world.answer = () => ok()
    vi.stubGlobal('fetch', async (url: string, init?: RequestInit) => {
      const request = new Request(url, init)
      world.requests.push(`${request.method} ${request.url}`)
      return await world.answer(request)
    })
  })

  afterEach(async () => {
    vi.unstubAllGlobals()
    await world.env.dispose()
  })

  return world
}

export const ok = (body: unknown = {}): Response => Response.json(body)
export const status = (code: number, headers: Record<string, string> = {}): Response =>
  new Response(`status ${code}`, { status: code, headers })

/** What a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    (value) => Promise.reject(new Error(`it did not fail: ${JSON.stringify(value)}`)),
    (error: unknown) => error,
  )
}
