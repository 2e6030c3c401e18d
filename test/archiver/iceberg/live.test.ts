import { beforeAll, describe, expect, test } from 'vitest'
import { appendFiles } from '../../../archiver/iceberg/append.ts'
import type { FileCounts, FileFilter } from '../../../archiver/iceberg/live.ts'
import { liveFiles } from '../../../archiver/iceberg/live.ts'
import { ManifestWriter, headerFor, ADDED } from '../../../archiver/iceberg/manifest.ts'
import { encodeManifestList, storeManifest, storeObject } from '../../../archiver/iceberg/manifests.ts'
import { bucket } from '../buckets.ts'
import { historyTable, type TestTable } from './catalogs.ts'
import { allOf, dataFile, namesOf, today } from './files.ts'

let table: TestTable
let counts: FileCounts

beforeAll(async () => {
  table = await historyTable('live')
  const { location } = table
  await append(
    dataFile(location, 'a', { day: today - 1, ids: ['order-1', 'order-3'] }),
    dataFile(location, 'b', { day: today, ids: ['order-2', 'order-5'] }),
  )
  await append(dataFile(location, 'c', { day: today, ids: ['order-6', 'order-with-a-long-name'] }))
  await append(dataFile(location, 'd', { day: today + 1, ids: ['ödland', '\u{1F600}'] }))
})

describe('live files', () => {
  test('are all those of the current snapshot', async () => {
    expect(await names({})).toEqual(['d', 'c', 'a', 'b'])
    expect(counts).toEqual({ manifestsRead: 3, manifestsSkipped: 0, filesSkipped: 0 })
  })

  test('of some days are found without reading the manifests of others', async () => {
    expect(await names({ days: [today - 5, today - 1] })).toEqual(['a'])
    expect(counts).toEqual({ manifestsRead: 1, manifestsSkipped: 2, filesSkipped: 1 })
    expect(await names({ days: [today, today] })).toEqual(['c', 'b'])
    expect(await names({ days: [today + 2, today + 9] })).toEqual([])
    expect(counts).toEqual({ manifestsRead: 0, manifestsSkipped: 3, filesSkipped: 0 })
  })

  test.each<[string, string[]]>([
    ['order-2', ['a', 'b']],
    ['order-5', ['b']],
    ['order-51', []],
    ['order-with-a-long-name', ['c']],
    ['order-with-a-longer-name-than-any', ['c']],
    ['order-z', []],
    ['\uFFFD', ['d']],
    ['a', []],
  ])('that may hold workflow %s are those whose bounds do not exclude it', async (workflowId, expected) => {
    expect(await names({ equals: { workflow_id: workflowId } })).toEqual(expected)
    expect(counts.filesSkipped).toBe(4 - expected.length)
  })

  test('without bounds for a column are never left out for it', async () => {
    expect(await names({ equals: { run_id: 'r' } })).toEqual(['d', 'c', 'a', 'b'])
  })

  test('of an earlier snapshot are those of then', async () => {
    const [, second] = table.metadata().snapshots
    expect(await names({ snapshotId: second!['snapshot-id'] })).toEqual(['c', 'a', 'b'])
    await expect(names({ snapshotId: 5n })).rejects.toMatchObject({ fault: 'object_missing' })
  })

  test('of a table without snapshots are none', async () => {
    const empty = await historyTable('live_empty')
    expect(await allOf(liveFiles(empty.metadata(), empty.warehouse))).toEqual([])
  })

  test('cannot be asked for by a column that is not there', async () => {
    await expect(names({ equals: { colour: 'red' } })).rejects.toThrow('colour')
  })
})

describe('a table that is damaged', () => {
  test('is refused when a manifest is missing, or is not the one that was listed', async () => {
    const damaged = await historyTable('live_damaged')
    await appendFiles(damaged, [dataFile(damaged.location, 'x')], { isDone: () => false })
    const prefix = `${damaged.warehouse.keyOf(damaged.location)}/metadata/perdure-manifest-`
    const { objects } = await bucket.list({ prefix })
    const [{ key, size }] = objects as [R2Object]
    await bucket.put(key, new Uint8Array(size - 1))
    const read = () => allOf(liveFiles(damaged.metadata(), damaged.warehouse))
    await expect(read()).rejects.toMatchObject({ fault: 'object_corrupt' })
    await bucket.delete(key)
    await expect(read()).rejects.toMatchObject({ fault: 'object_missing' })
  })
})

describe('a table with delete files of another engine', () => {
  test('is refused, but not where the deletes are on other days', async () => {
    const deleting = await historyTable('live_deletes')
    await addDeletes(deleting)
    const read = (days: [number, number]) =>
      allOf(liveFiles(deleting.metadata(), deleting.warehouse, { days }))
    await expect(read([today, today])).rejects.toMatchObject({ fault: 'deletes_pending' })
    expect(await read([today + 1, today + 1])).toEqual([])
  })
})

async function append(...files: Parameters<typeof appendFiles>[1]): Promise<void> {
  await appendFiles(table, files, { isDone: () => false })
}

async function names(filter: FileFilter): Promise<string[]> {
  counts = { manifestsRead: 0, manifestsSkipped: 0, filesSkipped: 0 }
  const files = await allOf(liveFiles(table.metadata(), table.warehouse, { ...filter, counts }))
  return namesOf(files)
}

/** As a row-level delete by another engine would. */
async function addDeletes({ catalog, warehouse, location, metadata, name }: TestTable): Promise<void> {
  const spec = metadata()['partition-specs'][0]!
  const sync = new Uint8Array(16)
  const writer = new ManifestWriter({ ...headerFor(metadata(), spec), content: 1 }, sync)
  const file = { ...dataFile(location, 'deletes'), content: 1 }
  writer.append({ status: ADDED, snapshotId: 1n, sequenceNumber: null, fileSequenceNumber: null, file })
  const manifest = await storeManifest(warehouse, writer, {
    location: `${location}/metadata/d.avro`,
    snapshotId: 1n,
  })
  const list = `${location}/metadata/snap.avro`
  const of = { snapshotId: 1n, parentId: null, sequenceNumber: 1, sync }
  await storeObject(warehouse, list, encodeManifestList([manifest], of))
  const snapshot = {
    'snapshot-id': 1n,
    'sequence-number': 1,
    'timestamp-ms': metadata()['last-updated-ms'],
    'manifest-list': list,
    summary: { operation: 'delete' as const },
  }
  await catalog.commit(name, {
    requirements: [],
    updates: [
      { action: 'add-snapshot', snapshot },
      { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': 1n },
    ],
  })
}
