import { beforeAll, describe, expect, test } from 'vitest'
import type { ArchiveBatch, SegmentRow, WarmLocator, WarmObject } from '../../shared/archive.ts'
import { workflow } from '../../shared/define.ts'
import { client, historyOf, idOn, until } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { valueOf } from '../../archiver/answers.ts'
import type { LeasedShard } from '../../archiver/phases/context.ts'
import { source } from '../archiver/passes.ts'
import { LIMITS, warm, write } from '../archiver/steps.ts'
import { abortAfter, rows } from './storage.ts'
import { passOn, toCold, toSegment, toWarm } from './tiers.ts'

const expires = workflow('expires', async (_ctx, text: string) => text)
register(expires)

let by: LeasedShard
beforeAll(async () => {
  by = await passOn(0)
})

interface Restored {
  number: number
  objects: WarmObject[]
  runs: { row: SegmentRow; locator: WarmLocator }[]
}

/** What the warm objects say of a batch: the test knows it from the shard itself. */
async function batchOf(...workflowIds: string[]): Promise<Restored> {
  const found = []
  for (const workflowId of workflowIds) {
    const { runId } = await client.describe(workflowId)
    const [row] = await rows(0, 'SELECT * FROM workflows WHERE run_id = ?', runId)
    found.push(row!)
  }
  const number = Number(found[0]!['archive_batch'])
  const [batch] = await rows(0, 'SELECT objects FROM archive_batches WHERE number = ?', number)
  const runs = found.map((row) => ({
    locator: JSON.parse(row['warm'] as string) as WarmLocator,
    row: {
      workflowId: row['workflow_id'] as string,
      runId: row['run_id'] as string,
      workflowType: 'expires',
      status: 'completed' as const,
      taskQueue: 'default',
      startedAt: Number(row['started_at']),
      closedAt: Number(row['completed_at']),
      memo: {},
      searchAttributes: {},
      version: row['version'] as string,
      requestId: row['request_id'] as string,
      historyLength: Number(row['history_length']),
      historyBytes: Number(row['history_bytes']),
    },
  }))
  return { number, objects: JSON.parse(batch!['objects'] as string) as Restored['objects'], runs }
}

/** The shard loses everything but its address. */
async function lose(): Promise<void> {
  await abortAfter(0, ({ sql }) => {
    for (const table of ['workflows', 'workflow_ids', 'history', 'archive_batches', 'archive_segments'])
      sql.exec(`DELETE FROM ${table}`)
    sql.exec(`DELETE FROM meta WHERE key = 'archive_positions'`)
  })
}

describe('a shard that lost its storage', () => {
  test('knows its batches again, in whatever order they come, and numbers new ones above them', async () => {
    const ids = ['one', 'two', 'three'].map((id) => idOn(0, id))
    const batches: Restored[] = []
    for (const workflowId of ids) {
      await client.execute(expires, { workflowId, input: workflowId })
      await toWarm(by, workflowId)
      batches.push(await batchOf(workflowId))
    }
    const described = await Promise.all(ids.map((id) => client.describe(id)))
    await lose()
    expect(await client.count({ tiers: ['warm'] })).toBe(0)
    for (const batch of [batches[2]!, batches[0]!, batches[1]!, batches[1]!])
      expect(await source.restoreArchive({ ...by, ...batch })).toEqual({ ok: true, value: null })
    expect(await Promise.all(ids.map((id) => client.describe(id)))).toEqual(described)
    for (const id of ids) {
      expect(await client.getHandle(id).result()).toBe(id)
      expect(await historyOf(client.getHandle(id))).toHaveLength(2)
    }
    const next = idOn(0, 'next')
    await client.execute(expires, { workflowId: next, input: 'next' })
    await toWarm(by, next)
    expect((await batchOf(next)).number).toBe(batches[2]!.number + 1)
    await toSegment(by)
    expect(await Promise.all(ids.map((id) => client.getHandle(id).result()))).toEqual(ids)
  })
})

describe('a restored batch', () => {
  test('changes nothing that the shard knows: batches, batches that are over, runs that were deleted', async () => {
    const [kept, gone] = [idOn(0, 'kept'), idOn(0, 'gone')]
    await client.execute(expires, { workflowId: kept, input: 'kept' })
    await client.execute(expires, { workflowId: gone, input: 'gone' })
    await toCold(by, kept, gone)
    const batch = await batchOf(kept, gone)
    const before = await rows(0, 'SELECT * FROM archive_batches')
    await source.restoreArchive({ ...by, ...batch, objects: [] })
    expect(await rows(0, 'SELECT * FROM archive_batches')).toEqual(before)
    const [goneRun = batch.runs[0]!] = batch.runs.filter(({ row }) => row.workflowId === gone)
    await client.delete(gone, goneRun.row.runId)
    await source.restoreArchive({ ...by, ...batch, number: 1_000 })
    expect(await client.list({ idPrefix: gone })).toEqual([])
    expect(await rows(0, 'SELECT * FROM archive_batches WHERE number = 1000')).toEqual([])
    expect((await client.describe(kept)).tier).toBe('cold')
  })

  test('of a number that is over stays over', async () => {
    const workflowId = idOn(0, 'over')
    await client.execute(expires, { workflowId, input: 'over' })
    await toWarm(by, workflowId)
    const batch = await batchOf(workflowId)
    await toSegment(by)
    await source.restoreArchive({ ...by, ...batch })
    expect(await rows(0, 'SELECT * FROM archive_batches WHERE number = ?', batch.number)).toEqual([])
    expect((await client.list({ idPrefix: workflowId })).length).toBe(1)
  })

  test('leaves an open batch open, under a number above its own', async () => {
    const workflowId = idOn(0, 'open')
    await client.execute(expires, { workflowId, input: 'open' })
    const open = await until(async () => valueOf(await source.proposeArchive({ ...by, ...LIMITS })) ?? false)
    const again = async () => valueOf(await source.proposeArchive({ ...by, ...LIMITS }))
    await source.restoreArchive({ ...by, number: open.number - 1, objects: [], runs: [] })
    expect((await again())?.number).toBe(open.number)
    await source.restoreArchive({ ...by, number: 2_000, objects: [], runs: [] })
    expect(await again()).toEqual({ ...open, number: 2_001 })
    while (await warm(by));
    expect(await client.getHandle(workflowId).result()).toBe('open')
  })

  test('that a pass has left of the open one is none: its runs are here', async () => {
    const workflowId = idOn(0, 'left')
    await client.execute(expires, { workflowId, input: 'left' })
    const open = await until(async () => valueOf(await source.proposeArchive({ ...by, ...LIMITS })) ?? false)
    const { objects, locators } = await write(by, open)
    const runs = locators.map(({ runId, locator }) => ({ row: { ...rowOf(open), runId }, locator }))
    await source.restoreArchive({ ...by, number: open.number, objects, runs })
    expect(valueOf(await source.proposeArchive({ ...by, ...LIMITS }))).toEqual(open)
    while (await warm(by));
  })

  test('is known, though the shard has opened one of its number since it was lost', async () => {
    const ids = ['one-lost', 'two-lost'].map((id) => idOn(0, id))
    for (const workflowId of ids) {
      await client.execute(expires, { workflowId, input: workflowId })
      await toWarm(by, workflowId)
    }
    const batches = [await batchOf(ids[0]!), await batchOf(ids[1]!)]
    await lose()
    const next = idOn(0, 'since-lost')
    await client.execute(expires, { workflowId: next, input: next })
    const open = await until(async () => valueOf(await source.proposeArchive({ ...by, ...LIMITS })) ?? false)
    expect(open.number).toBe(1)
    for (const [index, batch] of batches.entries())
      await source.restoreArchive({ ...by, ...batch, number: index + 1 })
    await toWarm({ ...by, fence: by.fence + 1 }, next) // keys of batch 3 with the old one are taken, by a test above
    expect((await batchOf(next)).number).toBe(3)
    for (const id of [...ids, next]) expect(await client.getHandle(id).result()).toBe(id)
  })
})

/** What a segment would say of the batch's only run. */
function rowOf({ runs }: ArchiveBatch): SegmentRow {
  const [run] = runs
  const { workflowId, runId, workflowType, taskQueue, closedAt, historyLength } = run!
  const known = { workflowId, runId, workflowType, taskQueue, closedAt, historyLength, startedAt: closedAt }
  const rest = { status: 'completed', memo: {}, searchAttributes: {}, version: '', requestId: 'r' } as const
  return { ...known, ...rest, historyBytes: 1 }
}
