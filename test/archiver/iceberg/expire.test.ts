import { describe, expect, test } from 'vitest'
import { CommitConflict, CommitUnknown } from '../../../archiver/iceberg/catalog.ts'
import { expireSnapshots } from '../../../archiver/iceberg/expire.ts'
import { mergeManifests } from '../../../archiver/iceberg/merge.ts'
import { replaceFiles } from '../../../archiver/iceberg/replace.ts'
import { noon } from '../batches.ts'
import { bucket, watched } from '../buckets.ts'
import { Warehouse } from '../../../archiver/iceberg/warehouse.ts'
import {
  appendNamed,
  historyTable,
  interrupted,
  keysOf,
  liveNames,
  root,
  tagSnapshot,
  type TestTable,
} from './catalogs.ts'
import { dataFile, today } from './files.ts'

const hour = 3_600_000

describe('expiry', () => {
  test('deletes exactly what only expired snapshots reached', async () => {
    const { table, clock } = await compacted('expire')
    const before = await keysOf(table)
    clock.now += 10 * hour
    await appendNamed(table, 'young')
    const expiry = await expireSnapshots(table, { olderThanMs: hour })
    // Two appends, a compaction and a merge, of which the young append carries what is left.
    expect(expiry).toEqual({ snapshots: 4, manifests: 4, dataFiles: 2, more: false })
    expect(table.metadata().snapshots).toHaveLength(1)
    const after = await keysOf(table)
    const gone = before.filter((key) => !after.includes(key))
    expect(gone.filter((key) => key.endsWith('.parquet')).map(nameOf)).toEqual(['a', 'b'])
    expect(gone.filter((key) => key.includes('perdure-snap-'))).toHaveLength(4)
    expect(gone).toHaveLength(4 + 4 + 2)
    expect(await liveNames(table)).toEqual(['ab', 'c', 'young'])
    expect(
      after
        .filter((key) => key.endsWith('.parquet'))
        .map(nameOf)
        .toSorted(),
    ).toEqual(['ab', 'c', 'young'])
    // One list, the merged manifest and that of the young append.
    expect(after.filter((key) => key.endsWith('.avro'))).toHaveLength(3)
  })

  test('leaves what a snapshot that stays still reaches', async () => {
    const { table, clock } = await compacted('expire_kept')
    const [, second] = table.metadata().snapshots
    await tagSnapshot(table, second!['snapshot-id'])
    clock.now += 10 * hour
    const { snapshots, dataFiles } = await expireSnapshots(table, { olderThanMs: hour })
    expect({ snapshots, dataFiles }).toEqual({ snapshots: 2, dataFiles: 0 })
    expect(await liveNames(table)).toEqual(['ab', 'c'])
    const audit = {
      ...table,
      metadata: () => ({ ...table.metadata(), 'current-snapshot-id': second!['snapshot-id'] }),
    }
    expect(await liveNames(audit)).toEqual(['a', 'b', 'c'])
  })

  test('deletes nothing when its commit did not happen', async () => {
    const { table, clock } = await compacted('expire_conflict')
    clock.now += 10 * hour
    const before = await keysOf(table)
    const catalog = interrupted(table.catalog, () => Promise.reject(new CommitConflict('somebody else')))
    await expect(expireSnapshots({ ...table, catalog }, { olderThanMs: hour })).rejects.toThrow(
      CommitConflict,
    )
    expect(await keysOf(table)).toEqual(before)
  })

  test('deletes nothing when nobody knows whether its commit happened', async () => {
    const { table, clock } = await compacted('expire_unknown')
    clock.now += 10 * hour
    const before = await keysOf(table)
    const lost = interrupted(table.catalog, () => Promise.reject(new CommitUnknown('no reply')))
    await expect(expireSnapshots({ ...table, catalog: lost }, { olderThanMs: hour })).rejects.toThrow(
      CommitUnknown,
    )
    expect(await keysOf(table)).toEqual(before)
  })

  test('goes on when its commit happened without a reply', async () => {
    const { table, clock } = await compacted('expire_lost_reply')
    clock.now += 10 * hour
    const catalog = interrupted(table.catalog, async (commit) => {
      await commit()
      throw new CommitUnknown('the reply was lost')
    })
    expect(await expireSnapshots({ ...table, catalog }, { olderThanMs: hour })).toMatchObject({
      snapshots: 3,
    })
    expect(table.metadata().snapshots).toHaveLength(1)
  })

  test('and an append at the same time both happen', async () => {
    const { table, clock } = await compacted('expire_race')
    clock.now += 10 * hour
    const catalog = interrupted(table.catalog, async (commit) => {
      if (table.metadata().snapshots.length === 4) await appendNamed(table, 'meanwhile')
      return await commit()
    })
    await expireSnapshots({ ...table, catalog }, { olderThanMs: hour })
    expect(await liveNames(table)).toEqual(['ab', 'c', 'meanwhile'])
    await expectWhole(table)
  })

  test('spares a snapshot that a tag names by now', async () => {
    const { table, clock } = await compacted('expire_tagged')
    clock.now += 10 * hour
    const [first] = table.metadata().snapshots
    let tagged = false
    const catalog = interrupted(table.catalog, async (commit) => {
      if (!tagged) {
        tagged = true
        await tagSnapshot(table, first!['snapshot-id'])
        throw new CommitConflict('a tag came first')
      }
      return await commit()
    })
    expect(await expireSnapshots({ ...table, catalog }, { olderThanMs: hour })).toMatchObject({
      snapshots: 2,
    })
    const audit = {
      ...table,
      metadata: () => ({ ...table.metadata(), 'current-snapshot-id': first!['snapshot-id'] }),
    }
    expect(await liveNames(audit)).toEqual(['a', 'b'])
    await expectWhole(audit)
  })

  test('deletes nothing when a snapshot that stays cannot be read', async () => {
    const { table, clock } = await compacted('expire_blind')
    clock.now += 10 * hour
    const deleted: string[] = []
    const blind = watched((name, call) => {
      if (name === 'delete') deleted.push(name)
      return name === 'get' ? Promise.reject(new Error('R2 is down')) : call()
    })
    const expiring = expireSnapshots(
      { ...table, warehouse: new Warehouse(blind, root) },
      { olderThanMs: hour },
    )
    await expect(expiring).rejects.toThrow('R2 is down')
    expect(deleted).toEqual([])
  })

  test('leaves files outside the table alone', async () => {
    const clock = { now: noon }
    const table = await historyTable('expire_outside', { now: () => clock.now })
    const [inside] = await appendNamed(table, 'inside')
    const outside = { ...inside!, location: `${root}/warm/default/0/registered.parquet` }
    await bucket.put('warm/default/0/registered.parquet', 'rows')
    await replaceFiles(table, { removed: [inside!], added: [outside], operation: 'replace' })
    await replaceFiles(table, { removed: [outside], added: [], operation: 'delete' })
    clock.now += 10 * hour
    expect(await expireSnapshots(table, { olderThanMs: hour })).toMatchObject({ snapshots: 2, dataFiles: 1 })
    expect(await bucket.head('warm/default/0/registered.parquet')).not.toBeNull()
  })

  test('takes the oldest first, a limited number at a time', async () => {
    const { table, clock } = await compacted('expire_limit')
    clock.now += 10 * hour
    const [first] = table.metadata().snapshots
    expect(await expireSnapshots(table, { olderThanMs: hour, limit: 1 })).toMatchObject({
      snapshots: 1,
      more: true,
    })
    expect(table.metadata().snapshots).not.toContainEqual(first)
    expect(await expireSnapshots(table, { olderThanMs: hour, limit: 10 })).toMatchObject({
      snapshots: 2,
      more: false,
    })
    expect(await expireSnapshots(table, { olderThanMs: hour })).toMatchObject({ snapshots: 0, more: false })
    await expectWhole(table)
  })
})

/** Appends of `a`, `b` and of `c`, `a` and `b` compacted into `ab`, the manifests merged. */
async function compacted(name: string): Promise<{ table: TestTable; clock: { now: number } }> {
  const clock = { now: noon }
  const table = await historyTable(name, { now: () => clock.now })
  const removed = await appendNamed(table, 'a', 'b')
  await appendNamed(table, ['c', { day: today + 1 }])
  const added = dataFile(table.location, 'ab', { records: 20 })
  await bucket.put(table.warehouse.keyOf(added.location), 'rows')
  await replaceFiles(table, { removed, added: [added], operation: 'replace' })
  await mergeManifests(table, { above: 1 })
  return { table, clock }
}

/** Every live file is there. */
async function expectWhole(table: TestTable): Promise<void> {
  const keys = (await keysOf(table)).filter((key) => key.endsWith('.parquet')).map(nameOf)
  expect(keys).toEqual(expect.arrayContaining(await liveNames(table)))
}

function nameOf(key: string): string {
  return /perdure-([^/]*)\.parquet$/.exec(key)![1]!
}
