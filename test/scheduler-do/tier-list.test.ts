import { expect, test } from 'vitest'
import { signal, workflow } from '../../shared/define.ts'
import type { ListFilter, ListOrder } from '../../shared/listing.ts'
import { shardOf } from '../../shared/shard.ts'
import { advance, client, rejection, seeded, SHARDS } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import type { LeasedShard } from '../../archiver/phases/context.ts'
import { cool, expire, purge, warm } from '../archiver/steps.ts'
import { rows } from './storage.ts'
import { passOn } from './tiers.ts'

const end = signal<boolean>('end')
const types = ['expires', 'alsoExpires', 'goesCold', 'quick'] as const
const definitions = types.map((name) =>
  workflow(name, async (ctx) => {
    if (await ctx.waitForSignal(end)) throw new Error('asked to')
  }),
)
register(...definitions)

interface Known {
  workflowId: string
  runId: string
  workflowType: string
  status: string
  startedAt: number
  completedAt?: number
}

/** Every run of every shard as one list, in the order asked for. */
function expected(known: readonly Known[], filter: ListFilter, orderBy: ListOrder): string[] {
  const sign = orderBy.startsWith('-') ? -1 : 1
  const at = (run: Known) => (orderBy.endsWith('closedAt') ? (run.completedAt ?? 0) : run.startedAt)
  return known
    .filter((run) => !orderBy.endsWith('closedAt') || run.completedAt !== undefined)
    .filter((run) => matches(run, filter))
    .toSorted((a, b) => sign * (at(a) - at(b) || (a.runId < b.runId ? -1 : 1)))
    .map(({ runId }) => runId)
}

function matches(run: Known, filter: ListFilter): boolean {
  const closed = run.completedAt ?? NaN
  return (
    (filter.status === undefined || filter.status === run.status) &&
    (filter.workflowType === undefined || filter.workflowType === run.workflowType) &&
    run.workflowId.startsWith(filter.idPrefix ?? '') &&
    (filter.startedAfter === undefined || run.startedAt >= Number(filter.startedAfter)) &&
    (filter.startedBefore === undefined || run.startedAt < Number(filter.startedBefore)) &&
    (filter.closedAfter === undefined || closed >= Number(filter.closedAfter)) &&
    (filter.closedBefore === undefined || closed < Number(filter.closedBefore))
  )
}

/** All pages, while `between` changes the world. */
async function listed(filter: ListFilter, between = async () => {}): Promise<string[]> {
  const found: string[] = []
  let page = await client.list(filter)
  for (;;) {
    found.push(...page.map(({ runId }) => runId))
    if (page.nextCursor === undefined) return found
    await between()
    page = await client.list({ ...filter, cursor: page.nextCursor })
  }
}

test.each([11, 12, 13])('lists and counts over all tiers are those of one table: seed %i', async (seed) => {
  const random = seeded(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const prefix = `s${seed}-`
  const passes = await Promise.all(Array.from({ length: SHARDS }, (_, shard) => passOn(shard)))
  const step: ((by: LeasedShard) => Promise<unknown>)[] = [
    (by) => warm(by, { maxRuns: 3, maxBytes: 1_000_000 }),
    (by) => cool(by),
    (by) => expire(by),
    (by) => purge(by),
  ]
  const open: { workflowId: string; runId: string }[] = []
  const known = new Map<string, Known>()
  const refused: (string | undefined)[] = []
  for (let action = 0; action < 180; action += 1) {
    const dice = random()
    if (dice < 0.35) {
      const workflowId = `${prefix}${pick(['a', 'b'])}${action}`
      open.push(await client.start(pick(definitions), { workflowId }))
    } else if (dice < 0.65 && open.length > 0) {
      const [{ workflowId, runId } = { workflowId: '', runId: '' }] = open.splice(
        Math.floor(random() * open.length),
        1,
      )
      const handle = client.getHandle(workflowId, runId)
      await handle.signal(end, random() < 0.3)
      await handle.result().catch(() => {})
      known.set(runId, await handle.describe().then(knownOf))
    } else if (dice < 0.7 && known.size > 0) {
      const run = pick([...known.values()])
      await client.delete(run.workflowId, run.runId)
      refused.push((await rejection(client.describe(run.workflowId, run.runId))).code)
      known.delete(run.runId)
    } else if (dice < 0.75) await advance(Math.floor(random() * 5_000))
    else for (const by of passes) for (const one of step) if (random() < 0.7) await one(by)
  }
  for (const { workflowId, runId } of open)
    known.set(runId, await client.describe(workflowId, runId).then(knownOf))
  const all = [...known.values()]
  expect(new Set(refused)).toEqual(new Set(['workflow_not_found']))
  const segments = await Promise.all(passes.map((_, shard) => rows(shard, 'SELECT * FROM archive_segments')))
  expect(segments.flat().length).toBeGreaterThan(10)

  const times = all.flatMap(({ startedAt, completedAt }) => [startedAt, completedAt ?? startedAt])
  const filters: ListFilter[] = [
    {},
    { status: 'failed' },
    { status: 'running' },
    { workflowType: 'expires' },
    { startedAfter: pick(times), startedBefore: pick(times) },
    { closedAfter: pick(times) },
    { closedBefore: pick(times), status: 'completed' },
  ]
  for (const orderBy of ['startedAt', '-startedAt', 'closedAt', '-closedAt'] as const)
    for (const filter of filters)
      for (const limit of [1, 3, 100]) {
        const asked = { ...filter, idPrefix: `${prefix}${pick(['', 'a', 'b'])}` }
        const found = await listed({ ...asked, orderBy, limit })
        expect(found, `${orderBy} ${limit} ${JSON.stringify(asked)}`).toEqual(expected(all, asked, orderBy))
      }
  for (const groupBy of ['status', 'workflowType'] as const) {
    const groups = await client.count({ idPrefix: prefix }, { groupBy })
    const byValue = Map.groupBy(all, (run) => run[groupBy])
    const counted = Array.from(byValue, ([value, found]) => [value, found.length])
    expect(groups).toEqual(Object.fromEntries(counted))
  }
  const byTier = await Promise.all(
    (['hot', 'warm', 'cold'] as const).map((tier) => listed({ tiers: [tier], idPrefix: prefix })),
  )
  expect(byTier.flat().toSorted()).toEqual(all.map(({ runId }) => runId).toSorted())
  for (const [index, tier] of (['hot', 'warm', 'cold'] as const).entries())
    for (const runId of byTier[index]!.slice(0, 3)) {
      const { workflowId } = known.get(runId)!
      expect(shardOf(workflowId, SHARDS)).toBeLessThan(SHARDS)
      expect((await client.describe(workflowId, runId)).tier).toBe(tier)
    }
})

function knownOf(run: {
  workflowId: string
  runId: string
  workflowType: string
  status: string
  startedAt: Date
  completedAt?: Date
}): Known {
  const { workflowId, runId, workflowType, status, startedAt, completedAt } = run
  const closed = completedAt && { completedAt: completedAt.getTime() }
  return { workflowId, runId, workflowType, status, startedAt: startedAt.getTime(), ...closed }
}

test('a run that goes from tier to tier while it is listed comes once', async () => {
  const passes = await Promise.all(Array.from({ length: SHARDS }, (_, shard) => passOn(shard)))
  const prefix = 'moving-'
  const all: Known[] = []
  for (const orderBy of ['startedAt', '-startedAt', 'closedAt', '-closedAt'] as const) {
    for (let n = 0; n < 12; n += 1) {
      const run = await client.start('expires', { workflowId: `${prefix}${orderBy}-${n}` })
      await run.signal(end, false)
      await run.result()
      all.push(await run.describe().then(knownOf))
    }
    const steps = [
      (by: LeasedShard) => warm(by, { maxRuns: 2, maxBytes: 1_000_000 }),
      (by: LeasedShard) => cool(by),
      (by: LeasedShard) => expire(by),
    ]
    const move = async (): Promise<void> => {
      for (const by of passes) for (const step of steps) await step(by)
    }
    const found = await listed({ orderBy, limit: 3, idPrefix: prefix }, move)
    expect(found).toEqual(expected(all, { idPrefix: prefix }, orderBy))
  }
  expect(await client.count({ idPrefix: prefix, tiers: ['cold'] })).toBeGreaterThan(20)
})
