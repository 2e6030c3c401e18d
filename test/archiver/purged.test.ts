import { describe, expect, test } from 'vitest'
import { SNAPSHOT_RETENTION_MS, type SegmentRow, type WarmLocator } from '../../shared/archive.ts'
import { workflow } from '../../shared/define.ts'
import { executionColumns, historyColumns } from '../../archiver/columns.ts'
import { stringsOf, textAt } from '../../archiver/frame.ts'
import { tableNames, type ColdTier } from '../../archiver/cold/tier.ts'
import { decodeParquet } from '../../archiver/parquet.ts'
import { client, historyOf, idOn, rejection } from '../conformance/world.ts'
import { rows } from '../scheduler-do/storage.ts'
import { register } from '../workers/registry.ts'
import { bucket, stored } from './buckets.ts'
import { closedRuns, coldRows, coldTier, pass, settled, source } from './passes.ts'

const goesCold = workflow('goesCold', async (ctx, input: string) => {
  await ctx.run('step', () => input)
  return { done: input }
})
const expires = workflow('expires', async (_ctx, input: string) => ({ done: input }))
register(goesCold, expires)

interface Runs {
  ids: string[]
  runIds: string[]
}

/** Three on a shard, whose histories lie in one object: the second is the one to go. */
async function closed(type: typeof goesCold, name: string): Promise<Runs> {
  const ids = ['a', 'b', 'c'].map((one) => idOn(0, `${name}-${one}`))
  const runIds = await closedRuns(type, ids)
  await settled(runIds)
  return { ids, runIds }
}

async function read(workflowId: string) {
  const handle = client.getHandle(workflowId)
  return [await handle.describe(), await historyOf(handle), await handle.result()]
}

const deleteSecond = ({ ids, runIds }: Runs) => client.delete(ids[1]!, runIds[1]!)

async function expectGone({ ids, runIds }: Runs): Promise<void> {
  const found = await rejection(client.getHandle(ids[1]!, runIds[1]).describe())
  expect(found).toMatchObject({ code: 'workflow_not_found' })
  expect(await holders(runIds[1]!)).toEqual([])
}

/** Whatever of the shard, of R2 outside the tables, and of the files of the tables' current snapshots names the run. */
async function holders(runId: string): Promise<string[]> {
  const found: string[] = []
  for (const { key } of (await bucket.list({ prefix: 'warm/' })).objects)
    if (idsIn((await stored(key)).bytes).has(runId)) found.push(key)
  for (const { key } of (await bucket.list({ prefix: 'segments/' })).objects) {
    const listed = JSON.parse(new TextDecoder().decode((await stored(key)).bytes)) as SegmentRow[]
    if (listed.some((row) => row.runId === runId)) found.push(key)
  }
  const { history, executions } = await coldRows()
  if (history.has(runId)) found.push('history')
  if (executions.has(runId)) found.push('executions')
  for (const table of ['workflows', 'history', 'workflow_ids'])
    if ((await rows(0, `SELECT * FROM ${table} WHERE run_id = ?`, runId)).length > 0) found.push(table)
  return found
}

function idsIn(parquet: Uint8Array, columns = historyColumns): Set<string> {
  const frame = decodeParquet(columns, parquet)
  return new Set(
    Array.from({ length: frame.rows }, (_, row) => textAt(stringsOf(frame, 'run_id'), row) ?? ''),
  )
}

describe('a run that is deleted', () => {
  test('while it is warm is gone with the next pass, never becomes cold, and its neighbours stay', async () => {
    const runs = await closed(goesCold, 'warm')
    await pass({ cold: null })
    const [row] = await rows(0, 'SELECT warm FROM workflows WHERE run_id = ?', runs.runIds[1]!)
    const [{ object } = { object: '' }] = JSON.parse(row!['warm'] as string) as WarmLocator
    expect(idsIn((await stored(object)).bytes)).toEqual(new Set(runs.runIds))
    const before = [await read(runs.ids[0]!), await read(runs.ids[2]!)]
    expect(await deleteSecond(runs)).toEqual({ coldGoneBy: null })
    const { summary } = await pass({ cold: null })
    expect(summary).toMatchObject({ purgedRuns: 1, failed: 0 })
    await expectGone(runs)
    expect(await bucket.head(object)).toBeNull()
    expect([await read(runs.ids[0]!), await read(runs.ids[2]!)]).toEqual(before)

    expect((await pass()).summary).toMatchObject({ cooledBatches: 1, failed: 0 })
    const { history, executions } = await coldRows()
    expect([...executions.keys()].toSorted()).toEqual([runs.runIds[0]!, runs.runIds[2]!].toSorted())
    expect(history.has(runs.runIds[1]!)).toBe(false)
    expect(await deleteSecond(runs)).toEqual({ coldGoneBy: null })
  })

  test('before the pass that would have made it cold never becomes so', async () => {
    const runs = await closed(goesCold, 'late')
    await pass({ cold: null })
    await deleteSecond(runs)
    expect((await pass()).summary).toMatchObject({ purgedRuns: 1, cooledBatches: 1, failed: 0 })
    await expectGone(runs)
    const metadata = (await coldTier().catalog.load(tableNames.history))!.metadata
    expect(metadata.snapshots.map(({ summary }) => summary.operation)).toEqual(['append', 'append'])
  })

  test('while it is cold is gone from every live file; its neighbours read as before', async () => {
    const runs = await closed(goesCold, 'cold')
    await pass()
    const before = [await read(runs.ids[0]!), await read(runs.ids[2]!)]
    expect((await holders(runs.runIds[1]!)).length).toBeGreaterThan(2)
    const promised = (await deleteSecond(runs)).coldGoneBy!.getTime()
    const earliest = Date.now() + SNAPSHOT_RETENTION_MS
    expect((await pass()).summary).toMatchObject({ purgedRuns: 1, failed: 0 })
    await expectGone(runs)
    const reported = (await deleteSecond(runs)).coldGoneBy!.getTime()
    expect(reported).toBeGreaterThanOrEqual(earliest)
    expect(reported).toBeLessThan(promised)
    expect([await read(runs.ids[0]!), await read(runs.ids[2]!)]).toEqual(before)
  })

  test('of which only a segment and the tables know is gone from both; its neighbours read as before', async () => {
    const runs = await closed(expires, 'segment')
    await pass()
    expect(await rows(0, 'SELECT * FROM workflows WHERE run_id = ?', runs.runIds[1]!)).toEqual([])
    expect(await holders(runs.runIds[1]!)).toEqual([
      expect.stringMatching(/^segments\//),
      'history',
      'executions',
      'workflow_ids',
    ])
    const before = [await read(runs.ids[0]!), await read(runs.ids[2]!)]
    expect((await deleteSecond(runs)).coldGoneBy).not.toBeNull()
    expect((await pass()).summary).toMatchObject({ purgedRuns: 1, failed: 0 })
    await expectGone(runs)
    expect([await read(runs.ids[0]!), await read(runs.ids[2]!)]).toEqual(before)
  })

  test.each([
    ['warm object', goesCold, { cold: null }],
    ['segment', expires, {}],
  ] as const)(
    'is in no %s that a pass wrote before and was killed before it could confirm it',
    async (name, type, to) => {
      const runs = await closed(type, `killed-${name.slice(0, 4)}`)
      await pass(to)
      await deleteSecond(runs)
      expect((await pass({ ...to, source: unconfirming })).summary).toMatchObject({
        purgedRuns: 0,
        failed: 1,
      })
      await client.delete(runs.ids[2]!, runs.runIds[2]!)
      expect((await pass(to)).summary).toMatchObject({ purgedRuns: 2, failed: 0 })
      for (const runId of runs.runIds.slice(1)) expect(await holders(runId)).toEqual([])
      expect(await read(runs.ids[0]!)).toMatchObject([{}, {}, { done: runs.ids[0] }])
    },
  )

  test('is in no object at all on the date that was told', async () => {
    const runs = await closed(expires, 'dated')
    await pass()
    await deleteSecond(runs)
    await pass()
    const date = (await deleteSecond(runs)).coldGoneBy!.getTime()
    const dead = await filesWith(runs.runIds[1]!)
    expect(dead.length).toBe(2)
    await pass({ cold: at(date - 60_000) })
    expect(await filesWith(runs.runIds[1]!)).toEqual(dead)
    const { summary } = await pass({ cold: at(date + 1) })
    expect(summary.failed).toBe(0)
    expect(await filesWith(runs.runIds[1]!)).toEqual([])
    expect(await read(runs.ids[0]!)).toMatchObject([{ tier: 'cold' }, { length: 2 }, { done: runs.ids[0] }])
  })
})

/** The shards, as a pass has them that is killed before any of them confirms a purge. */
const unconfirming = new Proxy(source, {
  get: (verbs, name) =>
    name === 'confirmPurge' ? () => Promise.reject(new Error('killed')) : Reflect.get(verbs, name),
})

/** The cold tier as seen by whoever's clock shows that time. */
function at(time: number): ColdTier {
  const tier = coldTier()
  return { ...tier, open: (table) => ({ ...tier.open(table), now: () => time }) }
}

/** Data files of either table, of whatever snapshot, that hold the run. */
async function filesWith(runId: string): Promise<string[]> {
  const found: string[] = []
  for (const { key } of (await bucket.list({ prefix: 'iceberg/' })).objects) {
    if (!key.endsWith('.parquet')) continue
    const columns = key.includes(tableNames.history.name) ? historyColumns : executionColumns
    if (idsIn((await stored(key)).bytes, columns).has(runId)) found.push(key)
  }
  return found
}
