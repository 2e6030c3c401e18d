/**
 * `npm run overload`: one shard on local workerd is offered five times what it can do, with timers and activities, and
 * then nothing more. The load is made in this process, the shard is in another. Asserts what docs/design/overload.md
 * promises; `--quick` is half a minute.
 */
import { parseArgs } from 'node:util'
import { startGroup } from './group.ts'
import { Door } from './overload/door.ts'
import type { Plan } from './overload/figures.ts'
import { Load } from './overload/load.ts'
import { verdicts } from './overload/verdict.ts'

const FULL: Plan = { warmMs: 3_000, capacityMs: 5_000, loadMs: 20_000, times: 5, besidePerSecond: 20 }
const QUICK: Plan = { warmMs: 1_500, capacityMs: 2_000, loadMs: 5_000, times: 5, besidePerSecond: 20 }

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
const interrupted = new Promise<never>((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => reject(new Error(signal)))
})
const engine = await startGroup({
  configs: ['overload/door', 'overload/scheduler', 'activities'].map((name) => `${name}.wrangler.toml`),
  vars: { SHARDS: '1', DEBUG_HOOKS: 'true' },
})
try {
  const door = await Door.open(engine.url)
  const load = new Load(door, values.quick ? QUICK : FULL)
  const figures = await engine.watch(() => Promise.race([load.run(), interrupted]))
  door.close()
  const found = verdicts(figures)
  for (const { says, ok } of found) console.log(`${ok ? 'ok    ' : 'FAILED'} ${says}`)
  const ok = found.every((one) => one.ok)
  console.log(JSON.stringify({ ...figures, ok }))
  if (!ok) process.exitCode = 1
} finally {
  await engine.stop()
}
