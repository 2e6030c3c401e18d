/**
 * `npm run overload`: one shard on local workerd is offered five times what it can do, with timers and activities, and
 * then nothing more. Asserts what docs/design/overload.md promises; `--quick` is under half a minute.
 */
import { parseArgs } from 'node:util'
import { startGroup } from './group.ts'
import type { Figures, Plan } from './overload/figures.ts'
import { verdicts } from './overload/verdict.ts'

const CONFIGS = ['driver', 'scheduler'].map((name) => `overload/${name}.wrangler.toml`)
const FULL: Plan = { warmMs: 3_000, capacityMs: 5_000, loadMs: 20_000, times: 5, besidePerSecond: 20 }
const QUICK: Plan = { warmMs: 1_500, capacityMs: 2_000, loadMs: 5_000, times: 5, besidePerSecond: 20 }

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort())
const group = await startGroup({
  configs: [...CONFIGS, 'activities.wrangler.toml'],
  vars: { SHARDS: '1', DEBUG_HOOKS: 'true' },
})
try {
  const plan = values.quick ? QUICK : FULL
  const figures = await group.run<Plan, Figures>(plan, interruption.signal)
  const found = verdicts(figures)
  for (const { says, ok } of found) console.log(`${ok ? 'ok    ' : 'FAILED'} ${says}`)
  const ok = found.every((one) => one.ok)
  console.log(JSON.stringify({ ...figures, ok }))
  if (!ok) process.exitCode = 1
} finally {
  await group.stop()
}
