/**
 * `npm run freeze -- <release>`: the databases of this release, with runs in every state, into `test/databases/`. Done once
 * for each release: every later one must open them, migrate them, and bring their runs to their ends.
 */
import { environmentWithPlatform } from '../../../testing/environment.ts'
import { freeze } from './dump.ts'
import { begin, BEGINS, SHARDS, works, workflows } from './scenario.ts'

const [release] = process.argv.slice(2)
if (release === undefined || !/^[\w.-]+$/.test(release)) {
  console.error('name the release: npm run freeze -- 0.1.0')
  process.exit(1)
}

// Failures are stored with their stacks, and those would name places of this machine.
Error.stackTraceLimit = 0
// What waits in the environment keeps no process alive.
const alive = setInterval(() => {}, 1_000)
const options = { workflows, activities: [works], shards: SHARDS, startTime: BEGINS }
const { env, platform } = await environmentWithPlatform(options)
await begin(env, platform)
const disks = new Map(platform.names.map((name) => [name, platform.object(name).disk]))
freeze(`test/databases/${release}`, platform.timeline.now(), disks)
await env.dispose()
clearInterval(alive)
