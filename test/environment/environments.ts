/** Environments of one test file, each disposed of when its test is over. */
import { afterEach } from 'vitest'
import { createTestEnvironment } from '../../testing/index.ts'
import type { TestEnvironment, TestEnvironmentOptions } from '../../testing/index.ts'
// Loaded ahead, so that no test's own time pays for it on a busy machine.
import '../../testing/simulated/platform.ts'

export function environments(): (options: TestEnvironmentOptions) => Promise<TestEnvironment> {
  const made: TestEnvironment[] = []
  afterEach(async () => {
    for (const env of made.splice(0)) await env.dispose()
  })
  return async (options) => {
    const env = await createTestEnvironment(options)
    made.push(env)
    return env
  }
}
