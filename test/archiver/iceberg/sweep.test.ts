import { describe, expect, test } from 'vitest'
import { expireSnapshots } from '../../../archiver/iceberg/expire.ts'
import { replaceFiles } from '../../../archiver/iceberg/replace.ts'
import { sweepOrphans, type SweepOptions } from '../../../archiver/iceberg/sweep.ts'
import { Warehouse } from '../../../archiver/iceberg/warehouse.ts'
import { bucket, watched } from '../buckets.ts'
import {
  appendNamed,
  historyTable,
  interrupted,
  keysOf,
  liveNames,
  root,
  type TestTable,
} from './catalogs.ts'
import { dataFile } from './files.ts'

const hour = 3_600_000
/** R2 dates its objects itself: the table's clock is what is ahead. */
const tomorrow = { now: () => Date.now() + 25 * hour }

describe('the sweep', () => {
  test('deletes what nothing reaches and only that', async () => {
    const table = await swept('sweep')
    const before = await keysOf(table)
    const orphans = await leaveOrphans(table)
    const { deleted, cursor } = await sweepOrphans(table)
    expect(deleted.toSorted()).toEqual(orphans.toSorted())
    expect(cursor).toBeNull()
    expect(await keysOf(table)).toEqual(before)
    expect((await sweepOrphans(table)).deleted).toEqual([])
  })

  test('spares what earlier snapshots reach', async () => {
    const table = await swept('sweep_history')
    const [live] = await appendNamed(table, 'replaced')
    await replaceFiles(table, { removed: [live!], added: [], operation: 'delete' })
    expect((await sweepOrphans(table)).deleted).toEqual([])
    expect(await bucket.head(table.warehouse.keyOf(live!.location))).not.toBeNull()
  })

  test('spares what is younger than a day', async () => {
    const table = await swept('sweep_young')
    const orphans = await leaveOrphans(table)
    const early = { ...table, now: () => Date.now() + 23 * hour }
    expect((await sweepOrphans(early)).deleted).toEqual([])
    expect((await sweepOrphans(early, { olderThanMs: 22 * hour })).deleted.toSorted()).toEqual(
      orphans.toSorted(),
    )
  })

  test('spares what other engines and the catalog wrote', async () => {
    const table = await swept('sweep_foreign')
    const foreign = [
      'metadata/version-hint.text',
      'metadata/00000-5f5c9f5e-8f3f-4a9e-9d3b-0d6b1d7f6a10.metadata.json',
      'metadata/snap-129747060093078783-0-bf6fae89-dd52-4fec-8426-6b1180f44187.avro',
      'metadata/bf6fae89-dd52-4fec-8426-6b1180f44187-m0.avro',
      'data/closed_at_day=2026-11-24/00000-0-bf6fae89.parquet',
      'data/closed_at_day=2026-11-24/compacted-1.parquet',
      'data/perdure-folder/other.parquet',
      'data/perdure-notes.txt',
    ]
    for (const path of foreign) await putUnlessThere(table, `${table.location}/${path}`)
    expect((await sweepOrphans(table)).deleted).toEqual([])
  })

  test('spares what is outside the table, however alike it is called', async () => {
    const table = await swept('sweep_near')
    const beside = `${table.warehouse.keyOf(table.location)}_2/data/perdure-x.parquet`
    await bucket.put(beside, 'x')
    expect((await sweepOrphans(table)).deleted).toEqual([])
    expect(await bucket.head(beside)).not.toBeNull()
  })

  test('spares what its caller needs', async () => {
    const table = await swept('sweep_open')
    const open = dataFile(table.location, 'open-batch').location
    await bucket.put(table.warehouse.keyOf(open), 'x')
    expect((await sweepOrphans(table, { isNeeded: (location) => location === open })).deleted).toEqual([])
    expect((await sweepOrphans(table)).deleted).toEqual([open])
  })

  test('of metadata files spares the current one and those of its log', async () => {
    const table = await swept('sweep_metadata')
    const { metadata, metadataLocation } = (await table.catalog.load(table.name))!
    const log = metadata['metadata-log'].map((entry) => entry['metadata-file'])
    const lost = `${table.location}/metadata/00009-5f5c9f5e-8f3f-4a9e-9d3b-0d6b1d7f6a10.metadata.json`
    const hint = `${table.location}/metadata/version-hint.text`
    for (const location of [metadataLocation, ...log, lost, hint]) await putUnlessThere(table, location)
    expect((await sweepOrphans(table, { metadataFiles: true })).deleted).toEqual([lost])
    expect(await bucket.head(table.warehouse.keyOf(hint))).not.toBeNull()
  })

  test('goes on where it stopped', async () => {
    const table = await swept('sweep_pages')
    const orphans = await leaveOrphans(table)
    const deleted: string[] = []
    let pages = 0
    let options: SweepOptions | null = { limit: 2 }
    while (options !== null) {
      const page = await sweepOrphans(table, options)
      deleted.push(...page.deleted)
      pages++
      options = page.cursor === null ? null : { limit: 2, cursor: page.cursor }
    }
    expect(pages).toBeGreaterThan(3)
    expect(deleted.toSorted()).toEqual(orphans.toSorted())
  })

  test('sees what is committed while it looks', async () => {
    const table = await swept('sweep_race')
    await leaveOrphans(table)
    const racing = watched(async (name, call) => {
      const listed = await call()
      if (name === 'list') await appendNamed(table, 'late')
      return listed
    })
    // `late` is there before it is committed: as by a pass that was put off for a day.
    await bucket.put(table.warehouse.keyOf(dataFile(table.location, 'late').location), 'x')
    const { deleted } = await sweepOrphans({ ...table, warehouse: new Warehouse(racing, root) })
    expect(deleted).toHaveLength(3)
    expect(await bucket.head(table.warehouse.keyOf(dataFile(table.location, 'late').location))).not.toBeNull()
  })

  test('deletes nothing when it cannot read all that the table reaches', async () => {
    const table = await swept('sweep_blind')
    const orphans = await leaveOrphans(table)
    const [list] = (await keysOf(table)).filter((key) => key.includes('perdure-snap-'))
    const blind = watched((name, call) => (name === 'get' ? Promise.reject(new Error('R2 is down')) : call()))
    const sweeping = sweepOrphans({ ...table, warehouse: new Warehouse(blind, root) })
    await expect(sweeping).rejects.toThrow('R2 is down')
    for (const orphan of orphans) expect(await bucket.head(table.warehouse.keyOf(orphan))).not.toBeNull()
    expect(await bucket.head(list!)).not.toBeNull()
  })

  test('takes what an expiry that was killed left behind', async () => {
    const table = await swept('sweep_expiry')
    const [a] = await appendNamed(table, 'gone')
    await replaceFiles(table, { removed: [a!], added: [], operation: 'delete' })
    const killed = watched((name, call) => (name === 'delete' ? Promise.reject(new Error('killed')) : call()))
    const expiring = expireSnapshots(
      { ...table, warehouse: new Warehouse(killed, root) },
      { olderThanMs: 0, keepAtMost: 1 },
    )
    await expect(expiring).rejects.toThrow('killed')
    const { deleted } = await sweepOrphans(table)
    expect(deleted).toContain(a!.location)
    expect(await liveNames(table)).toEqual(['a', 'b'])
    const remaining = await keysOf(table)
    expect(remaining.filter((key) => key.includes('perdure-snap-'))).toHaveLength(1)
  })
})

/** Two appends, `a` and `b`. */
async function swept(name: string): Promise<TestTable> {
  const table = await historyTable(name, tomorrow)
  await appendNamed(table, 'a')
  await appendNamed(table, 'b')
  return table
}

/** The catalog may have it already. */
async function putUnlessThere({ warehouse }: TestTable, location: string): Promise<void> {
  await bucket.put(warehouse.keyOf(location), 'x', { onlyIf: { etagDoesNotMatch: '*' } })
}

/** A data file, and the list and the manifest of an append that was never heard of again. */
async function leaveOrphans(table: TestTable): Promise<string[]> {
  const before = new Set(await keysOf(table))
  const catalog = interrupted(table.catalog, () => Promise.reject(new Error('killed')))
  await expect(appendNamed({ ...table, catalog }, 'lost')).rejects.toThrow('killed')
  const left = (await keysOf(table)).filter((key) => !before.has(key))
  expect(left).toHaveLength(3)
  return left.map((key) => table.warehouse.locationOf(key))
}
