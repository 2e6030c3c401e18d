/** Each invariant holds in a world that is whole, and is seen to be broken in one that was broken by hand. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BREACHES, lostEnd, program, scenario, waits } from './breaches.ts'
import type { Hands } from './breaches.ts'
import { calmWorld } from './calm.ts'
import { drive } from './drive.ts'
import { checkStep, INVARIANTS } from './invariants.ts'
import { inputsCountOnce } from './invariants/inputs.ts'
import { truthOf } from './invariants/truth.ts'
import type { Observations } from './observations.ts'
import { scripted } from './program.ts'
import { recordedRuns, recordedShards } from './recorded.ts'
import type { PassedTimer } from './watch.ts'

type World = Awaited<ReturnType<typeof calmWorld>>

let world: World
let seen: Observations

beforeAll(async () => {
  world = await calmWorld()
  seen = await drive(world, scenario)
})
afterAll(() => world.end())

async function broken(hands: (hands: Hands) => void): Promise<Awaited<ReturnType<typeof truthOf>>> {
  const effects = structuredClone(world.effects.all)
  const changeEvents = structuredClone([...(world.changeEvents() ?? [])])
  const told = structuredClone(seen)
  const stood = new Set(world.watched.stood)
  const timers = [...world.watched.timers]
  const found = [...world.watched.found]
  const defects = [...world.watched.defects]
  const disks = world.disks()
  for (const { sql } of disks) sql.exec('SAVEPOINT whole')
  try {
    const sql = (text: string): void => disks.forEach((disk) => disk.sql.exec(text))
    hands({ sql, seen: told, effects, changeEvents, stood, timers, found, defects })
    const changed = {
      ...world,
      changeEvents: () => changeEvents,
      watched: { stood, timers, found, defects, calmAt: world.watched.calmAt },
    }
    const truth = await truthOf(changed, scenario, told)
    return { ...truth, effects }
  } finally {
    for (const { sql } of disks) {
      sql.exec('ROLLBACK TO whole')
      sql.exec('RELEASE whole')
    }
  }
}

test('a world that is whole breaks none, and what its clients were told is what is described here', async () => {
  const truth = await broken(() => {})
  for (const holds of INVARIANTS) holds(truth)
  const runs = recordedRuns(truth.shards)
  expect(runs.map(({ workflowId, row }) => `${workflowId.split('/')[0]} ${row.status}`).toSorted()).toEqual([
    'goes on completed',
    'goes on continued_as_new',
    'hears completed',
    'stays running',
    'stays too running',
    'works cancelled',
    'works completed',
  ])
})

test('every invariant is broken here', () => {
  expect(Object.keys(BREACHES)).toEqual(INVARIANTS.map(({ name }) => name))
})

describe.each(INVARIANTS.map((holds) => ({ name: holds.name, holds })))('$name', ({ name, holds }) => {
  test.each(Object.entries(BREACHES[name] ?? {}))('%s', async (_, breach) => {
    const truth = await broken(breach)
    expect(() => holds(truth)).toThrow(expect.objectContaining({ name: 'InvariantBroken' }))
  })
})

test('the end of an activity may be lost with a run that stood when it ended', async () => {
  const truth = await broken((hands) => {
    lostEnd(hands)
    for (const { runId } of recordedRuns(recordedShards(world))) hands.stood.add(runId)
  })
  expect(() => inputsCountOnce(truth)).not.toThrow()
})

test('a run stands while it is paused, and not when it goes on', async () => {
  const own = await calmWorld()
  const { run } = scripted(own.effects)
  const ended = async (pauses: number): Promise<string> => {
    const started = own.client.start(run, { workflowId: `p${pauses}`, input: { program: waits, before: [] } })
    await own.advance(1_000)
    const handle = await started
    for (let paused = 0; paused < pauses; paused += 1) {
      await Promise.all([handle[paused % 2 === 0 ? 'pause' : 'resume'](), own.advance(1_000)])
    }
    await Promise.all([handle.terminate(), own.advance(1_000)])
    return handle.runId
  }
  await ended(0)
  const paused = await ended(1)
  await ended(2)
  expect([...own.watched.stood]).toEqual([paused])
  own.end()
})

test('a timer goes when it is due, or when its run goes on', async () => {
  const own = await calmWorld()
  const { run } = scripted(own.effects)
  const sleeps = program('sleeps', [{ do: 'sleep', ms: 5_000 }])
  const started = own.client.start(run, { workflowId: 'sleeps', input: { program: sleeps, before: [] } })
  await own.advance(1_000)
  const handle = await started
  await Promise.all([handle.pause(), own.advance(9_000)])
  const resumedAt = own.time.now()
  await Promise.all([handle.resume(), own.advance(1_000)])
  expect(own.watched.timers).toEqual([
    {
      runId: handle.runId,
      seq: expect.any(Number),
      dueAt: expect.any(Number),
      goneAt: expect.any(Number),
      faults: [],
    },
  ])
  const [{ dueAt, goneAt }] = own.watched.timers as [PassedTimer]
  expect(dueAt).toBeGreaterThanOrEqual(resumedAt)
  expect(goneAt).toBe(dueAt)
  own.end()
})

test('after a commit: a timer without an alarm', () => {
  const stopped = { ...world, disks: () => world.disks().map(({ sql }) => ({ sql, alarmAt: null })) }
  const { sql } = world.disks()[0]!
  checkStep(stopped)
  sql.exec('SAVEPOINT whole')
  sql.exec(`INSERT INTO workflow_timers VALUES ('a run', 7, 'anything', 1)`)
  expect(() => checkStep(stopped)).toThrow('I3 causes')
  sql.exec('ROLLBACK TO whole')
  sql.exec('RELEASE whole')
})

test('after a commit: an alarm that comes long after a timer', () => {
  const later = (ms: number) => ({
    ...world,
    disks: () => world.disks().map(({ sql }) => ({ sql, alarmAt: world.time.now() + ms })),
  })
  const { sql } = world.disks()[0]!
  sql.exec('SAVEPOINT whole')
  sql.exec(`INSERT INTO workflow_timers VALUES ('a run', 7, 'anything', 1)`)
  checkStep(later(30_000))
  expect(() => checkStep(later(60_000))).toThrow('I3 causes')
  sql.exec('ROLLBACK TO whole')
  sql.exec('RELEASE whole')
})
