import { expect, test } from 'vitest'
import { writeColdFiles } from '../../archiver/cold/files.ts'
import { loadOrCreate, tableNames, type ColdTier } from '../../archiver/cold/tier.ts'
import { historyColumns } from '../../archiver/columns.ts'
import { appendFiles } from '../../archiver/iceberg/append.ts'
import { liveFiles } from '../../archiver/iceberg/live.ts'
import { dataLocation, manifestLocation } from '../../archiver/iceberg/names.ts'
import { warmLimits } from '../../archiver/pack.ts'
import type { PassOptions } from '../../archiver/phases/context.ts'
import { maintain } from '../../archiver/phases/maintaining.ts'
import { decodeParquet } from '../../archiver/parquet.ts'
import { eventJson } from '../../archiver/rows.ts'
import { writeBatch } from '../../archiver/warm.ts'
import { batchOf, noPages, orderRuns, seeded, type ClosedRun } from './batches.ts'
import { bucket, stored } from './buckets.ts'
import { allOf, today } from './iceberg/files.ts'
import { Killer } from './killer.ts'
import { coldTier, type Ran } from './passes.ts'
import { phased, shardTo } from './steps.ts'

const PREFIX = 'maintained'
const DAY_MS = 86_400_000
/** By when every snapshot that the table is built of is old, and every object that nothing reaches. */
const later = (): number => Date.now() + 9 * DAY_MS

type Objects = ReadonlyMap<string, { etag: string; bytes: Uint8Array }>

/**
 * The phase is killed at its first write to R2, then at its second, and so on until it lives to its end. It finds four
 * small files to compact, snapshots to expire, and leftovers to sweep.
 */
test('killed anywhere while it keeps a table in order, a pass loses no row and leaves no object behind', async ({
  annotate,
}) => {
  const rows = await build()
  const built = await objectsOf()
  const visited: string[] = []
  const started = Date.now()
  for (let point = 1; ; point++) {
    await putBack(built)
    const killer = new Killer(point)
    const { bucket: dying, newId, cold } = killer.world(PREFIX)
    await maintained({ bucket: dying, newId, cold: inNineDays(cold) })
    await expectRecovery(rows)
    if (killer.killedAt === null) break
    visited.push(killer.killedAt)
  }
  const message = `${visited.length} crash points in ${Date.now() - started} ms: ${visited.join(', ')}`
  await annotate(message)
  console.log(message)
  expect(visited.length).toBeGreaterThanOrEqual(15)
})

const maintained = async (changed: Partial<PassOptions>): Promise<Ran> =>
  await phased({ to: shardTo(0), fence: 1 }, maintain, { now: later, ...changed })

function inNineDays(tier: ColdTier): ColdTier {
  return { ...tier, open: (table) => ({ ...tier.open(table), now: later }) }
}

/** The history, appended to four times, and what two commits left that did not happen. Answers its rows. */
async function build(): Promise<string[]> {
  const cold = coldTier(bucket, PREFIX)
  const { location } = (await loadOrCreate(cold, 'history')).metadata
  const random = seeded(77)
  const tables = { history: location, executions: '' }
  const writer = { bucket, warehouse: cold.warehouse, tables, newName: () => crypto.randomUUID() }
  for (let batch = 1; batch <= 4; batch++) {
    const warm = { bucket, fence: 1, limits: warmLimits(), page: noPages }
    const runs = orderRuns(2, random, `kept-${batch}`)
    // One manifest lists a file of a day that is not compacted: it outlives the manifest.
    if (batch === 1) runs.push(...orderRuns(1, random, 'kept-of-another-day').map(aDayLater))
    const written = await writeBatch(warm, batchOf(700 + batch, runs))
    const { history } = await writeColdFiles(writer, [written], new Set(['history']))
    await appendFiles(cold.open('history'), history, { isDone: () => false })
  }
  for (const lost of [dataLocation(location, today, 'lost'), manifestLocation(location, 'lost')])
    await bucket.put(cold.warehouse.keyOf(lost), 'of a commit that did not happen')
  return await rowsNow()
}

function aDayLater(run: ClosedRun): ClosedRun {
  const history = run.history.map((event) => ({ ...event, at: event.at + DAY_MS }))
  return { ...run, closedAt: run.closedAt + DAY_MS, history }
}

/** Every event of every live file. */
async function rowsNow(): Promise<string[]> {
  const frames = (await liveKeys()).map(async (key) =>
    decodeParquet(historyColumns, (await stored(key)).bytes),
  )
  const rows = (await Promise.all(frames)).map((frame) =>
    Array.from({ length: frame.rows }, (_, row) => eventJson(frame, row)),
  )
  return rows.flat().toSorted()
}

async function liveKeys(): Promise<string[]> {
  const { catalog, warehouse } = coldTier(bucket, PREFIX)
  const { metadata } = (await catalog.load(tableNames.history))!
  return (await allOf(liveFiles(metadata, warehouse))).map(({ location }) => warehouse.keyOf(location))
}

async function expectRecovery(rows: readonly string[]): Promise<void> {
  expect(await rowsNow()).toEqual(rows)
  const { summary } = await maintained({ cold: inNineDays(coldTier(bucket, PREFIX)) })
  expect(summary.failed).toBe(0)
  await expectInOrder(rows)
}

/** One file with all rows of each day, and no data file, manifest or list but those of the one snapshot that is left. */
async function expectInOrder(rows: readonly string[]): Promise<void> {
  const { metadata } = (await coldTier(bucket, PREFIX).catalog.load(tableNames.history))!
  expect(await rowsNow()).toEqual(rows)
  expect(await liveKeys()).toHaveLength(2)
  expect(metadata.snapshots.map(({ summary }) => summary.operation)).toEqual(['replace'])
  const keys = (await listed()).map(({ key }) => key)
  expect(keys.filter((key) => key.endsWith('.parquet'))).toEqual((await liveKeys()).toSorted())
  expect(keys.filter((key) => key.includes('/perdure-snap-'))).toHaveLength(1)
  expect(keys.filter((key) => key.includes('lost'))).toEqual([])
}

async function listed(): Promise<R2Object[]> {
  const lists = await Promise.all([`${PREFIX}/`, 'maintenance/'].map((prefix) => bucket.list({ prefix })))
  return lists.flatMap(({ objects }) => objects)
}

async function objectsOf(): Promise<Objects> {
  const objects = (await listed()).map(async ({ key, etag }) => {
    const { bytes } = await stored(key)
    return [key, { etag, bytes }] as const
  })
  return new Map(await Promise.all(objects))
}

/** The bucket as it was. */
async function putBack(objects: Objects): Promise<void> {
  const now = new Map((await listed()).map(({ key, etag }) => [key, etag]))
  const strange = [...now.keys()].filter((key) => !objects.has(key))
  if (strange.length > 0) await bucket.delete(strange)
  const changed = [...objects].filter(([key, { etag }]) => now.get(key) !== etag)
  await Promise.all(changed.map(([key, { bytes }]) => bucket.put(key, bytes)))
}
