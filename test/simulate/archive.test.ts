/** Runs that go from tier to tier in a world that is whole; each invariant is seen to be broken in one that was broken by hand. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ArchivePlan } from './archive/plan.ts'
import { calmWorld } from './calm.ts'
import { drive } from './drive.ts'
import type { Program } from './instructions.ts'
import { ARCHIVE_INVARIANTS } from './invariants.ts'
import type { Archived } from './invariants/archive.ts'
import { truthOf } from './invariants/truth.ts'
import type { Observations } from './observations.ts'
import type { Action, Scenario } from './scenario.ts'

function program(id: string, body: Program['body'], more: Partial<Program> = {}): Program {
  return { id, body, handles: [], updateSleepsMs: 0, cleansUp: false, failsRuns: 0, ...more }
}
const start = (workflowId: string, one: Program): Action => {
  return { kind: 'start', workflowId, program: one, atMs: 0, by: 0 }
}
const works = program('p1', [
  { do: 'step', key: 's1', fails: 0 },
  { do: 'sleep', ms: 5_000 },
])
const next = program('p3', [{ do: 'step', key: 's2', fails: 0 }])
const scenario: Scenario = {
  actions: [start('works', works), start('goes on', program('p2', [{ do: 'sleep', ms: 30_000 }], { next }))],
}

const COLD: ArchivePlan = {
  everyMs: 5_000,
  budgetMs: 8_000,
  hotMs: 0,
  warmMs: 0,
  cold: true,
  warmObjectBytes: 1_024,
  coldFileBytes: 4_096,
}

type World = Awaited<ReturnType<typeof calmWorld>>
type Told = readonly [World, Observations]

let cold: Told
let warm: Told

async function toldIn(archive: ArchivePlan): Promise<Told> {
  const world = await calmWorld({ archive })
  return [world, await drive(world, scenario)]
}

beforeAll(async () => {
  vi.spyOn(console, 'log').mockReturnValue() // each pass tells what it did
  cold = await toldIn(COLD)
  warm = await toldIn({ ...COLD, cold: false })
})
afterAll(() => [cold, warm].forEach(([world]) => world.end()))

type Hands = { readonly sql: (text: string) => void; readonly seen: Observations }
type Breach = (hands: Hands) => void

async function broken([world, told]: Told, breach: Breach = () => {}): Promise<Archived> {
  const seen = structuredClone(told)
  const disks = world.disks()
  for (const { sql } of disks) sql.exec('SAVEPOINT whole')
  try {
    breach({ sql: (text) => disks.forEach(({ sql }) => sql.exec(text)), seen })
    const truth = await truthOf(world, scenario, seen)
    return { ...truth, archive: truth.archive! }
  } finally {
    for (const { sql } of disks) sql.exec('ROLLBACK TO whole; RELEASE whole')
  }
}

test('worlds that are whole break none: all runs are cold in one, and warm in the other', async () => {
  for (const [told, place] of [[cold, 'cold'] as const, [warm, 'warm'] as const]) {
    const truth = await broken(told)
    for (const holds of ARCHIVE_INVARIANTS) holds(truth)
    expect([...truth.archive.tiers.places.values()]).toEqual([[place], [place], [place]])
    const ids = truth.archive.closed.map(({ workflowId }) => workflowId.split('/')[0] ?? '')
    expect(ids.toSorted()).toEqual(['goes on', 'goes on', 'works'])
  }
})

const SEGMENT = `number + 9, state, batches, object, etag, rows, bytes, min_run_id, max_run_id, min_closed_at, max_closed_at`
const BREACHES: Record<string, Record<string, { in: () => Told; breach: Breach }>> = {
  everyRunHasOnePlace: {
    'a segment is lost': { in: () => cold, breach: ({ sql }) => sql('DELETE FROM archive_segments') },
    'two segments have it': {
      in: () => cold,
      breach: ({ sql }) =>
        sql(`INSERT INTO archive_segments (number, state, batches, object, etag, rows, bytes, min_run_id, max_run_id,
          min_closed_at, max_closed_at) SELECT ${SEGMENT} FROM archive_segments`),
    },
    'its history is still here': {
      in: () => warm,
      breach: ({ sql }) =>
        sql(`INSERT INTO history (run_id, first_event_id, sequence, event_count, events)
          SELECT run_id, 1, 1000, 0, '[]' FROM workflows`),
    },
  },
  archivedHistoriesAreWhole: {
    'nothing names its warm object': {
      in: () => warm,
      breach: ({ sql }) => sql(`UPDATE archive_batches SET objects = '[]'`),
    },
    'two batches name its warm object': {
      in: () => warm,
      breach: ({ sql }) =>
        sql(`INSERT INTO archive_batches SELECT number + 9, state, run_ids, objects, warmed_at, expires_at, cold, opened_by
          FROM archive_batches`),
    },
  },
  closedRunsHaveArrived: {
    'a key is to be deleted': {
      in: () => cold,
      breach: ({ sql }) => sql(`INSERT INTO archive_garbage (key) VALUES ('any')`),
    },
    'a run is held': {
      in: () => cold,
      breach: ({ sql }) => sql(`INSERT INTO archive_holds VALUES ('any', 1, 1, 'damaged')`),
    },
  },
  objectsAreNamed: {
    'a segment is given up, and stays': {
      in: () => cold,
      breach: ({ sql }) => sql(`DELETE FROM archive_segments`),
    },
    'a segment is named, and is not there': {
      in: () => cold,
      breach: ({ sql }) => sql(`UPDATE archive_segments SET object = 'segments/none'`),
    },
  },
  readersAreToldTheSame: {
    'an answer was another one': {
      in: () => cold,
      breach: ({ seen }) => seen.changed.push('the result was 1, and is 2'),
    },
  },
}

test('every invariant is broken here', () => {
  expect(Object.keys(BREACHES)).toEqual(ARCHIVE_INVARIANTS.map(({ name }) => name))
})

describe.each(ARCHIVE_INVARIANTS.map((holds) => ({ name: holds.name, holds })))(
  '$name',
  ({ name, holds }) => {
    test.each(Object.entries(BREACHES[name] ?? {}))('%s', async (_, { in: place, breach }) => {
      const truth = await broken(place(), breach)
      expect(() => holds(truth)).toThrow('I12 archive')
    })

    // What a table of the cold tier says is of no shard's disk.
    test('what the tables say', async () => {
      if (holds.name !== 'archivedHistoriesAreWhole') return
      const truth = await broken(cold)
      const { archive } = truth
      const [[runId = '', events = []] = []] = archive.tiers.cold
      const withCold = (changed: readonly unknown[]) => {
        const tables = new Map(archive.tiers.cold).set(runId, changed as typeof events) // as a damaged table would have them
        return { ...truth, archive: { ...archive, tiers: { ...archive.tiers, cold: tables } } }
      }
      holds(withCold(events))
      for (const changed of [
        events.slice(1),
        [...events, ...events],
        events.with(0, { ...events[0]!, at: 1 }),
      ])
        expect(() => holds(withCold(changed))).toThrow('the table of histories')
      const twice = { ...archive.tiers, executions: new Map([[runId, 2]]) }
      expect(() => holds({ ...truth, archive: { ...archive, tiers: twice } })).toThrow('table of executions')
    })
  },
)
