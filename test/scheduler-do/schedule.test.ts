import { describe, expect, test } from 'vitest'
import {
  invoiceFirstQuarter,
  migrateLedger,
  monthlyInvoices,
  scheduleInvoices,
  whatComes,
} from '../../examples/docs/schedules.ts'
import { signal, workflow } from '../../shared/define.ts'
import { newId } from '../../shared/ids.ts'
import type { ShardApi } from '../../shared/protocol.ts'
import { shardOf } from '../../shared/shard.ts'
import { PLACES, loseAll, loseAt, persist } from '../conformance/loss.ts'
import { SHARDS, advance, client, evict, idOn, until, world } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { awaited, brief, hourly, runsOf, spreading, stateOf, told } from './schedules.ts'

const HOUR = 3_600_000

const go = signal('go')
const held = workflow('held', async (ctx) => ctx.waitForSignal(go))
const continues = workflow('continues', async (ctx, again = true) => {
  await ctx.waitForSignal(go)
  if (again) ctx.continueAsNew(false)
})
const broken = workflow('broken', async () => {
  throw new Error('no luck')
})
register(held, broken, continues, monthlyInvoices)

const { schedules } = client
const scheduler = world.WORKFLOWS as unknown as ShardApi // the entrypoint has the verbs of a shard

describe('runs that would overlap', () => {
  test.each([
    ['cancel-other', 'cancelled'],
    ['terminate-other', 'terminated'],
  ] as const)('%s, wherever they are', async (overlap, status) => {
    const scheduleId = await spreading(overlap)
    const schedule = await hourly(scheduleId, held, { overlap })
    const ended: string[] = []
    for (let hour = 1; hour <= 4; hour += 1) {
      await advance(HOUR)
      if (hour === 2) await evict()
      expect(await awaited(scheduleId, [...ended, 'running'])).toHaveLength(hour)
      await told()
      ended.push(status)
    }
    await schedule.delete()
  })

  test('buffer-one: one begins when the open one has ended', async () => {
    const schedule = await hourly('buffer-one', held, { overlap: 'buffer-one' })
    for (let hour = 1; hour <= 3; hour += 1) await advance(HOUR)
    const [first] = await awaited('buffer-one', ['running'])
    await client.getHandle(first?.workflowId ?? '').signal(go)
    await awaited('buffer-one', ['completed', 'running'])
    await told()
    expect(await stateOf('buffer-one')).toMatchObject({ starts: 2, waiting: [] })
    await schedule.delete()
  })
})

describe('a run that goes on in another one', () => {
  test('counts as one run until the last of them ends, and tells its schedule once', async () => {
    const scheduleId = await spreading('continued')
    const schedule = await hourly(scheduleId, continues, { overlap: 'buffer-one' })
    await advance(HOUR)
    const [first] = await awaited(scheduleId, ['running'])
    await client.getHandle(first?.workflowId ?? '').signal(go)
    await awaited(scheduleId, ['continued_as_new', 'running'])
    await advance(HOUR)
    await told()
    expect(await stateOf(scheduleId)).toMatchObject({ starts: 1, waiting: [{}] })
    const later = client.getHandle(first?.workflowId ?? '')
    const [next] = (await schedule.describe()).recentRuns
    expect((await later.describe()).schedule).toEqual({ scheduleId, scheduledAt: next?.scheduledAt })
    await later.signal(go)
    await until(async () => (await stateOf(scheduleId))['starts'] === 2)
    await schedule.delete()
  })

  test('cancel-other: the one that is open then is cancelled', async () => {
    const scheduleId = await spreading('continued-cancel')
    const schedule = await hourly(scheduleId, continues, { overlap: 'cancel-other' })
    await advance(HOUR)
    const [first] = await awaited(scheduleId, ['running'])
    await client.getHandle(first?.workflowId ?? '').signal(go)
    await awaited(scheduleId, ['continued_as_new', 'running'])
    await told()
    await advance(HOUR)
    expect(await awaited(scheduleId, ['continued_as_new', 'cancelled', 'running'])).toHaveLength(3)
    await schedule.delete()
  })

  test('a failure that is tried again does not pause; the last one does', async () => {
    const options = {
      scheduleId: 'tried-again',
      spec: { every: '1h' },
      policy: { pauseOnFailure: true },
    } as const
    const retry = { maxAttempts: 2, initialInterval: '1m' } as const
    const schedule = await schedules.create({ ...options, workflow: broken, retry })
    await schedule.trigger()
    await awaited('tried-again', ['failed', 'running'])
    await told()
    expect((await schedule.describe()).paused).toBe(false)
    await advance(60_000)
    await until(async () => (await schedule.describe()).paused)
    expect((await runsOf('tried-again')).map(({ status }) => status)).toEqual(['failed', 'failed'])
    await schedule.delete()
  })
})

test('a failure pauses, and the note says which run it was', async () => {
  const schedule = await hourly('fails', broken, { pauseOnFailure: true })
  await advance(HOUR)
  const info = await until(async () => {
    const found = await schedule.describe()
    return found.paused && found
  })
  const [run] = await runsOf('fails')
  expect(info.note).toBe(`workflow ${run?.workflowId} ended as failed`)
  await advance(3 * HOUR)
  expect(await runsOf('fails')).toHaveLength(1)
  await schedule.delete()
})

test('a start that is refused is told, and does not keep the others', async () => {
  const schedule = await hourly('refused', brief, { overlap: 'allow-all' })
  const [next] = (await schedule.describe()).nextRuns
  const workflowId = `refused-${next?.toISOString().replace('.000Z', 'Z')}`
  const taken = await client.start(held, { workflowId, input: undefined })
  await advance(2 * HOUR)
  await awaited('refused', ['running', 'completed'])
  await told()
  expect(await schedule.describe()).toMatchObject({
    lastRefused: { scheduledAt: next, code: 'workflow_already_started' },
  })
  await taken.terminate()
  await schedule.delete()
})

test('a run of a schedule that was deleted, and made again, tells the new one nothing', async () => {
  const schedule = await hourly('again', held)
  await advance(HOUR)
  const [run] = await awaited('again', ['running'])
  await told()
  await schedule.delete()
  const again = await hourly('again', held)
  await again.trigger()
  await awaited('again', ['running', 'running'])
  await told()
  const before = await stateOf('again')
  await client.getHandle(run?.workflowId ?? '').signal(go)
  await awaited('again', ['completed', 'running'])
  await told()
  expect(await stateOf('again')).toEqual(before)
  await again.delete()
})

test('a request that is made twice acts once', async () => {
  const scheduleId = 'repeated'
  const schedule = await hourly(scheduleId, brief, { overlap: 'allow-all' })
  const to = { namespace: 'default', shard: shardOf(scheduleId, SHARDS), shards: SHARDS }
  const request = { to, scheduleId, requestId: newId(), change: { kind: 'trigger' } } as const
  for (let attempt = 0; attempt < 3; attempt += 1) {
    expect(await scheduler.changeSchedule(request)).toEqual({ ok: true, value: null })
    await loseAll()
  }
  await awaited(scheduleId, ['completed'])
  expect(await stateOf(scheduleId)).toMatchObject({ starts: 1 })
  await schedule.delete()
})

test('the example of the guide does what it says', async () => {
  const schedule = await scheduleInvoices(client)
  const [next] = (await schedule.describe()).nextRuns
  expect(await whatComes(client)).toEqual([{ scheduleId: 'invoices-eu', next }])
  await migrateLedger(client, async () => {
    expect(await whatComes(client)).toEqual([{ scheduleId: 'invoices-eu' }])
  })
  expect(await schedule.describe()).toMatchObject({ paused: false, note: 'the ledger has been migrated' })
  await invoiceFirstQuarter(client)
  const runs = await awaited('invoices-eu', ['completed', 'completed', 'completed'])
  expect(runs.map(({ workflowId, result }) => [workflowId, result])).toEqual([
    ['invoices-eu-2026-01-01T05:00:00Z', 'invoices of eu, 2026-01'],
    ['invoices-eu-2026-02-01T05:00:00Z', 'invoices of eu, 2026-02'],
    ['invoices-eu-2026-03-01T05:00:00Z', 'invoices of eu, 2026-03'],
  ])
  await schedule.delete()
})

describe('an object lost while a schedule begins its runs', () => {
  test.each(PLACES)('%s: every time has one run, and none is left out', async (place) => {
    for (let at = 0; ; at += 1) {
      const scheduleId = idOn(at % SHARDS, `lost ${place} ${at}`)
      const schedule = await hourly(scheduleId, brief, { overlap: 'allow-all' })
      const [first = new Date(NaN)] = (await schedule.describe()).nextRuns
      const loss = await loseAt(place, at)
      // Once more where it was lost: the clock of a shard may have gone two hours ahead then.
      await persist(() => advance(HOUR))
      await persist(() => advance(HOUR))
      await until(async () => (await schedule.describe()).nextRuns.every((next) => next > first))
      await schedule.pause()
      // What is written behind the runs, as positions are, may be what it is lost in.
      await persist(told)
      const { starts } = await persist(() => stateOf(scheduleId))
      const runs = await until(async () => {
        const found = await runsOf(scheduleId)
        return found.length >= Number(starts) && found
      })
      const expected = runs.map((_, hour) => new Date(first.getTime() + hour * HOUR).toISOString())
      expect(runs.map(({ workflowId }) => workflowId)).toEqual(
        expected.map((time) => `${scheduleId}-${time.replace('.000Z', 'Z')}`),
      )
      expect([runs.length, starts]).toEqual([starts, runs.length])
      expect(runs.length).toBeGreaterThanOrEqual(2)
      await schedule.delete()
      if (!loss.lost) break
    }
  })
})
