import { runInDurableObject } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { ApplicationError, defineActivity, signal, workflow } from '../../shared/index.ts'
import type { WorkflowContext } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { shardObject } from './loss.ts'
import { SHARDS, advance, client, evict, recorded, typesOf, until } from './world.ts'

const HOUR_MS = 3_600_000
const go = signal<string>('go')
const end = signal('end')

const succeed = defineActivity('succeed', async (name: string) => name)
const fail = defineActivity('fail', async (name: string) => {
  throw new ApplicationError(name, { nonRetryable: true })
})

type Combine = (promises: Promise<unknown>[]) => Promise<unknown>
const messageOf = (error: unknown): unknown => {
  if (error instanceof AggregateError) return error.errors.map(messageOf)
  return error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : error
}
const COMBINE: Record<string, Combine> = {
  race: async (promises) => Promise.race(promises),
  any: async (promises) => Promise.any(promises),
  all: async (promises) => Promise.all(promises),
  allSettled: async (promises) =>
    (await Promise.allSettled(promises)).map((one) =>
      one.status === 'fulfilled' ? one.value : ['rejected', messageOf(one.reason)],
    ),
}

/** Durable promises of every kind, in an order in which time and events settle them one after the other. */
const KINDS: Record<string, (ctx: WorkflowContext) => Promise<unknown>[]> = {
  mixed: (ctx) => [
    ctx.sleep('2h').then(() => 'slept'),
    ctx.waitForSignal(go),
    ctx.activity(succeed, { input: 'activity' }),
    ctx.run('step', () => 'step'),
    ctx.sleep('1h').then(() => 'slept shorter'),
  ],
  'failing first': (ctx) => [
    ctx.activity(fail, { input: 'failed' }),
    ctx.sleep('1h').then(() => 'slept'),
    ctx.waitForSignal(go),
  ],
  'all failing': (ctx) => [
    ctx.activity(fail, { input: 'one' }),
    ctx.waitForSignal(go, { timeout: '1h' }).then((text) => Promise.reject(new Error(text))),
  ],
}

/** How often each run's code has settled, live and on replay, and as what. */
const settled = new Map<string, unknown[]>()
const combining = workflow('combining', async (ctx, [how, kind]: [string, string]) => {
  const outcome = await COMBINE[how]!(KINDS[kind]!(ctx)).then(
    (value) => ({ value }),
    (error: unknown) => ({ error: messageOf(error) }),
  )
  settled.set(ctx.workflowId, [...(settled.get(ctx.workflowId) ?? []), outcome])
  await ctx.waitForSignal(end)
  return outcome
})

const scoped = workflow('scoped', async (ctx, lost: 'sleep' | 'signal' | 'condition' | 'timeout') => {
  const LOSERS = {
    sleep: () => ctx.sleep('365d'),
    signal: () => ctx.waitForSignal('never', { timeout: '365d' }),
    condition: () => ctx.condition(() => false, '365d'),
    timeout: () => ctx.sleep('1d'),
  }
  const winner = await ctx.scope(async () => Promise.race([LOSERS[lost](), ctx.waitForSignal(go)]))
  await ctx.waitForSignal(end)
  return winner
})
register(succeed, fail, combining, scoped)

async function timerRows(): Promise<number> {
  let rows = 0
  for (let shard = 0; shard < SHARDS; shard += 1) {
    rows += await runInDurableObject(shardObject(shard), (_object, { storage }) =>
      Number(storage.sql.exec('SELECT COUNT(*) AS timers FROM workflow_timers').one()['timers']),
    )
  }
  return rows
}

const EXPECTED: Record<string, Record<string, unknown>> = {
  mixed: {
    race: { value: 'step' },
    any: { value: 'step' },
    all: { value: ['slept', 'signal', 'activity', 'step', 'slept shorter'] },
    allSettled: { value: ['slept', 'signal', 'activity', 'step', 'slept shorter'] },
  },
  'failing first': {
    race: { error: 'failed' },
    any: { value: 'signal' },
    all: { error: 'failed' },
    allSettled: { value: [['rejected', 'failed'], 'slept', 'signal'] },
  },
  'all failing': {
    race: { error: 'one' },
    any: { error: ['one', 'signal'] },
    all: { error: 'one' },
    allSettled: {
      value: [
        ['rejected', 'one'],
        ['rejected', 'signal'],
      ],
    },
  },
}

describe('101 race/losers', () => {
  const cases = Object.keys(COMBINE).flatMap((how) => Object.keys(KINDS).map((kind) => [how, kind] as const))

  test.each(cases)(
    '101 race/losers: Promise.%s over %s promises settles alike live and on replay',
    async (how, kind) => {
      const workflowId = `${how} ${kind}`
      const run = await client.start(combining, { workflowId, input: [how, kind] })
      await until(async () => {
        const outcomes = (await typesOf(run)).filter((type) =>
          /^(activity|step)_(completed|failed)$/.test(type),
        )
        return outcomes.length === (kind === 'mixed' ? 2 : 1)
      })
      await evict(workflowId)
      await run.signal(go, 'signal')
      await evict(workflowId)
      await advance(2 * HOUR_MS)
      await evict(workflowId)
      await run.signal(end)
      await expect(run.result()).resolves.toEqual(EXPECTED[kind]![how])
      const executions = settled.get(workflowId)!
      expect(executions.length).toBeGreaterThan(1)
      for (const outcome of executions) expect(outcome).toEqual(EXPECTED[kind]![how])
    },
  )

  test.each(['sleep', 'signal', 'condition'] as const)(
    '101 race/losers: a lost %s keeps nothing alive once its scope has ended',
    async (lost) => {
      const before = await timerRows()
      const run = await client.start(scoped, { workflowId: `scoped ${lost}`, input: lost })
      expect(await timerRows()).toBe(before + 1)
      await run.signal(go, 'won')
      expect(await timerRows()).toBe(before)
      expect(await recorded(run, 'timer_cancelled')).toHaveLength(1)
      const { waitingFor } = await run.describe()
      expect(waitingFor.map(({ name }) => name)).toEqual(['end'])
      await evict(run.workflowId)
      await advance(366 * 24 * HOUR_MS)
      await run.signal(end)
      await expect(run.result()).resolves.toBe('won')
      expect(await recorded(run, 'timer_fired')).toEqual([])
    },
  )

  test('101 race/losers: a lost wait for a signal takes none of those that come later', async () => {
    const run = await client.start(scoped, { workflowId: 'lost wait', input: 'timeout' })
    await advance(24 * HOUR_MS)
    expect((await run.describe()).waitingFor.map(({ name }) => name)).toEqual(['end'])
    await run.signal(go, 'too late')
    await run.signal(end)
    await run.result()
    expect(await recorded(run, 'signals_discarded')).toMatchObject([{ names: ['go'] }])
  })

  test('101 race/losers: a loser of the whole run ends with it', async () => {
    const before = await timerRows()
    const run = await client.start(combining, { workflowId: 'whole run', input: ['race', 'mixed'] })
    await until(() => (settled.get('whole run') ?? []).length > 0)
    await run.signal(end)
    await run.result()
    expect(await timerRows()).toBe(before)
    await advance(3 * HOUR_MS)
    expect((await typesOf(run)).at(-1)).toBe('workflow_completed')
  })
})
