/** Objects lost as they are called and as they call a queue: before it, and when it is done and nobody has heard of it. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { WorkflowHandle } from '../../shared/index.ts'
import { defineActivity, query, signal, update, workflow } from '../../shared/index.ts'
import { pass } from '../archiver/passes.ts'
import { changeEvents, faults, register } from '../workers/registry.ts'
import { contradictions, resultOf } from './loss.ts'
import { client, idOn, typesOf, until } from './world.ts'

const note = signal<string>('note')
const born = signal<string>('born')
const raise = update<number, [by: number]>('raise')
const seen = query<number>('seen')

const effects = new Map<string, number>()
const double = defineActivity('double-lost', async (n: number, ctx) => {
  effects.set(ctx.idempotencyKey, (effects.get(ctx.idempotencyKey) ?? 0) + 1)
  await ctx.heartbeat(n)
  return n * 2
})
const child = workflow('calls-lost-child', async (ctx, parent: string) => {
  await ctx.external(parent).signal(born, 'on the other shard')
  return await ctx.activity(double, { input: 10 })
})
const victim = workflow('calls-lost-victim', async (ctx) => ctx.waitForSignal(note))
/** Takes one of each kind of input. */
const each = workflow('calls-lost-each', async (ctx, other: { child: string; victim: string }) => {
  let raised = 0
  ctx.setQueryHandler(seen, () => raised)
  ctx.setUpdateHandler(raise, async (by) => (raised += by))
  const by = await ctx.waitForSignal(note)
  await ctx.condition(() => raised > 0)
  const [own, childs] = await Promise.all([
    ctx.activity(double, { input: raised }),
    ctx.executeChild(child, { workflowId: other.child, input: ctx.workflowId }),
  ])
  const from = await ctx.waitForSignal(born)
  await ctx.external(other.victim).cancel('no longer needed')
  await ctx.sleep(1)
  return { by, from, sum: await ctx.run('add', () => own + childs) }
})
register(double, child, victim, each)

afterEach(() => {
  faults.pass = () => {}
})

let scenarios = 0

async function scenario() {
  const name = `calls-lost ${(scenarios += 1)}`
  const other = { child: idOn(1, `${name} child`), victim: idOn(1, `${name} victim`) }
  const cancelled = await client.start(victim, { workflowId: other.victim })
  const run = await client.start(each, { workflowId: idOn(0, name), input: other })
  await run.signal(note, 'ann', { signalId: 'n-1' })
  const raised = await run.update(raise, { args: [5], updateId: 'u-1' })
  const result = await resultOf(run)
  const status = await until(async () => {
    const described = await cancelled.describe()
    return described.status !== 'running' && described.status
  })
  await archived(run)
  const types = (await typesOf(run)).toSorted()
  return { raised, result, status, seen: await run.query(seen), types }
}

/** The holder of the lease is always the same: a lease whose answer was lost is its own. */
async function archived(run: Pick<WorkflowHandle, 'describe'>): Promise<void> {
  await until(async () => {
    let ids = 0
    await pass({ newId: () => ((ids += 1) === 1 ? 'calls-lost' : crypto.randomUUID()) }).catch(() => {}) // lost with its shard
    return (await run.describe()).tier !== 'hot'
  })
}

interface Loss {
  lost: boolean
}

/** The object that comes to the place for the `at`th time, from 0, is lost there. */
function loseOnce(where: string, at: number): Loss {
  const loss = { lost: false }
  let passed = 0
  faults.pass = (place, object) => {
    if (loss.lost || place !== where) return
    loss.lost = passed === at
    passed += 1
    if (loss.lost) object.abort(`lost ${place}`)
  }
  return loss
}

/** What the scenario passes, by who makes the calls; and how often at most it is lost at each place. */
const CALLS: [by: string, calls: string[], most: number][] = [
  ['a client', ['shardCount', 'start', 'signal', 'update', 'describe', 'result', 'history', 'query'], 2],
  ['an activity Worker', ['claim', 'renew', 'settle'], 2],
  ['another shard', ['deliver'], 6],
  ['the archiver', ['acquireArchive', 'proposeArchive', 'confirmArchive', 'releaseArchive'], 2],
  ['the archiver for the rest', ['proposePurge', 'coldCandidates', 'proposeExpiry', 'garbage'], 1],
  ['its alarm', ['alarm'], 1],
  ['itself, of a queue', ['tasks are sent', 'change events are sent'], 2],
]

let undisturbed: Awaited<ReturnType<typeof scenario>>
const times = new Map<string, number>()

beforeAll(async () => {
  faults.pass = (place) => void times.set(place, (times.get(place) ?? 0) + 1)
  undisturbed = await scenario()
})

describe('82 turn/evicted mid-turn: an object lost at a call', () => {
  test('82 turn/evicted mid-turn: the scenario makes each kind of call, and no other', () => {
    expect(undisturbed).toMatchObject({
      raised: 5,
      result: { by: 'ann', from: 'on the other shard', sum: 30 },
      status: 'cancelled',
      seen: 5,
    })
    const named = CALLS.flatMap(([_by, calls]) =>
      calls.flatMap((call) => [`before ${call}`, `after ${call}`]),
    )
    expect([...times.keys()].toSorted()).toEqual(named.toSorted())
  })

  test.each(CALLS)(
    '82 turn/evicted mid-turn: by %s, before it and when its answer is lost, nothing is missing and nothing is there twice',
    async (_by, calls, most) => {
      for (const where of calls.flatMap((call) => [`before ${call}`, `after ${call}`])) {
        for (let at = 0; at < Math.min(times.get(where) ?? 0, most); at += 1) {
          const loss = loseOnce(where, at)
          do {
            const disturbed = await scenario()
            expect({ where, at, ...disturbed }).toEqual({ where, at, ...undisturbed })
          } while (!loss.lost) // calls that wait for something, and alarms, are not always as many
        }
      }
      faults.pass = () => {}
      expect(effects.size).toBe(2 * scenarios)
      expect(await contradictions()).toEqual([])
      await until(() => missing().length === 0)
    },
  )
})

/** Numbers of change events that have not come, by shard. */
function missing(): string[] {
  const byShard = Map.groupBy(changeEvents, ({ shard }) => shard)
  return Array.from(byShard).flatMap(([shard, events]) => {
    const come = new Set(events.map(({ sequence }) => sequence ?? 0))
    const [first, last] = [Math.min(...come), Math.max(...come)]
    return last - first + 1 === come.size ? [] : [`shard ${shard}: ${come.size} of ${first} to ${last}`]
  })
}
