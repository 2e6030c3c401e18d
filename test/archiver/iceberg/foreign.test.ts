import { beforeAll, describe, expect, test } from 'vitest'
import { liveManifests } from '../../../archiver/iceberg/append.ts'
import { expireSnapshots } from '../../../archiver/iceberg/expire.ts'
import { liveFiles } from '../../../archiver/iceberg/live.ts'
import { fetchManifest } from '../../../archiver/iceberg/manifests.ts'
import { mergeManifests } from '../../../archiver/iceberg/merge.ts'
import { currentSnapshot } from '../../../archiver/iceberg/metadata.ts'
import { replaceFiles } from '../../../archiver/iceberg/replace.ts'
import { sweepOrphans } from '../../../archiver/iceberg/sweep.ts'
import { bucket } from '../buckets.ts'
import { appendNamed, historyTable, keysOf, type TestTable } from './catalogs.ts'
import { allOf, dataFile } from './files.ts'
import { pyicebergFiles, pyicebergLocation, pyicebergSnapshots } from './pyiceberg.ts'

const [first, second] = pyicebergSnapshots
const later = second['timestamp-ms'] + 86_400_000

/** What PyIceberg left, and then what is done to it, step by step. */
describe('a table with snapshots of another engine', () => {
  let table: TestTable

  beforeAll(async () => {
    for (const [location, base64] of Object.entries(pyicebergFiles)) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
      await bucket.put(location.replace('file:///warehouse/', ''), bytes)
    }
    table = await historyTable('workflow_history', {
      root: 'file:///warehouse',
      now: () => later,
      metadata: {
        location: pyicebergLocation,
        snapshots: pyicebergSnapshots,
        refs: { main: { type: 'branch', 'snapshot-id': second['snapshot-id'] } },
        'current-snapshot-id': second['snapshot-id'],
        'last-sequence-number': 2,
        'last-updated-ms': second['timestamp-ms'],
      },
    })
  })

  test('lists its files', async () => {
    expect(await paths(table)).toHaveLength(4)
    const found = await allOf(liveFiles(table.metadata(), table.warehouse, { days: [20_782, 20_782] }))
    expect(found.map(({ partition }) => partition['closed_at_day'])).toEqual([20_782, 20_782])
    const equals = { workflow_id: 'order-with-a-long-name-3', run_id: 'run-3' }
    expect(await allOf(liveFiles(table.metadata(), table.warehouse, { equals }))).toHaveLength(1)
  })

  test('takes an append, whose parent has its 63 bits', async () => {
    const carried = await liveManifests(table.warehouse, table.metadata())
    await appendNamed(table, 'own')
    const snapshot = currentSnapshot(table.metadata())!
    expect(snapshot['parent-snapshot-id']).toBe(9093689025605047121n)
    expect(snapshot['snapshot-id']).toBeLessThan(2n ** 53n)
    expect(snapshot['sequence-number']).toBe(3)
    expect(snapshot.summary).toMatchObject({ 'total-data-files': '5', 'total-records': '22' })
    const [, ...rest] = await liveManifests(table.warehouse, table.metadata())
    expect(rest).toEqual(carried)
  })

  test('takes a replacement of its files', async () => {
    const files = await allOf(liveFiles(table.metadata(), table.warehouse))
    const removed = files.filter(({ partition }) => partition['closed_at_day'] === 20_782)
    expect(removed).toHaveLength(2)
    const added = [dataFile(pyicebergLocation, 'compacted', { day: 20_782, records: 6 })]
    await replaceFiles(table, { removed, added, operation: 'replace' })
    const entries = (await entriesOf(table)).map(({ status, snapshotId, sequenceNumber }) => [
      status,
      snapshotId,
      sequenceNumber,
    ])
    expect(entries).toContainEqual([0, 9093689025605047121n, 2])
    expect(entries).toContainEqual([0, 680714455547861051n, 1])
    expect(await paths(table)).toHaveLength(4)
  })

  test('has its manifests merged', async () => {
    await mergeManifests(table, { above: 1 })
    expect(await liveManifests(table.warehouse, table.metadata())).toHaveLength(1)
    expect((await entriesOf(table)).map(({ snapshotId }) => snapshotId)).toContain(680714455547861051n)
    expect(await paths(table)).toHaveLength(4)
  })

  test('has its snapshots expired', async () => {
    const expiry = await expireSnapshots(table, { olderThanMs: 0, keepAtMost: 1 })
    expect(expiry.snapshots).toBe(4)
    const ids = table.metadata().snapshots.map((snapshot) => snapshot['snapshot-id'])
    expect(ids).not.toContain(first['snapshot-id'])
    expect(await paths(table)).toHaveLength(4)
    const left = (await keysOf(table)).filter((key) => key.endsWith('.avro'))
    expect(left).toHaveLength(2)
  })

  test('is swept', async () => {
    expect((await sweepOrphans({ ...table, now: () => Date.now() + 90_000_000 })).deleted).toEqual([])
  })
})

async function paths({ warehouse, metadata }: TestTable): Promise<string[]> {
  return (await allOf(liveFiles(metadata(), warehouse))).map(({ location }) => location)
}

async function entriesOf({ warehouse, metadata }: TestTable) {
  const all = []
  for (const manifest of await liveManifests(warehouse, metadata())) {
    all.push(...(await fetchManifest(warehouse, manifest)).entries())
  }
  return all
}
