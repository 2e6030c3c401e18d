import { describe, expect, test } from 'vitest'
import { appendFiles, type AppendOptions } from '../../../archiver/iceberg/append.ts'
import { CatalogRefusal, CommitConflict, CommitUnknown } from '../../../archiver/iceberg/catalog.ts'
import type { OpenTable } from '../../../archiver/iceberg/commit.ts'
import { manifestsOf } from '../../../archiver/iceberg/manifests.ts'
import { currentSnapshot, type Snapshot, type TableMetadata } from '../../../archiver/iceberg/metadata.ts'
import { noon, seeded } from '../batches.ts'
import { watched } from '../buckets.ts'
import { Warehouse } from '../../../archiver/iceberg/warehouse.ts'
import { historyTable, interrupted, keysOf, liveNames, root, type TestTable } from './catalogs.ts'
import { dataFile, today } from './files.ts'

const watermark = 'archive.watermark.0'

describe('an append', () => {
  test('adds its files in one snapshot with its totals', async () => {
    const table = await historyTable('append_first')
    const files = [
      dataFile(table.location, '0-1-0'),
      dataFile(table.location, '0-1-1', { day: today + 1, records: 5 }),
    ]
    const { snapshotId } = await appendFiles(table, files, batch(1))
    const snapshot = currentSnapshot(table.metadata())!
    expect(snapshot).toMatchObject({ 'snapshot-id': snapshotId, 'sequence-number': 1, 'timestamp-ms': noon })
    expect(snapshot).not.toHaveProperty('parent-snapshot-id')
    expect(snapshot.summary).toEqual({
      operation: 'append',
      'archive.batch-id': '0-1',
      'added-data-files': '2',
      'added-records': '15',
      'added-files-size': '2015',
      'changed-partition-count': '2',
      'total-data-files': '2',
      'total-records': '15',
      'total-files-size': '2015',
      'total-delete-files': '0',
      'total-position-deletes': '0',
      'total-equality-deletes': '0',
    })
    expect(table.metadata().properties[watermark]).toBe('1')
    expect(await liveNames(table)).toEqual(['0-1-0', '0-1-1'])
  })

  test('carries the manifests before it as they are', async () => {
    const table = await historyTable('append_second')
    await append(table, 1)
    const [before] = await manifests(table)
    await append(table, 2)
    const [added, carried] = await manifests(table)
    expect(carried).toEqual(before)
    expect(added).toMatchObject({ sequenceNumber: 2, minSequenceNumber: 2, addedFiles: 1, addedRows: 10 })
    expect(currentSnapshot(table.metadata())!.summary).toMatchObject({
      'total-data-files': '2',
      'total-records': '20',
      'added-records': '10',
    })
    expect(await liveNames(table)).toEqual(['0-1', '0-2'])
  })

  test('of a batch that is in the table already does nothing', async () => {
    const table = await historyTable('append_twice')
    await append(table, 1)
    const before = await keysOf(table)
    expect(await append(table, 1)).toMatchObject({ snapshotId: null, metadata: table.metadata() })
    expect(table.metadata().snapshots).toHaveLength(1)
    expect(await keysOf(table)).toEqual(before)
  })

  test('is never dated before what the table knows, however its clock goes', async () => {
    let now = noon
    const table = await historyTable('append_clock', { now: () => now })
    await append(table, 1)
    now -= 60_000
    await append(table, 2)
    expect(currentSnapshot(table.metadata())!['timestamp-ms']).toBe(noon)
  })

  test('that its caller has lost the right to does not happen', async () => {
    const table = await historyTable('append_guard')
    let lease = 1
    const guard = () => {
      if (lease !== 2) throw new Error('the lease is gone')
    }
    const appended = appendFiles(table, [dataFile(table.location, 'x')], { ...batch(1), guard })
    await expect(appended).rejects.toThrow('the lease is gone')
    expect(table.metadata().snapshots).toEqual([])
    expect(await keysOf(table)).toEqual([])
    lease = 2
    await appendFiles(table, [dataFile(table.location, 'x')], { ...batch(1), guard })
    expect(await liveNames(table)).toEqual(['x'])
  })

  test('of a file with other partitions than the table has is refused', async () => {
    const table = await historyTable('append_partition')
    const file = { ...dataFile(table.location, 'x'), partition: { region: 'eu' } }
    await expect(appendFiles(table, [file], batch(1))).rejects.toMatchObject({ fault: 'batch_invalid' })
  })
})

describe('ten appenders at once', () => {
  test('lose nothing, add nothing twice, and leave an unbroken chain', { timeout: 30_000 }, async () => {
    const table = await historyTable('append_race')
    const appenders = Array.from({ length: 10 }, async (_, appender) => {
      const own = { ...table, random: seeded(appender) }
      for (let seq = 1; seq <= 2; seq++) await append(own, seq, appender)
    })
    await Promise.all(appenders)
    const expected = Array.from({ length: 20 }, (_, i) => `${Math.floor(i / 2)}-${(i % 2) + 1}`)
    expect(await liveNames(table)).toEqual(expected.toSorted())
    expectUnbroken(table.metadata(), 20)
    expect(currentSnapshot(table.metadata())!.summary).toMatchObject({ 'total-records': '200' })
    // One manifest and one list each, and of the attempts that were lost nothing.
    expect(await keysOf(table)).toHaveLength(40)
    expect(table.pauses.length).toBeGreaterThan(0)
  })
})

describe('a commit that conflicts', () => {
  test('is tried again upon what came first, with the same manifest', async () => {
    const table = await historyTable('append_conflict')
    let first = true
    const catalog = interrupted(table.catalog, async (commit) => {
      if (first) {
        first = false
        await append(table, 7, 7)
      }
      return await commit()
    })
    await append({ ...table, catalog }, 1)
    expect(await liveNames(table)).toEqual(['0-1', '7-7'])
    expectUnbroken(table.metadata(), 2)
    expect(await keysOf(table)).toHaveLength(4)
  })

  test('waits as long as the catalog asks', async () => {
    const table = await historyTable('append_patience')
    let refusals = 2
    const catalog = interrupted(table.catalog, async (commit) => {
      if (refusals-- > 0) throw new CommitConflict('too many requests', { retryAfterMs: 30_000 })
      return await commit()
    })
    await append({ ...table, catalog }, 1)
    expect(table.pauses).toHaveLength(2)
    expect(Math.min(...table.pauses)).toBeGreaterThanOrEqual(30_000)
    expect(await liveNames(table)).toEqual(['0-1'])
  })

  test('is given up in the end', async () => {
    const table = await historyTable('append_endless')
    const catalog = interrupted(table.catalog, () =>
      Promise.reject(new CommitConflict('always somebody else')),
    )
    await expect(append({ ...table, catalog }, 1)).rejects.toThrow(CommitConflict)
    expect(table.pauses.length).toBeLessThanOrEqual(20)
    expect((await keysOf(table)).filter((key) => key.includes('snap-'))).toEqual([])
  })

  test('because the same batch came first is done', async () => {
    const table = await historyTable('append_rival')
    const catalog = interrupted(table.catalog, async (commit) => {
      await append(table, 1)
      return await commit()
    })
    expect(await append({ ...table, catalog }, 1)).toMatchObject({ snapshotId: null })
    expect(await liveNames(table)).toEqual(['0-1'])
  })
})

describe('a commit whose end is unknown', () => {
  test('is recognised when it happened', async () => {
    const table = await historyTable('append_lost_reply')
    const catalog = interrupted(table.catalog, async (commit) => {
      await commit()
      throw new CommitUnknown('the reply was lost')
    })
    const { snapshotId } = await append({ ...table, catalog }, 1)
    expect(table.metadata().snapshots.map((snapshot) => snapshot['snapshot-id'])).toEqual([snapshotId])
    expect(await liveNames(table)).toEqual(['0-1'])
  })

  test('is repeated when it did not happen, and its objects are left alone', async () => {
    const table = await historyTable('append_lost_request')
    let lost = false
    const catalog = interrupted(table.catalog, async (commit) => {
      if (lost) return await commit()
      lost = true
      throw new CommitUnknown('the request was lost')
    })
    await append({ ...table, catalog }, 1)
    expect(await liveNames(table)).toEqual(['0-1'])
    expect((await keysOf(table)).filter((key) => key.includes('snap-'))).toHaveLength(2)
  })

  test('and that happens while it is repeated, happens once', async () => {
    const table = await historyTable('append_late')
    let late: (() => Promise<unknown>) | null = null
    const catalog = interrupted(table.catalog, async (commit) => {
      if (late === null) {
        late = commit
        throw new CommitUnknown('on its way')
      }
      await late()
      return await commit()
    })
    await append({ ...table, catalog }, 1)
    expect(table.metadata().snapshots).toHaveLength(1)
    expect(await liveNames(table)).toEqual(['0-1'])
  })

  test('is recognised after its last attempt', async () => {
    const table = await historyTable('append_last')
    let attempts = 0
    const catalog = interrupted(table.catalog, async (commit) => {
      if (++attempts === 20) await commit()
      throw new CommitUnknown('no reply')
    })
    expect((await append({ ...table, catalog }, 1)).snapshotId).not.toBeNull()
    expect(await liveNames(table)).toEqual(['0-1'])
  })
})

describe('a commit that is refused', () => {
  test('is not repeated, and leaves no list', async () => {
    const table = await historyTable('append_refused')
    const catalog = interrupted(table.catalog, () => Promise.reject(new CatalogRefusal(403, 'not yours')))
    await expect(append({ ...table, catalog }, 1)).rejects.toThrow(CatalogRefusal)
    expect(table.pauses).toEqual([])
    expect((await keysOf(table)).filter((key) => key.includes('snap-'))).toEqual([])
  })

  test('by an error of no known kind leaves its objects alone', async () => {
    const table = await historyTable('append_broken')
    const catalog = interrupted(table.catalog, () => Promise.reject(new Error('what?')))
    await expect(append({ ...table, catalog }, 1)).rejects.toThrow('what?')
    expect((await keysOf(table)).filter((key) => key.includes('snap-'))).toHaveLength(1)
  })
})

test('a manifest that could not be stored is in no commit', async () => {
  const table = await historyTable('append_storage')
  const broken = watched((name, call) => (name === 'put' ? Promise.reject(new Error('R2 is down')) : call()))
  await expect(append({ ...table, warehouse: new Warehouse(broken, root) }, 1)).rejects.toThrow('R2 is down')
  expect(table.metadata().snapshots).toEqual([])
})

function batch(seq: number, shard = 0): AppendOptions {
  const property = `archive.watermark.${shard}`
  return {
    summary: { 'archive.batch-id': `${shard}-${seq}` },
    properties: { [property]: String(seq) },
    isDone: ({ properties }) => Number(properties[property] ?? 0) >= seq,
  }
}

function append(
  table: OpenTable & { location: string },
  seq: number,
  shard = 0,
): ReturnType<typeof appendFiles> {
  return appendFiles(table, [dataFile(table.location, `${shard}-${seq}`)], batch(seq, shard))
}

function manifests({ warehouse, metadata }: TestTable): ReturnType<typeof manifestsOf> {
  return manifestsOf(warehouse, currentSnapshot(metadata())!)
}

function expectUnbroken(metadata: TableMetadata, length: number): void {
  const byId = new Map(metadata.snapshots.map((snapshot) => [snapshot['snapshot-id'], snapshot]))
  const chain: Snapshot[] = []
  for (
    let one = currentSnapshot(metadata);
    one !== null;
    one = byId.get(one['parent-snapshot-id'] ?? 0n) ?? null
  ) {
    chain.push(one)
  }
  expect(chain).toHaveLength(length)
  expect(metadata.snapshots).toHaveLength(length)
  const sequence = chain.map((snapshot) => snapshot['sequence-number'])
  expect(sequence).toEqual(Array.from({ length }, (_, i) => length - i))
}
