import { describe, expect, test } from 'vitest'
import { defineActivity, signal, workflow } from '../../shared/define.ts'
import { client, evict, historyOf, idOn, recorded, seeded, typesOf, until } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { abort, rows } from './storage.ts'

const say = signal<number>('say')
const ran: string[] = []
const work = defineActivity('work', (name: string) => void ran.push(name))
const child = workflow('child', async (ctx, n: number) => {
  await ctx.activity(work, { input: ctx.workflowId })
  return n * 10
})
const parent = workflow('parent', async (ctx, ids: string[]) =>
  Promise.all(ids.map((workflowId, n) => ctx.executeChild(child, { workflowId, input: n }))),
)
const listener = workflow('listener', async (ctx, count: number) => {
  const heard: number[] = []
  while (heard.length < count) heard.push(await ctx.waitForSignal(say))
  return heard
})
const speaker = workflow('speaker', async (ctx, input: { to: string; from: number; count: number }) => {
  const said = Array.from({ length: input.count }, (_, n) =>
    ctx.external(input.to).signal(say, input.from + n),
  )
  await Promise.all(said)
})
const patient = workflow('patient', async (ctx) => void (await ctx.waitForSignal('never')))
const keeper = workflow(
  'keeper',
  async (ctx, input: { id: string; policy: 'terminate' | 'cancel' | 'abandon' }) => {
    await ctx.startChild(patient, { workflowId: input.id, input: undefined, parentClosePolicy: input.policy })
    await ctx.waitForSignal('never')
  },
)
const stopper = workflow('stopper', async (ctx, id: string) => ctx.external(id).cancel('over there'))
register(work, child, parent, listener, speaker, patient, keeper, stopper)

/** Loses a shard, or evicts both, again and again until `done`. */
async function trouble(seed: number, done: Promise<unknown>): Promise<void> {
  const draw = seeded(seed)
  const state = { over: false }
  void done.finally(() => (state.over = true)).catch(() => {})
  for (let round = 0; round < 12 && !state.over; round += 1) {
    const choice = draw()
    if (choice < 0.4) await abort(0)
    else if (choice < 0.8) await abort(1)
    else await evict().catch(() => {})
    await client.count().catch(() => {})
  }
}

async function expectAllApplied(): Promise<void> {
  for (const [shard, peer] of [
    [0, 1],
    [1, 0],
  ] as const) {
    await until(async () => (await rows(shard, 'SELECT * FROM outbox')).length === 0)
    const [sent] = await rows(shard, 'SELECT sent_number FROM peers WHERE shard = ?', peer)
    const [applied] = await rows(peer, 'SELECT applied_number FROM peers WHERE shard = ?', shard)
    expect(applied?.['applied_number']).toBe(sent?.['sent_number'])
  }
}

describe('across shards', () => {
  test('children start once and answer once, and no row of the messages is left', async () => {
    const ids = Array.from({ length: 6 }, (_, n) => idOn(n % 2, `calm-child-${n}`))
    const run = await client.start(parent, { workflowId: idOn(0, 'calm-parent'), input: ids })
    expect(await run.result()).toEqual([0, 10, 20, 30, 40, 50])
    const types = await typesOf(run)
    for (const type of ['child_requested', 'child_started', 'child_completed'])
      expect(types.filter((one) => one === type)).toHaveLength(6)
    await expectAllApplied()
  })

  test.each([1, 2, 3])('children start once and answer once while shards are lost: seed %i', async (seed) => {
    const ids = Array.from({ length: 8 }, (_, n) => idOn(n % 2, `child-${seed}-${n}`))
    const run = await client.start(parent, { workflowId: idOn(seed % 2, `parent-${seed}`), input: ids })
    const result = run.result()
    await trouble(seed, result)
    expect(await result).toEqual([0, 10, 20, 30, 40, 50, 60, 70])
    for (const id of ids) {
      const [{ runs } = {}] = await rows(
        ids.indexOf(id) % 2,
        'SELECT COUNT(*) AS runs FROM workflows WHERE workflow_id = ?',
        id,
      )
      expect(runs).toBe(1)
    }
    const started = await recorded(run, 'child_started')
    expect(new Set(started.map(({ seq }) => seq))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]))
    expect(started).toHaveLength(8)
    await expectAllApplied()
  })

  test.each([4, 5])('signals arrive once and in order while shards are lost: seed %i', async (seed) => {
    const to = idOn(1, `listener-${seed}`)
    const heard = await client.start(listener, { workflowId: to, input: 60 })
    const told = await client.start(speaker, {
      workflowId: idOn(0, `speaker-${seed}`),
      input: { to, from: 0, count: 60 },
    })
    await trouble(
      seed,
      heard.result().then(() => told.result()),
    )
    expect(await heard.result()).toEqual(Array.from({ length: 60 }, (_, n) => n))
    await told.result()
    const delivered = await recorded(told, 'external_signal_delivered')
    expect(delivered.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, n) => n + 1))
    expect((await recorded(heard, 'signal_received')).length).toBe(60)
    await expectAllApplied()
  })

  test('a message to nobody is answered, and does not hold up those behind it', async () => {
    const nobody = idOn(1, 'nobody')
    const lost = await client.start(speaker, {
      workflowId: idOn(0, 'lost'),
      input: { to: nobody, from: 0, count: 2 },
    })
    await expect(lost.result()).rejects.toMatchObject({ cause: { code: 'workflow_not_found' } })
    const to = idOn(1, 'listener-behind')
    const heard = await client.start(listener, { workflowId: to, input: 1 })
    await client.execute(speaker, { workflowId: idOn(0, 'behind'), input: { to, from: 7, count: 1 } })
    expect(await heard.result()).toEqual([7])
  })

  test('a cancel reaches a workflow of another shard', async () => {
    const id = idOn(1, 'cancelled')
    const run = await client.start(patient, { workflowId: id, input: undefined })
    await client.execute(stopper, { workflowId: idOn(0, 'stopper'), input: id })
    await until(async () => (await run.describe()).status === 'cancelled')
    expect(await recorded(run, 'workflow_cancel_requested')).toMatchObject([{ reason: 'over there' }])
  })

  test.each([
    ['terminate', 'terminated'],
    ['cancel', 'cancelled'],
    ['abandon', 'running'],
  ] as const)(
    'a child of policy %s is %s when its parent closes, though both shards are lost',
    async (policy, status) => {
      const id = idOn(1, `kept-${policy}`)
      const run = await client.start(keeper, {
        workflowId: idOn(0, `keeper-${policy}`),
        input: { id, policy },
      })
      await until(async () => (await historyOf(run)).some(({ type }) => type === 'child_started'))
      await run.terminate()
      await abort(0)
      await abort(1)
      await client.count()
      await until(async () => (await client.describe(id)).status === status)
      await expectAllApplied()
      expect((await client.describe(id)).status).toBe(status)
    },
  )

  test('a parent that closes before its child is known to have started still ends it', async () => {
    const id = idOn(1, 'orphan')
    const run = await client.start(keeper, {
      workflowId: idOn(0, 'hasty'),
      input: { id, policy: 'terminate' },
    })
    await run.terminate()
    const status = await until(async () => {
      const described = await client.describe(id).catch(() => null)
      return described && described.status !== 'running' && described.status
    })
    expect(status).toBe('terminated')
    await expectAllApplied()
  })
})
