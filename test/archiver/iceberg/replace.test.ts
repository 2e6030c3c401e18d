import { describe, expect, test } from 'vitest'
import { appendFiles, liveManifests } from '../../../archiver/iceberg/append.ts'
import { CommitUnknown } from '../../../archiver/iceberg/catalog.ts'
import { DELETED, EXISTING, type Entry } from '../../../archiver/iceberg/manifest.ts'
import { fetchManifest } from '../../../archiver/iceberg/manifests.ts'
import { mergeManifests } from '../../../archiver/iceberg/merge.ts'
import { currentSnapshot } from '../../../archiver/iceberg/metadata.ts'
import { replaceFiles } from '../../../archiver/iceberg/replace.ts'
import { appendNamed, historyTable, interrupted, liveNames, type TestTable } from './catalogs.ts'
import { dataFile, today } from './files.ts'

describe('a replacement', () => {
  test('exchanges its files in one snapshot and leaves the rest as it is', async () => {
    const table = await historyTable('replace')
    const [a, b] = await appendNamed(table, 'a', 'b')
    const [c, d] = await appendNamed(table, 'c', ['d', { day: today + 1 }])
    await appendNamed(table, ['e', { day: today + 1 }])
    const [untouched] = await liveManifests(table.warehouse, table.metadata())
    const added = dataFile(table.location, 'abc', { records: 30 })
    const { snapshotId } = await replaceFiles(table, {
      removed: [a!, b!, c!],
      added: [added],
      operation: 'replace',
    })
    expect(await liveNames(table)).toEqual(['abc', 'd', 'e'])
    const snapshot = currentSnapshot(table.metadata())!
    expect(snapshot).toMatchObject({ 'snapshot-id': snapshotId, 'sequence-number': 4 })
    expect(snapshot.summary).toMatchObject({
      operation: 'replace',
      'added-data-files': '1',
      'deleted-data-files': '3',
      'added-records': '30',
      'deleted-records': '30',
      'total-data-files': '3',
      'total-records': '50',
    })
    expect(await liveManifests(table.warehouse, table.metadata())).toContainEqual(untouched)
    const [, first, second] = table.metadata().snapshots.map((one) => one['snapshot-id'])
    const rewritten = (await entries(table)).filter(({ status }) => status !== 1)
    expect(rewritten).toContainEqual(
      expect.objectContaining({ status: DELETED, snapshotId, sequenceNumber: 2 }),
    )
    expect(rewritten).toContainEqual(
      expect.objectContaining({
        status: EXISTING,
        snapshotId: first,
        sequenceNumber: 2,
        fileSequenceNumber: 2,
        file: expect.objectContaining({ location: d!.location }),
      }),
    )
    expect(second).not.toBe(first)
  })

  test('reads no manifest of other days', async () => {
    const table = await historyTable('replace_days')
    const [a] = await appendNamed(table, 'a')
    await appendNamed(table, ['b', { day: today + 1 }])
    const [other] = await liveManifests(table.warehouse, table.metadata())
    await table.warehouse.bucket.delete(table.warehouse.keyOf(other!.location))
    const added = [dataFile(table.location, 'a2')]
    expect(
      (await replaceFiles(table, { removed: [a!], added, operation: 'replace' })).snapshotId,
    ).not.toBeNull()
  })

  test('and an append at the same time both happen', async () => {
    const table = await historyTable('replace_race')
    const removed = await appendNamed(table, 'a', 'b')
    const catalog = interrupted(table.catalog, async (commit) => {
      if (table.metadata().snapshots.length === 1) await appendNamed(table, 'c')
      return await commit()
    })
    const added = [dataFile(table.location, 'ab', { records: 20 })]
    await replaceFiles({ ...table, catalog }, { removed, added, operation: 'replace' })
    expect(await liveNames(table)).toEqual(['ab', 'c'])
    expect(currentSnapshot(table.metadata())!.summary['total-records']).toBe('30')
  })

  test('whose files were replaced meanwhile must be planned again', async () => {
    const table = await historyTable('replace_stale')
    const [a, b] = await appendNamed(table, 'a', 'b')
    const catalog = interrupted(table.catalog, async (commit) => {
      const added = [dataFile(table.location, 'a2')]
      await replaceFiles(table, { removed: [a!], added, operation: 'replace' })
      return await commit()
    })
    const added = [dataFile(table.location, 'ab', { records: 20 })]
    const replaced = replaceFiles({ ...table, catalog }, { removed: [a!, b!], added, operation: 'replace' })
    await expect(replaced).rejects.toMatchObject({ fault: 'plan_stale', code: 'internal' })
    expect(await liveNames(table)).toEqual(['a2', 'b'])
    const again = replaceFiles(table, { removed: [a!], added: [], operation: 'delete' })
    await expect(again).rejects.toMatchObject({ fault: 'plan_stale' })
  })

  test('whose reply was lost has happened once', async () => {
    const table = await historyTable('replace_lost')
    const removed = await appendNamed(table, 'a')
    const catalog = interrupted(table.catalog, async (commit) => {
      await commit()
      throw new CommitUnknown('the reply was lost')
    })
    const added = [dataFile(table.location, 'a2')]
    expect(
      (await replaceFiles({ ...table, catalog }, { removed, added, operation: 'replace' })).snapshotId,
    ).not.toBeNull()
    expect(table.metadata().snapshots).toHaveLength(2)
    expect(await liveNames(table)).toEqual(['a2'])
  })

  test('that loses or invents rows is refused', async () => {
    const table = await historyTable('replace_rows')
    const removed = await appendNamed(table, 'a')
    const added = [dataFile(table.location, 'a2', { records: 9 })]
    const replaced = replaceFiles(table, { removed, added, operation: 'replace' })
    await expect(replaced).rejects.toMatchObject({ fault: 'batch_invalid' })
    await replaceFiles(table, { removed, added, operation: 'overwrite' })
    expect(await liveNames(table)).toEqual(['a2'])
    expect(currentSnapshot(table.metadata())!.summary).toMatchObject({
      operation: 'overwrite',
      'total-records': '9',
    })
  })

  test('that only removes files leaves a table that can be appended to', async () => {
    const table = await historyTable('replace_delete')
    const removed = await appendNamed(table, 'a')
    await replaceFiles(table, { removed, added: [], operation: 'delete' })
    expect(await liveNames(table)).toEqual([])
    await appendNamed(table, 'b')
    expect(await liveNames(table)).toEqual(['b'])
    expect(await liveManifests(table.warehouse, table.metadata())).toHaveLength(1)
    expect(currentSnapshot(table.metadata())!.summary).toMatchObject({
      'total-data-files': '1',
      'total-records': '10',
    })
  })

  test('that its caller finds done is not repeated', async () => {
    const table = await historyTable('replace_done')
    const removed = await appendNamed(table, 'a')
    const once = { properties: { done: '1' }, isDone: isMarked }
    await replaceFiles(table, { removed, added: [], operation: 'delete' }, once)
    const again = await replaceFiles(table, { removed, added: [], operation: 'delete' }, once)
    expect(again.snapshotId).toBeNull()
    expect(table.metadata().snapshots).toHaveLength(2)
  })
})

describe('merging manifests', () => {
  test('leaves few, and the files and their sequence numbers as they were', async () => {
    const table = await historyTable('merge')
    for (let i = 0; i < 12; i++) await appendNamed(table, [`f${i}`, { day: today + (i % 3) }])
    const before = await entries(table)
    await mergeManifests(table, { above: 10, targetBytes: 17_000 })
    const after = await entries(table)
    expect(after.map(identity).toSorted()).toEqual(before.map(identity).toSorted())
    expect(new Set(after.map(({ status }) => status))).toEqual(new Set([EXISTING]))
    const manifests = await liveManifests(table.warehouse, table.metadata())
    expect(manifests).toHaveLength(3)
    expect(manifests.every(({ partitions: [day] }) => String(day!.lower) === String(day!.upper))).toBe(true)
    expect(manifests.every(({ bytes }) => bytes < 17_000)).toBe(true)
    const { summary } = currentSnapshot(table.metadata())!
    expect(summary).toMatchObject({
      operation: 'replace',
      'manifests-created': '3',
      'manifests-replaced': '12',
      'manifests-kept': '0',
      'total-data-files': '12',
      'total-records': '120',
    })
  })

  test('does nothing while there are few', async () => {
    const table = await historyTable('merge_few')
    await appendNamed(table, 'a')
    await appendNamed(table, 'b')
    expect((await mergeManifests(table)).snapshotId).toBeNull()
    expect(table.metadata().snapshots).toHaveLength(2)
  })

  test('and an append at the same time both happen', async () => {
    const table = await historyTable('merge_race')
    for (const name of ['a', 'b', 'c']) await appendNamed(table, name)
    const catalog = interrupted(table.catalog, async (commit) => {
      if (table.metadata().snapshots.length === 3) await appendNamed(table, 'd')
      return await commit()
    })
    await mergeManifests({ ...table, catalog }, { above: 2 })
    expect(await liveNames(table)).toEqual(['a', 'b', 'c', 'd'])
    expect(await liveManifests(table.warehouse, table.metadata())).toHaveLength(1)
  })

  test('forgets entries of files that were deleted before', async () => {
    const table = await historyTable('merge_deleted')
    const [a] = await appendNamed(table, 'a', 'b')
    await replaceFiles(table, { removed: [a!], added: [], operation: 'delete' })
    await appendNamed(table, 'c')
    await mergeManifests(table, { above: 1 })
    expect((await entries(table)).map(({ status }) => status)).toEqual([EXISTING, EXISTING])
    expect(await liveNames(table)).toEqual(['b', 'c'])
  })
})

test('appends with merges between them keep the list short', { timeout: 30_000 }, async () => {
  const table = await historyTable('merge_many')
  for (let i = 0; i < 30; i++) {
    await appendFiles(table, [dataFile(table.location, `f${i}`)], { isDone: () => false })
    await mergeManifests(table, { above: 5 })
  }
  expect((await liveManifests(table.warehouse, table.metadata())).length).toBeLessThanOrEqual(5)
  expect(await liveNames(table)).toHaveLength(30)
})

function isMarked({ properties }: { properties: Readonly<Record<string, string>> }): boolean {
  return properties['done'] === '1'
}

async function entries({ warehouse, metadata }: TestTable): Promise<Entry[]> {
  const all: Entry[] = []
  for (const manifest of await liveManifests(warehouse, metadata())) {
    all.push(...(await fetchManifest(warehouse, manifest)).entries())
  }
  return all
}

function identity({ file, snapshotId, sequenceNumber, fileSequenceNumber }: Entry): string {
  return [file.location, snapshotId, sequenceNumber, fileSequenceNumber].join()
}
