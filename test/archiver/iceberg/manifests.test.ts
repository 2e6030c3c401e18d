import { describe, expect, test } from 'vitest'
import { deserialize } from '../../../archiver/iceberg/bounds.ts'
import type { DataFile } from '../../../archiver/iceberg/file.ts'
import {
  ADDED,
  DELETED,
  EXISTING,
  ManifestWriter,
  openManifest,
  type Entry,
  type ManifestHeader,
} from '../../../archiver/iceberg/manifest.ts'
import {
  decodeManifestList,
  encodeManifestList,
  type ListedManifest,
  type ManifestFile,
} from '../../../archiver/iceberg/manifests.ts'
import { partitionType } from '../../../archiver/iceberg/partition.ts'
import { workflowHistory } from '../../../archiver/iceberg/tables.ts'
import { seeded } from '../batches.ts'
import { dataFile, today } from './files.ts'
import { pyicebergFiles, pyicebergSnapshots } from './pyiceberg.ts'

const sync = new Uint8Array(16).fill(7)
const table = 's3://bucket/durable/workflow_history'
const header: ManifestHeader = {
  specId: 0,
  content: 0,
  spec: workflowHistory.spec.fields,
  schema: JSON.stringify(workflowHistory.schema),
  schemaId: '0',
  partition: partitionType(workflowHistory.spec, workflowHistory.schema),
}
const list = { location: 'm.avro', specId: 0, content: 0, sequenceNumber: 12, addedSnapshotId: 9n }
const foreign = 6918293763128758246n

describe('a manifest', () => {
  test.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'comes back as it was written (seed %i)',
    (seed) => {
      const random = seeded(seed)
      const entries = Array.from({ length: 1 + Math.floor(random() * 200) }, (_, i) => randomEntry(i, random))
      const { bytes } = written(entries)
      expect([...openManifest(bytes, list).entries()]).toEqual(entries.map(asRead))
    },
  )

  test('gives its added entries the sequence number of its commit, and no other', () => {
    const { bytes } = written([entry(ADDED, null), entry(EXISTING, 3), entry(DELETED, 4)])
    const entries = [...openManifest(bytes, list).entries()]
    expect(entries.map(({ sequenceNumber }) => sequenceNumber)).toEqual([12, 3, 4])
    expect(entries.map(({ fileSequenceNumber }) => fileSequenceNumber)).toEqual([12, 3, 4])
  })

  test('says in its list what it holds', () => {
    const { counts } = written([
      entry(ADDED, null, dataFile(table, 'a', { day: today, records: 5 })),
      entry(EXISTING, 3, dataFile(table, 'b', { day: -1, records: 7 })),
      entry(EXISTING, 5, dataFile(table, 'c', { day: today - 1, records: 11 })),
      entry(DELETED, 1, dataFile(table, 'd', { day: today + 1, records: 13 })),
    ])
    expect(counts).toMatchObject({ addedFiles: 1, existingFiles: 2, deletedFiles: 1 })
    expect(counts).toMatchObject({ addedRows: 5, existingRows: 18, deletedRows: 13, minSequenceNumber: 3 })
    const [day] = counts.partitions
    expect(day).toMatchObject({ containsNull: false, containsNan: null })
    expect(deserialize('date', day!.lower!)).toBe(-1)
    expect(deserialize('date', day!.upper!)).toBe(today + 1)
  })

  test('read and written again is the same, whatever else its entries hold', () => {
    const file = {
      ...dataFile(table, 'deletes'),
      content: 2,
      nanCounts: new Map([[3, 1]]),
      keyMetadata: new Uint8Array([1, 2]),
      equalityIds: [2, 3],
    }
    const opened = openManifest(written([entry(EXISTING, 3, file)]).bytes, { ...list, content: 1 })
    const again = new ManifestWriter(opened.header, sync)
    for (const one of opened.entries()) again.append(one)
    const { bytes } = again.finish()
    expect([...openManifest(bytes, { ...list, content: 1 }).entries()]).toEqual([entry(EXISTING, 3, file)])
  })

  test('of a table without partitions is read and written', () => {
    const spec = { ...header, spec: [], partition: { type: 'record', name: 'r102', fields: [] } }
    const file = { ...dataFile(table, 'a'), partition: {} }
    const writer = new ManifestWriter(spec, sync)
    writer.append(entry(EXISTING, 3, file))
    const { bytes, counts } = writer.finish()
    expect(counts.partitions).toEqual([])
    expect([...openManifest(bytes, list).entries()]).toMatchObject([{ file: { partition: {} } }])
  })

  test('with an entry of no known status is refused', () => {
    const { bytes } = written([entry(3, 3)])
    const attempt = () => [...openManifest(bytes, list).entries()]
    expect(attempt).toThrow(expect.objectContaining({ fault: 'object_corrupt', subject: 'm.avro' }))
  })
})

describe('a manifest list', () => {
  test('comes back as it was written, with the sequence number of its commit for what is new', () => {
    const carried: ListedManifest = {
      location: `${table}/metadata/carried.avro`,
      bytes: 4_711,
      specId: 3,
      content: 1,
      sequenceNumber: 8,
      minSequenceNumber: 2,
      addedSnapshotId: foreign,
      addedFiles: 1,
      existingFiles: 2,
      deletedFiles: 3,
      addedRows: 4,
      existingRows: 5,
      deletedRows: 2 ** 40,
      partitions: [{ containsNull: true, containsNan: false, lower: null, upper: new Uint8Array([1]) }],
      keyMetadata: new Uint8Array([5, 6]),
    }
    const added: ManifestFile = { ...carried, sequenceNumber: null, minSequenceNumber: null, partitions: [] }
    const of = { snapshotId: 1n, parentId: foreign, sequenceNumber: 12, sync }
    const read = decodeManifestList(encodeManifestList([carried, added], of), 'list.avro')
    expect(read).toEqual([carried, { ...added, sequenceNumber: 12, minSequenceNumber: 12 }])
  })
})

describe('what PyIceberg wrote', () => {
  const [first, second] = pyicebergSnapshots
  const manifests = decodeManifestList(foreignBytes(second['manifest-list']), second['manifest-list'])

  test('decodes as a manifest list with its 63-bit snapshot ids', () => {
    expect(manifests).toHaveLength(2)
    expect(manifests.map(({ addedSnapshotId }) => addedSnapshotId)).toEqual([
      9093689025605047121n,
      680714455547861051n,
    ])
    expect(manifests.map(({ sequenceNumber }) => sequenceNumber)).toEqual([2, 1])
    expect(manifests.map(({ addedFiles, addedRows }) => [addedFiles, addedRows])).toEqual([
      [2, 6],
      [2, 6],
    ])
    const [day] = manifests[0]!.partitions
    expect([deserialize('date', day!.lower!), deserialize('date', day!.upper!)]).toEqual([-1, 20_782])
    expect(second['parent-snapshot-id']).toBe(first['snapshot-id'])
  })

  test('decodes as manifests with their entries', () => {
    const entries = manifests.flatMap((manifest) => [
      ...openManifest(foreignBytes(manifest.location), manifest).entries(),
    ])
    expect(entries.map(({ status }) => status)).toEqual([ADDED, ADDED, ADDED, ADDED])
    expect(entries.map(({ sequenceNumber }) => sequenceNumber)).toEqual([2, 2, 1, 1])
    expect(entries.map(({ file }) => file.partition)).toEqual([20_782, -1, 20_781, 20_782].map(onDay))
    const { file, snapshotId } = entries[0]!
    expect(snapshotId).toBe(second['snapshot-id'])
    expect(file).toMatchObject({ format: 'PARQUET', content: 0, records: 3, bytes: 4_238, splitOffsets: [4] })
    expect(text(file.lowerBounds.get(2))).toBe('order-with-a-lon')
    expect(text(file.upperBounds.get(2))).toBe('order-with-a-loo')
    expect(deserialize('long', file.upperBounds.get(4)!)).toBe(3n)
  })

  test('is written again with nothing lost', () => {
    const [manifest] = manifests
    const opened = openManifest(foreignBytes(manifest!.location), manifest!)
    const before = [...opened.entries()]
    const writer = new ManifestWriter(opened.header, sync)
    for (const one of before) writer.append(one)
    const { bytes, counts } = writer.finish()
    expect([...openManifest(bytes, manifest!).entries()]).toEqual(before)
    expect(counts.partitions).toMatchObject(
      manifest!.partitions.map(({ lower, upper }) => ({ lower, upper })),
    )
  })
})

function entry(status: number, sequenceNumber: number | null, file = dataFile(table, 'a')): Entry {
  return { status, snapshotId: foreign, sequenceNumber, fileSequenceNumber: sequenceNumber, file }
}

function randomEntry(i: number, random: () => number): Entry {
  const status = Math.floor(random() * 3)
  const counts = () => new Map([[1 + Math.floor(random() * 11), Math.floor(random() * 2 ** 45)]])
  const file: DataFile = {
    ...dataFile(table, `file-${i}`, {
      day: Math.floor((random() - 0.5) * 40_000),
      records: Math.floor(random() * 1e9),
    }),
    columnSizes: counts(),
    valueCounts: random() < 0.5 ? new Map() : counts(),
    splitOffsets: random() < 0.5 ? [] : [4, 2 ** 40],
    sortOrderId: random() < 0.5 ? null : 1,
  }
  const sequence = status === ADDED ? null : Math.floor(random() * 100)
  const snapshotId = random() < 0.5 ? foreign : BigInt(Math.floor(random() * 2 ** 53))
  return { status, snapshotId, sequenceNumber: sequence, fileSequenceNumber: sequence, file }
}

function asRead(one: Entry): Entry {
  const file = { nanCounts: new Map(), keyMetadata: null, equalityIds: [], ...one.file }
  const { sequenceNumber, fileSequenceNumber } = one
  return { ...one, sequenceNumber: sequenceNumber ?? 12, fileSequenceNumber: fileSequenceNumber ?? 12, file }
}

function written(entries: readonly Entry[]): ReturnType<ManifestWriter['finish']> {
  const writer = new ManifestWriter(header, sync)
  for (const one of entries) writer.append(one)
  return writer.finish()
}

function foreignBytes(location: string): Uint8Array {
  return Uint8Array.from(atob(pyicebergFiles[location]!), (character) => character.charCodeAt(0))
}

function onDay(day: number): { closed_at_day: number } {
  return { closed_at_day: day }
}

function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes)
}
