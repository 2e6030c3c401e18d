import { beforeAll, describe, expect, test } from 'vitest'
import { query, workflow } from '../../shared/define.ts'
import { historyColumns } from '../../archiver/columns.ts'
import { compact } from '../../archiver/cold/compact.ts'
import { dayOfFile, writeDataFile } from '../../archiver/cold/datafile.ts'
import { historyOrder } from '../../archiver/cold/order.ts'
import { StatisticsGatherer } from '../../archiver/cold/statistics.ts'
import { tableNames } from '../../archiver/cold/tier.ts'
import { FrameBuilder } from '../../archiver/build.ts'
import { longsOf, type Frame } from '../../archiver/frame.ts'
import type { DataFile } from '../../archiver/iceberg/file.ts'
import { liveFiles } from '../../archiver/iceberg/live.ts'
import { replaceFiles } from '../../archiver/iceberg/replace.ts'
import { decodeParquet } from '../../archiver/parquet.ts'
import { advance, client, historyOf, idOn } from '../conformance/world.ts'
import { rows } from '../scheduler-do/storage.ts'
import { register } from '../workers/registry.ts'
import { seeded } from './batches.ts'
import { bucket, stored } from './buckets.ts'
import { allOf } from './iceberg/files.ts'
import { closedRuns, coldTier, pass, settled } from './passes.ts'

const stage = query<string>('stage')
const expires = workflow('expires', async (ctx, input: string) => {
  let now = 'begun'
  ctx.setQueryHandler(stage, () => now)
  for (let i = 0; i < 5; i++) await ctx.run('step', () => `${input} ${i}`.repeat(200))
  now = 'over'
  return { done: input, draw: ctx.random() }
})
register(expires)

const ids = ['x', 'y', 'z'].flatMap((name) => [idOn(0, `gone-${name}`), idOn(1, `gone-${name}`)])
let before: Awaited<ReturnType<typeof read>>[] = []

/** Everything a reader can ask of a run. */
async function read(workflowId: string) {
  const handle = client.getHandle(workflowId)
  const { tier, ...described } = await handle.describe()
  const pages: unknown[] = []
  for await (const event of handle.history({ fromEvent: 4 })) pages.push(event)
  return {
    tier,
    described,
    history: await historyOf(handle),
    pages,
    result: await handle.result(),
    answer: await handle.query(stage),
  }
}

const asCold = (): typeof before => before.map((run) => ({ ...run, tier: 'cold' }))

beforeAll(async () => {
  // Four passes, so that there is something to compact. In each there are runs on both shards.
  for (const some of [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4), ['another']]) {
    await settled(await closedRuns(expires, some))
    before.push(...(await Promise.all(some.filter((id) => ids.includes(id)).map(read))))
    await pass({ cold: { ...coldTier(), maintained: false } })
  }
})

describe('a run whose warm object is gone', () => {
  test('answers from the cold tier as it did when it was hot', async () => {
    expect(before.map(({ tier }) => tier)).toEqual(ids.map(() => 'hot'))
    await pass({ cold: { ...coldTier(), maintained: false } })
    expect((await bucket.list({ prefix: 'warm/' })).objects).toEqual([])
    for (const shard of [0, 1]) expect(await rows(shard, 'SELECT * FROM workflows')).toEqual([])
    await advance(1_000)
    expect(await Promise.all(ids.map(read))).toEqual(asCold())
  })

  test('is in lists of the cold tier only', async () => {
    const listed = await client.list({ tiers: ['cold'], idPrefix: 'gone-' })
    expect(listed.map(({ workflowId }) => workflowId).toSorted()).toEqual(ids.toSorted())
    expect(await client.list({ tiers: ['hot', 'warm'], idPrefix: 'gone-' })).toEqual([])
    expect(await client.count({ tiers: ['cold'], idPrefix: 'gone-' })).toBe(ids.length)
  })

  test('answers so when its files were compacted', async () => {
    expect(await compact(coldTier(), 'history', () => crypto.randomUUID())).toMatchObject({ after: 1 })
    expect(await Promise.all(ids.map(read))).toEqual(asCold())
  })

  test('answers so when another engine has written its rows anew, in any order', async () => {
    await shuffled(2)
    expect(await Promise.all(ids.map(read))).toEqual(asCold())
  })

  test('is not answered for when one of its events is missing', async () => {
    await shuffled(1, 3)
    const error: unknown = await historyOf(client.getHandle(ids[0]!)).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      cause: { fault: 'object_missing', message: expect.stringContaining('has not event 3 of') },
    })
    expect(await client.getHandle(ids[0]!).result()).toMatchObject({ done: ids[0] })
  })
})

/** Every row of the history in as many files, in an order that is none, without the event `lost` of any run. */
async function shuffled(parts: number, lost = 0): Promise<void> {
  const cold = coldTier()
  const { metadata } = (await cold.catalog.load(tableNames.history))!
  const removed = await allOf(liveFiles(metadata, cold.warehouse))
  const random = seeded(7)
  const all: { frame: Frame; row: number; key: number }[] = []
  for (const { location } of removed) {
    const frame = decodeParquet(historyColumns, (await stored(cold.warehouse.keyOf(location))).bytes)
    const eventIds = longsOf(frame, 'event_id')
    for (let row = 0; row < frame.rows; row++)
      if (eventIds[row] !== BigInt(lost)) all.push({ frame, row, key: random() })
  }
  all.sort((one, other) => one.key - other.key)
  const added: DataFile[] = []
  for (let part = 0; part < parts; part++) {
    const builder = new FrameBuilder(historyColumns)
    for (const [index, { frame, row }] of all.entries())
      if (index % parts === part) builder.copy(frame, row, row + 1)
    const frame = builder.take()
    const statistics = new StatisticsGatherer(historyColumns, historyOrder.constant)
    for (let row = 0; row < frame.rows; row++) statistics.add({ frame, from: row, to: row + 1 })
    const place = { key: `elsewhere/${crypto.randomUUID()}.parquet`, day: dayOfFile(removed[0]!) }
    const file = { warehouse: cold.warehouse, columns: historyColumns, statistics, sortOrderId: null }
    added.push((await writeDataFile({ ...file, ...place }, once(frame)))!)
  }
  await replaceFiles(cold.open('history'), { removed, added, operation: 'overwrite' })
}

async function* once(frame: Frame): AsyncGenerator<Frame> {
  yield await Promise.resolve(frame)
}
