/** A reporter of vitest: after a run of many files, the ten that took longest, so that a slow one is noticed when it comes. */
import type { Reporter, TestModule } from 'vitest/node'

const SHOWN = 10

export default class SlowestFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    if (modules.length <= SHOWN) return
    const times = modules.map((module) => ({ file: module.relativeModuleId, seconds: secondsOf(module) }))
    const all = times.reduce((sum, { seconds }) => sum + seconds, 0)
    console.log(`The slowest of ${modules.length} files, which took ${all.toFixed(0)} s together:`)
    for (const { file, seconds } of times.toSorted((a, b) => b.seconds - a.seconds).slice(0, SHOWN))
      console.log(`${seconds.toFixed(1).padStart(7)} s  ${file}`)
  }
}

function secondsOf(module: TestModule): number {
  const { collectDuration, duration, setupDuration } = module.diagnostic()
  return (collectDuration + duration + setupDuration) / 1_000
}
