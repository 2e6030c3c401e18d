import { describe, expect, test } from 'vitest'
import { signal, workflow } from '../../shared/define.ts'
import type { ScheduleHandle, ScheduleInfo, WorkflowError, WorkflowSummary } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { advance, client, evict, rejection, until } from './world.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

const told = workflow('schedule-told', async (ctx, input: string) => [
  input,
  ctx.schedule?.scheduleId,
  ctx.schedule?.scheduledAt,
])
const go = signal('schedule-go')
const waits = workflow('schedule-waits', async (ctx) => ctx.waitForSignal(go))
register(told, waits)

const { schedules } = client

/** In the order of their times. */
async function runsOf(scheduleId: string): Promise<WorkflowSummary[]> {
  const runs: WorkflowSummary[] = []
  for await (const run of client.list({ idPrefix: `${scheduleId}-2` })) runs.push(run)
  return runs.toSorted((one, other) => (one.workflowId < other.workflowId ? -1 : 1))
}

/** The runs of a schedule, once there are so many and all have completed. */
function completed(scheduleId: string, count: number): Promise<WorkflowSummary[]> {
  return until(async () => {
    const runs = await runsOf(scheduleId)
    return runs.length >= count && runs.every(({ status }) => status === 'completed') && runs
  })
}

/** As it is described once every run begun so far has been told of. */
function described(schedule: ScheduleHandle, count: number): Promise<ScheduleInfo> {
  return until(async () => {
    const info = await schedule.describe()
    return info.recentRuns.length >= count && info
  })
}

test('60 schedule/basic: an interval starts runs; new arguments are for later runs; described and listed', async () => {
  const schedule = await schedules.create({
    scheduleId: 'basic-60',
    spec: { every: '1h' },
    policy: { overlap: 'allow-all' }, // the clock goes ahead without waiting for other shards
    workflow: told,
    input: 'first',
  })
  const { nextRuns } = await schedule.describe()
  expect(nextRuns).toHaveLength(5)
  expect(nextRuns.every((at) => at.getTime() % HOUR === 0)).toBe(true)
  await advance(2 * HOUR)
  const before = await completed('basic-60', 2)
  await schedule.update({ input: 'second' })
  await evict()
  await advance(HOUR)
  const after = await completed('basic-60', 3)
  const times = [...nextRuns].slice(0, 3)
  expect(after.map(({ result }) => result)).toEqual(
    times.map((at, index) => [index < 2 ? 'first' : 'second', 'basic-60', at]),
  )
  expect(before).toHaveLength(2)

  const info = await described(schedule, 3)
  expect(info).toMatchObject({
    scheduleId: 'basic-60',
    workflowType: 'schedule-told',
    spec: { every: HOUR, timeZone: 'UTC', jitter: 0 },
    policy: { overlap: 'allow-all', catchUpWindow: 365 * 24 * HOUR, pauseOnFailure: false },
    paused: false,
  })
  expect(info.recentRuns).toEqual(
    after.map(({ workflowId, runId }, index) => ({ workflowId, runId, scheduledAt: times[index] })),
  )
  expect(info.recentRuns.map(({ workflowId }) => workflowId)).toEqual(
    times.map((at) => `basic-60-${at.toISOString().replace('.000Z', 'Z')}`),
  )
  const [first] = info.recentRuns
  expect(await client.describe(first?.workflowId ?? '')).toMatchObject({
    schedule: { scheduleId: 'basic-60', scheduledAt: times[0] },
  })

  const others = ['basic-60-a', 'basic-60-b', 'basic-60-c']
  for (const scheduleId of others)
    await schedules.create({ scheduleId, spec: { cron: '@yearly' }, workflow: told, input: '', paused: true })
  const listed: ScheduleInfo[] = []
  for await (const one of schedules.list()) listed.push(one)
  expect(listed.map(({ scheduleId }) => scheduleId).toSorted()).toEqual(['basic-60', ...others])
  expect(listed).toContainEqual(info)
  await schedule.delete()
  expect(await rejection(schedule.describe())).toMatchObject({ code: 'schedule_not_found' })
  await advance(2 * HOUR)
  expect(await runsOf('basic-60')).toHaveLength(3)
})

test('61 schedule/pause: pause and unpause carry notes, and repeating either is harmless', async () => {
  const schedule = await schedules.create({
    scheduleId: 'pause-61',
    spec: { every: '1h' },
    workflow: told,
    input: 'x',
    paused: true,
    note: 'not yet',
  })
  expect(await schedule.describe()).toMatchObject({
    policy: { overlap: 'skip' },
    paused: true,
    note: 'not yet',
  })
  await schedule.pause()
  expect(await schedule.describe()).toMatchObject({ paused: true, note: 'not yet' })
  await schedule.pause('still not')
  expect(await schedule.describe()).toMatchObject({ paused: true, note: 'still not' })
  await advance(5 * HOUR)
  await schedule.unpause('now')
  await schedule.unpause()
  const info = await schedule.describe()
  expect(info).toMatchObject({ paused: false, note: 'now', recentRuns: [] })
  await advance(HOUR)
  const [run, ...others] = await completed('pause-61', 1)
  expect(run?.result).toEqual(['x', 'pause-61', info.nextRuns[0]])
  expect(others).toEqual([])
  await schedule.pause()
  const paused = await schedule.describe()
  expect([paused.paused, paused.note]).toEqual([true, undefined])
  await schedule.delete()
})

test('62 schedule/trigger: works while paused, each trigger one run', async () => {
  const schedule = await schedules.create({
    scheduleId: 'trigger-62',
    spec: { every: '1h' },
    workflow: waits,
    paused: true,
  })
  await Promise.all([schedule.trigger(), schedule.trigger()])
  await evict()
  await schedule.trigger()
  // Runs of this schedule must not overlap: each waits for the one before.
  for (let count = 1; count <= 3; count += 1) {
    const runs = await until(async () => {
      const found = await runsOf('trigger-62')
      return found.length === count && found
    })
    const running = runs.filter(({ status }) => status === 'running')
    expect(running).toHaveLength(1)
    await client.getHandle(running[0]?.workflowId ?? '').signal(go)
  }
  await completed('trigger-62', 3)
  await advance(HOUR)
  expect(await runsOf('trigger-62')).toHaveLength(3)
  await schedule.delete()
})

test('63 schedule/backfill: two inclusive ranges of a minute schedule give exactly six runs, even when paused', async () => {
  for (const [scheduleId, overlap] of [
    ['backfill-63-skip', 'skip'],
    ['backfill-63-all', 'allow-all'],
  ] as const) {
    const schedule = await schedules.create({
      scheduleId,
      spec: { cron: '* * * * *' },
      policy: { overlap },
      workflow: told,
      input: 'x',
      paused: true,
    })
    const minute = (day: string) => (minutes: number) => new Date(Date.parse(day) + minutes * MINUTE)
    const [one, other] = [minute('2026-01-01T00:00:00Z'), minute('2026-02-28T23:59:00Z')]
    await schedule.backfill([
      { from: one(0), to: one(2) },
      { from: other(-0.5), to: other(2.5) },
    ])
    const runs = await completed(scheduleId, 6)
    await evict()
    await advance(10 * MINUTE)
    expect(runs.map(({ result }) => (result as unknown[])[2])).toEqual([
      ...[0, 1, 2].map(one),
      ...[0, 1, 2].map(other),
    ])
    expect(await runsOf(scheduleId)).toHaveLength(6)
    await schedule.delete()
  }
})

test('64 schedule/cron: one of every two seconds completes at least two runs in ten seconds', async () => {
  const schedule = await schedules.create({
    scheduleId: 'cron-64',
    spec: { cron: '*/2 * * * * *' },
    workflow: told,
    input: 'x',
  })
  const startedAt = Date.now()
  const runs = await completed('cron-64', 2)
  expect(Date.now() - startedAt).toBeLessThan(10_000)
  expect(new Set(runs.map(({ workflowId }) => workflowId)).size).toBe(runs.length)
  await schedule.delete()
})

describe('65 schedule/duplicate_error', () => {
  test('65 schedule/duplicate_error: creating the same id twice fails with an error of its own', async () => {
    const options = { scheduleId: 'duplicate-65', spec: { every: '1h' }, workflow: told, input: 'x' } as const
    const schedule = await schedules.create(options)
    const error = await rejection<WorkflowError>(schedules.create({ ...options, input: 'y' }))
    expect(error).toMatchObject({ code: 'schedule_exists' })
    expect(error.message).toContain('duplicate-65')
    await schedule.delete()
    await schedules.create(options)
    await schedule.delete()
  })

  test('the same request made again is one schedule', async () => {
    const options = {
      scheduleId: 'duplicate-65-again',
      spec: { every: '1h' },
      workflow: told,
      input: 'x',
      requestId: 'one',
    } as const
    const schedule = await schedules.create(options)
    await schedules.create(options)
    await schedule.delete()
    expect(await rejection(schedule.delete())).toMatchObject({ code: 'schedule_not_found' })
  })
})
