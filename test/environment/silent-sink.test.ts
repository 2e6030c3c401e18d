/** A sink of change events that neither takes them nor fails. */
import { expect, test } from 'vitest'
import { ring } from '../../scheduler-do/tick.ts'
import * as verbs from '../../scheduler-do/verbs.ts'
import { workflow } from '../../shared/index.ts'
import { startOf, testShard } from './shard.ts'

const sleeps = workflow('sleeps', async (ctx) => {
  await ctx.sleep('10s')
})

test('holds the alarm up for two seconds, and the timers of no run', async () => {
  const timers: { ms: number; end: () => void }[] = []
  const after = (ms: number, end: () => void) => {
    const timer = { ms, end }
    timers.push(timer)
    return () => void timers.splice(timers.indexOf(timer), 1)
  }
  const CDC_QUEUE = { sendBatch: () => new Promise<void>(() => {}) }
  const { shard, pass } = await testShard([sleeps], [], { bindings: { CDC_QUEUE }, after })
  await verbs.start(shard, startOf('sleeps', 'w'))
  const first = ring(shard)
  await expect.poll(() => timers.map(({ ms }) => ms)).toContain(2_000)
  timers.find(({ ms }) => ms === 2_000)?.end()
  await first
  pass(10_000)
  await ring(shard)
  expect(shard.sql.all('SELECT status FROM workflows')).toEqual([{ status: 'completed' }])
  expect(shard.changeEvents?.position).toBe(0)
})
