import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, test } from 'vitest'
import { defineActivity, signal, workflow } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { advance, client, evict, recorded, until } from './world.ts'

const DAY_MS = 86_400_000

function sample() {
  return {
    now: Date.now(),
    date: new Date().getTime(),
    called: Date(),
    explicit: new Date(5).getTime(),
    performance: performance.now(),
    random: Math.random(),
    uuid: crypto.randomUUID(),
    bytes: [...crypto.getRandomValues(new Uint8Array(8))],
  }
}
type Sample = ReturnType<typeof sample>

/** What every execution of the workflow's code saw, by workflow id: one list each time it ran from the start. */
const executions = new Map<string, Sample[][]>()
/** A caller from outside, in the middle of workflow code: the async context is what tells the two apart. */
let askOutside: () => Sample = sample
const outside: Sample[] = []

const go = signal('go')
const sampleActivity = defineActivity('sampleActivity', async () => sample())
const sampling = workflow('sampling', async (ctx) => {
  const seen: Sample[] = []
  executions.set(ctx.workflowId, [...(executions.get(ctx.workflowId) ?? []), seen])
  seen.push(sample())
  outside.push(askOutside())
  const activity = await ctx.activity(sampleActivity, {})
  seen.push(sample())
  const step = await ctx.run('sample', sample)
  seen.push(sample())
  await ctx.sleep('1d')
  seen.push(sample())
  await ctx.waitForSignal(go)
  seen.push(sample())
  return { seen, activity, step }
})

const timeouts = workflow('timeouts', async (ctx) => {
  const order: string[] = []
  const dropped = setTimeout(() => order.push('dropped'), 50)
  clearTimeout(dropped)
  setTimeout((text: string) => order.push(text), 2 * DAY_MS, 'two days')
  const ticks = setInterval(() => order.push('tick'), DAY_MS)
  await new Promise((resolve) => setTimeout(resolve, 2.5 * DAY_MS))
  clearInterval(ticks)
  await ctx.waitForSignal(go)
  return order
})
register(sampleActivity, sampling, timeouts)

describe('99 determinism/globals', () => {
  test('99 determinism/globals: every replay sees what the first execution saw', async () => {
    const run = await client.start(sampling, { workflowId: 'sampled' })
    await until(async () => (await recorded(run, 'timer_started')).length === 1)
    await evict('sampled')
    await advance(DAY_MS)
    await evict('sampled')
    await evict()
    await run.signal(go)
    const { seen } = await run.result()
    const replays = executions.get('sampled')!
    expect(replays.length).toBeGreaterThanOrEqual(3)
    for (const replayed of replays) expect(replayed).toEqual(seen.slice(0, replayed.length))
    expect(replays.at(-1)).toEqual(seen)
  })

  test('99 determinism/globals: are those of the run: its time, its own random numbers', async () => {
    const start = async (workflowId: string) => {
      const run = await client.start(sampling, { workflowId })
      await until(async () => (await recorded(run, 'timer_started')).length === 1)
      await advance(DAY_MS)
      await run.signal(go)
      return { run, seen: (await run.result()).seen }
    }
    const [one, other] = [await start('one'), await start('other')]
    const { startedAt } = await one.run.describe()
    expect(one.seen[0]).toMatchObject({ now: startedAt.getTime(), date: startedAt.getTime(), performance: 0 })
    expect(one.seen[0]!.called).toBe(startedAt.toString())
    expect(one.seen[0]!.explicit).toBe(5)
    expect(one.seen[3]!.now - one.seen[2]!.now).toBeGreaterThanOrEqual(DAY_MS - 1)
    const drawn = [...one.seen, ...other.seen]
    expect(new Set(drawn.map(({ random }) => random)).size).toBe(drawn.length)
    expect(new Set(drawn.map(({ uuid }) => uuid)).size).toBe(drawn.length)
    for (const { uuid } of drawn)
      expect(uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  })

  test('99 determinism/globals: outside of workflow code they are untouched, in the same isolate at the same time', async () => {
    await advance(365 * DAY_MS) // the engine's clock is a year ahead of the platform's
    const bound = AsyncLocalStorage.bind(sample)
    askOutside = () => bound()
    outside.length = 0
    const before = Date.now()
    const run = await client.start(sampling, { workflowId: 'beside' })
    await until(async () => (await recorded(run, 'timer_started')).length === 1)
    await evict('beside') // the caller is asked again
    await advance(DAY_MS)
    await run.signal(go)
    const { seen, activity, step } = await run.result()
    const after = Date.now()
    const real = [...outside, activity, step]
    expect(outside.length).toBeGreaterThanOrEqual(2)
    for (const { now, date } of real) {
      expect(now).toBeGreaterThanOrEqual(before)
      expect(now).toBeLessThanOrEqual(after)
      expect(Math.abs(date - now)).toBeLessThan(1_000)
    }
    expect(new Set(real.map(({ uuid }) => uuid)).size).toBe(real.length)
    expect(new Set(real.map(({ random }) => random)).size).toBe(real.length)
    for (const { now } of seen) expect(now).toBeGreaterThan(after + 300 * DAY_MS)
    expect(Date.name === 'Date' || new Date() instanceof Date).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 1)) // the platform's own: it does not take a durable timer
  })

  test('99 determinism/globals: setTimeout and setInterval are durable timers, alike on replay', async () => {
    const run = await client.start(timeouts, { workflowId: 'timeouts' })
    for (let half = 0; half < 5; half += 1) {
      await advance(DAY_MS / 2)
      await evict('timeouts')
    }
    await run.signal(go)
    await expect(run.result()).resolves.toEqual(['tick', 'two days', 'tick'])
    expect(await recorded(run, 'timer_cancelled')).toHaveLength(2) // the dropped one and the next tick
  })
})
