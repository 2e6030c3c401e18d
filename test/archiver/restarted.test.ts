import { beforeAll, expect, test } from 'vitest'
import { workflow } from '../../shared/define.ts'
import { client, idOn } from '../conformance/world.ts'
import { rows } from '../scheduler-do/storage.ts'
import { register } from '../workers/registry.ts'
import { loseStorage, warmKeys } from './lost.ts'
import { closedRuns, coldRows, coldTier, pass, release, settled, source } from './passes.ts'
import { lease, shardTo } from './steps.ts'

const goesCold = workflow('goesCold', async (_ctx, input: string) => input)
register(goesCold)

const tiersOf = async (ids: readonly string[]): Promise<string[]> =>
  await Promise.all(ids.map(async (id) => (await client.describe(id)).tier))

beforeAll(async () => {
  for (const name of ['first', 'second']) {
    const ids = [idOn(0, name), idOn(1, name)]
    await settled(await closedRuns(goesCold, ids))
    await pass()
  }
})

test('batches of a shard that lost its storage are refused, pass after pass, until it is restored', async () => {
  expect(await tiersOf([idOn(0, 'second'), idOn(1, 'second')])).toEqual(['cold', 'cold'])
  await loseStorage(0)
  const ids = [idOn(0, 'after'), idOn(1, 'after')]
  const runIds = await closedRuns(goesCold, ids)
  await settled(runIds)
  const keys = await warmKeys(0)
  const calls: string[] = []
  const cold = coldTier()
  const catalog: typeof cold.catalog = {
    load: (table) => (calls.push(table.name), cold.catalog.load(table)),
    create: (table, definition) => cold.catalog.create(table, definition),
    commit: (table, request) => cold.catalog.commit(table, request),
  }
  for (let again = 0; again < 2; again++) {
    const { summary, lines } = await pass({ cold: { ...cold, catalog, maintained: false } })
    expect(summary).toMatchObject({ failed: 1, rejectedRuns: 0, collectedKeys: 0 })
    expect(lines).toContainEqual({
      event: 'archive_failed',
      namespace: 'default',
      shard: 0,
      code: 'internal',
      fault: 'batch_invalid',
      name: 'ArchiveError',
      message:
        'default/0-1: the tables hold batches of this shard up to 2: it has lost its storage, and `npm run rebuild` restores it',
    })
    // What another fence wrote under the number is the batch of old: it stays.
    expect(await warmKeys(0)).toEqual(keys)
    expect(await tiersOf(ids)).toEqual(['hot', 'cold'])
  }
  // The first pass looks for the watermarks of both shards, and then to cool the batch of the other one.
  expect(calls.length).toBe(6)

  const { fence } = await lease('rebuild')
  await source.restoreArchive({ to: shardTo(0), fence, number: 2, objects: [], runs: [] })
  await release('rebuild')
  const { summary } = await pass()
  expect(summary.failed).toBe(0)
  expect(await tiersOf(ids)).toEqual(['cold', 'cold'])
  const [row] = await rows(0, 'SELECT archive_batch FROM workflows WHERE run_id = ?', runIds[0]!)
  expect(row).toEqual({ archive_batch: 3 })
  const { history, executions } = await coldRows()
  expect(runIds.map((runId) => [history.get(runId), executions.get(runId)])).toEqual([
    [2, 1],
    [2, 1],
  ])
})

test('a pass that was overtaken does not take the other one’s batch for such', async () => {
  const id = idOn(0, 'overtaken')
  await settled(await closedRuns(goesCold, [id]))
  const cold = coldTier()
  let overtaken = false
  const catalog: typeof cold.catalog = {
    load: async (table) => {
      if (!overtaken) {
        overtaken = true
        await release('first')
        await pass()
      }
      return await cold.catalog.load(table)
    },
    create: (table, definition) => cold.catalog.create(table, definition),
    commit: (table, request) => cold.catalog.commit(table, request),
  }
  let made = 0
  const newId = (): string => (made++ === 0 ? 'first' : crypto.randomUUID())
  const { lines } = await pass({ cold: { ...cold, catalog }, newId })
  expect(await tiersOf([id])).toEqual(['cold'])
  const faults = lines.filter(({ event }) => event === 'archive_failed').map(({ code }) => code)
  expect(faults.length).toBeGreaterThan(0)
  expect(new Set(faults)).toEqual(new Set(['lease_lost']))
})

async function down(): Promise<never> {
  throw new Error('the catalog is down')
}

test('while the tables cannot be loaded, shards whose numbers are known to be theirs go on', async () => {
  const ids = [idOn(0, 'unreachable'), idOn(1, 'unreachable')]
  await settled(await closedRuns(goesCold, ids))
  const cold = coldTier()
  const { summary } = await pass({ cold: { ...cold, catalog: { load: down, create: down, commit: down } } })
  expect(summary).toMatchObject({ runs: 2, cooledBatches: 0 })
  expect(await tiersOf(ids)).toEqual(['warm', 'warm'])
  expect((await pass()).summary).toMatchObject({ cooledBatches: 2, failed: 0 })
})
