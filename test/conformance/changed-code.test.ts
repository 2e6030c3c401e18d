import { describe, expect, test } from 'vitest'
import { defineActivity, signal, workflow } from '../../shared/index.ts'
import type { WorkflowContext } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { loseAll } from './loss.ts'
import { advance, client, evict, historyOf, rejection, typesOf, until } from './world.ts'

type Code = (ctx: WorkflowContext) => Promise<unknown>

const named = defineActivity('named', async (name: string) => name)
const other = defineActivity('other', async (name: string) => name)
const go = signal<string>('go')
const also = signal<string>('also')

const DEPLOYED: Code = async (ctx) => {
  const first = await ctx.activity(named, { input: 'first' })
  await ctx.sleep('1m')
  const second = await ctx.run('second', () => 'second')
  const third = await ctx.waitForSignal(go)
  const fourth = await ctx.activity(other, { input: 'fourth' })
  return [first, second, third, fourth, await ctx.waitForSignal(also)]
}

/** What a deploy changes: the module's code, read anew by every coroutine that is made. */
let deployed: Code = DEPLOYED
const changing = workflow('changing', async (ctx) => deployed(ctx))
register(named, other, changing)

/** Each change, and how the first difference is told: the event, what it recorded, what the code asks for. */
const CHANGES: [
  name: string,
  code: Code,
  difference: { eventId: number; expected: string; actual: string },
][] = [
  [
    'reordered',
    async (ctx) => {
      await ctx.sleep('1m')
      return await ctx.activity(named, { input: 'first' })
    },
    { eventId: 2, expected: 'activity_scheduled named (call 1)', actual: 'timer_started (call 1)' },
  ],
  [
    'renamed',
    async (ctx) => {
      await ctx.activity(named, { input: 'first' })
      await ctx.sleep('1m')
      return await ctx.run('zweiter', () => 'second')
    },
    { eventId: 6, expected: 'step_scheduled second (call 3)', actual: 'step_scheduled zweiter (call 3)' },
  ],
  [
    'added',
    async (ctx) => {
      const added = ctx.activity(other, { input: 'added' })
      await ctx.activity(named, { input: 'first' })
      return await added
    },
    {
      eventId: 2,
      expected: 'activity_scheduled named (call 1)',
      actual: 'activity_scheduled other (call 1)',
    },
  ],
  [
    'added at the end',
    async (ctx) => {
      await ctx.activity(named, { input: 'first' })
      await ctx.sleep('1m')
      await ctx.run('second', () => 'second')
      await ctx.activity(other, { input: 'added' })
    },
    {
      eventId: 7,
      expected: 'the end of the recorded history',
      actual: 'activity_scheduled other (call 4)',
    },
  ],
  [
    'removed',
    async (ctx) => {
      await ctx.activity(named, { input: 'first' })
      await ctx.run('second', () => 'second')
      await ctx.waitForSignal(go)
    },
    { eventId: 4, expected: 'timer_started (call 2)', actual: 'step_scheduled second (call 2)' },
  ],
  [
    'removed at the end',
    async (ctx) => {
      await ctx.activity(named, { input: 'first' })
      await ctx.sleep('1m')
      await ctx.waitForSignal(go)
    },
    { eventId: 6, expected: 'step_scheduled second (call 3)', actual: 'nothing (it waits)' },
  ],
  [
    'returning early',
    async (ctx) => {
      await ctx.activity(named, { input: 'first' })
      return 'early'
    },
    { eventId: 4, expected: 'timer_started (call 2)', actual: 'workflow_completed' },
  ],
]

async function begun(workflowId: string) {
  deployed = DEPLOYED
  const run = await client.start(changing, { workflowId })
  await until(async () => (await typesOf(run)).includes('timer_started'))
  await advance(60_000)
  await until(async () => (await typesOf(run)).includes('step_completed'))
  return run
}

describe('97 replay/changed code', () => {
  test.each(CHANGES)('97 replay/changed code: %s', async (name, code, { eventId, expected, actual }) => {
    const run = await begun(name)
    const before = await historyOf(run)
    deployed = code
    await evict(name)
    await until(async () => (await run.describe()).blocked)
    const { status, blocked } = await run.describe()
    expect(status).toBe('running')
    expect(blocked).toMatchObject({ code: 'nondeterminism', eventId })
    expect(blocked?.reason).toContain(`event ${eventId}`)
    expect(blocked?.reason).toContain(expected)
    expect(blocked?.reason).toContain(actual)
    expect(blocked?.reason).toContain('patched()')
    await run.signal(go, 'while blocked') // taken and kept, not lost
    await run.signal(also, 'and this')
    expect(await historyOf(run)).toEqual(before)
    expect(await rejection(run.query('anything'))).toMatchObject({ code: 'blocked' })

    deployed = DEPLOYED
    await loseAll()
    await expect(run.result()).resolves.toEqual(['first', 'second', 'while blocked', 'fourth', 'and this'])
    expect((await run.describe()).blocked).toBeUndefined()
    const after = await historyOf(run)
    expect(after.slice(0, before.length)).toEqual(before)
  })

  test('97 replay/changed code: a signal sent twice while blocked is one signal', async () => {
    const run = await begun('twice')
    deployed = CHANGES[0]![1]
    await evict('twice')
    for (let time = 0; time < 3; time += 1) await run.signal(go, 'once', { signalId: 'go-1' })
    await run.signal(also, 'and this')
    deployed = DEPLOYED
    await evict()
    await expect(run.result()).resolves.toContain('once')
    expect((await typesOf(run)).filter((type) => type === 'signal_received')).toHaveLength(2)
  })

  test('97 replay/changed code: the evicted run need not be asked for, its next event finds the difference', async () => {
    deployed = DEPLOYED
    const run = await client.start(changing, { workflowId: 'timer' })
    await until(async () => (await typesOf(run)).includes('timer_started'))
    deployed = CHANGES[0]![1]
    await loseAll()
    await client.count()
    await advance(60_000)
    expect((await run.describe()).blocked).toMatchObject({ code: 'nondeterminism', eventId: 2 })
    deployed = DEPLOYED
    await loseAll()
    await run.signal(go, 'then')
    await run.signal(also, 'and this')
    await expect(run.result()).resolves.toEqual(['first', 'second', 'then', 'fourth', 'and this'])
  })

  test('97 replay/changed code: a blocked run can be terminated', async () => {
    const run = await begun('terminated')
    deployed = CHANGES[0]![1]
    await evict('terminated')
    await run.terminate('gone')
    await expect(run.describe()).resolves.toMatchObject({ status: 'terminated' })
    expect((await rejection(run.result())).cause).toMatchObject({ code: 'terminated', reason: 'gone' })
  })

  test('97 replay/changed code: other runs of the shard go on', async () => {
    const run = await begun('blocked neighbour')
    deployed = CHANGES[0]![1]
    await evict()
    deployed = async (ctx) => ctx.activity(named, { input: 'fine' })
    await expect(client.execute(changing, { workflowId: 'neighbour' })).resolves.toBe('fine')
    await run.terminate()
  })
})
