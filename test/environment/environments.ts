/** Environments of one test file, each looked over and disposed of when its test is over: whatever happened, its shards are sound. */
import { afterEach, expect } from 'vitest'
import { environmentWithPlatform } from '../../testing/environment.ts'
import type { TestEnvironment, TestEnvironmentOptions } from '../../testing/index.ts'
// Loaded ahead, so that no test's own time pays for it on a busy machine.
import '../../testing/simulated/platform.ts'
import { findingsOf } from './health.ts'

type Made = Awaited<ReturnType<typeof environmentWithPlatform>>

export function environments(): (options: TestEnvironmentOptions) => Promise<TestEnvironment> {
  const create = environmentsWithPlatforms()
  return async (options) => (await create(options)).env
}

/** The same, with what they stand on. */
export function environmentsWithPlatforms(): (options: TestEnvironmentOptions) => Promise<Made> {
  const made: Made[] = []
  afterEach(async () => {
    for (const { env, platform } of made.splice(0)) {
      if (platform.timeline.ended) continue
      const findings = await findingsOf(platform)
      await env.dispose()
      expect(findings).toEqual([])
    }
  })
  return async (options) => {
    const one = await environmentWithPlatform(options)
    made.push(one)
    return one
  }
}
