/** Avro files of Iceberg: containers, manifests and lists of them, as other engines or a damaged disk may give them. */
import { deepStrictEqual } from 'node:assert/strict'
import { deflateRawSync } from 'node:zlib'
import * as fc from 'fast-check'
import { ContainerWriter, openContainer } from '../../archiver/iceberg/avro.ts'
import { encode, Sink } from '../../archiver/iceberg/encode.ts'
import { EXISTING, ManifestWriter, openManifest } from '../../archiver/iceberg/manifest.ts'
import type { Entry, Inherited, ManifestHeader } from '../../archiver/iceberg/manifest.ts'
import { decodeManifestList, encodeManifestList } from '../../archiver/iceberg/manifests.ts'
import { compileRecord } from '../../archiver/iceberg/shape.ts'
import type { AvroRecord, AvroSchema } from '../../archiver/iceberg/shape.ts'
import type { Json } from '../../shared/payload.ts'
import { mutatedBytes, mutatedJson } from './mutated.ts'
import { holds, target, verdictOf } from './target.ts'
import type { Target } from './target.ts'

const sync = new Uint8Array(16).map((_, i) => i + 100)
const schema: AvroSchema = {
  type: 'record',
  name: 'r',
  fields: [
    { name: 'text', type: 'string' },
    { name: 'number', type: 'long' },
    { name: 'list', type: { type: 'array', items: ['null', 'double'] } },
    { name: 'map', type: { type: 'map', values: 'bytes' } },
    { name: 'flag', type: 'boolean' },
    { name: 'four', type: { type: 'fixed', name: 'four', size: 4 } },
    { name: 'choice', type: { type: 'enum', name: 'e', symbols: ['A', 'B'] } },
  ],
}

const long = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }),
)
const row: fc.Arbitrary<AvroRecord> = fc.record({
  text: fc.string({ unit: 'binary' }),
  number: long,
  list: fc.array(fc.option(fc.double())),
  map: fc.dictionary(fc.string(), fc.uint8Array({ maxLength: 9 })),
  flag: fc.boolean(),
  four: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  choice: fc.constantFrom('A', 'B'),
})
const rows = fc.array(row, { maxLength: 5 })

function written(records: readonly AvroRecord[]): Uint8Array {
  const writer = new ContainerWriter(schema, { metadata: { content: 'data' }, sync })
  for (const record of records) writer.append(record)
  return writer.finish().slice()
}

/** As other engines write: one block, compressed. */
function deflated(records: readonly AvroRecord[]): Uint8Array {
  const [file, block] = [new Sink(), new Sink()]
  for (const record of records) encode(compileRecord(schema, 'schema'), record, block)
  file.bytes(new Uint8Array([0x4f, 0x62, 0x6a, 1]))
  const header = { 'avro.schema': JSON.stringify(schema), 'avro.codec': 'deflate' }
  encode({ kind: 'map', values: { kind: 'string' } }, header, file)
  file.bytes(sync)
  file.long(records.length)
  const data = deflateRawSync(block.written())
  file.long(data.length)
  file.bytes(data)
  file.bytes(sync)
  return file.written().slice()
}

const header: ManifestHeader = {
  specId: 0,
  content: 0,
  spec: [{ 'source-id': 10, 'field-id': 1000, name: 'closed_at_day', transform: 'day' }],
  schema: '{"type":"struct","schema-id":0,"fields":[]}',
  schemaId: '0',
  partition: {
    type: 'record',
    name: 'r102',
    fields: [{ name: 'closed_at_day', type: ['null', 'int'], default: null, 'field-id': 1000 }],
  },
}
const list: Inherited = {
  location: 's3://b/m.avro',
  specId: 0,
  content: 0,
  sequenceNumber: 5,
  addedSnapshotId: 7n,
}
const counts = fc.array(fc.tuple(fc.nat(20), fc.nat()), { maxLength: 3 }).map((pairs) => new Map(pairs))
const bounds = fc
  .array(fc.tuple(fc.nat(20), fc.uint8Array({ maxLength: 9 })), { maxLength: 3 })
  .map((pairs) => new Map(pairs))
const entry: fc.Arbitrary<Entry> = fc.record({
  status: fc.constant(EXISTING),
  snapshotId: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
  sequenceNumber: fc.nat(),
  fileSequenceNumber: fc.nat(),
  file: fc.record({
    location: fc.string({ unit: 'binary' }),
    format: fc.constant('PARQUET'),
    content: fc.constant(0),
    partition: fc.record({ closed_at_day: fc.oneof(fc.constant(null), fc.integer()) }),
    records: fc.nat(),
    bytes: fc.nat(),
    columnSizes: counts,
    valueCounts: counts,
    nullCounts: counts,
    lowerBounds: bounds,
    upperBounds: bounds,
    splitOffsets: fc.array(fc.nat(), { maxLength: 3 }),
    sortOrderId: fc.option(fc.nat(3)),
  }),
})
const entries = fc.array(entry, { maxLength: 3 })

function manifestOf(some: readonly Entry[], of = header): Uint8Array {
  const writer = new ManifestWriter(of, sync)
  for (const one of some) writer.append(one)
  return writer.finish().bytes.slice()
}

/** What was read can be written again, and is then the same. */
function rewritten(bytes: Uint8Array): void {
  const opened = openManifest(bytes, list)
  const read = [...opened.entries()]
  const again = openManifest(manifestOf(read, opened.header), list)
  deepStrictEqual([...again.entries()], read)
}

/** The header's texts of a manifest, damaged: they are JSON that other engines write. */
const headers = fc
  .tuple(
    mutatedJson(fc.constant(header.spec as unknown as Json)),
    mutatedJson(fc.constant(header.partition as unknown as Json)),
    mutatedJson(fc.constant<Json>({ a: 1 })),
  )
  .map(([spec, partition]) => {
    const data = {
      name: 'data_file',
      'field-id': 2,
      type: { type: 'record', name: 'r2', fields: [partitionField(partition)] },
    }
    const text = shallow({ type: 'record', name: 'manifest_entry', fields: [data] })
    const sink = new Sink()
    sink.bytes(new Uint8Array([0x4f, 0x62, 0x6a, 1]))
    encode(
      { kind: 'map', values: { kind: 'string' } },
      { 'avro.schema': text, 'partition-spec': shallow(spec), schema: '{}' },
      sink,
    )
    sink.bytes(sync)
    return sink.written().slice()
  })

function partitionField(type: Json): object {
  return { name: 'partition', 'field-id': 102, type }
}

function shallow(json: unknown): string {
  try {
    return JSON.stringify(json)
  } catch {
    return '['.repeat(100_000) + ']'.repeat(100_000) // nested too deep for JSON.stringify
  }
}

const manifestList = fc.array(fc.tuple(fc.string(), fc.nat(), long), { maxLength: 4 }).map((some) =>
  encodeManifestList(
    some.map(([location, bytes, id]) => ({
      location,
      bytes,
      specId: 0,
      content: 0,
      sequenceNumber: 3,
      minSequenceNumber: 1,
      addedSnapshotId: BigInt(id),
      keyMetadata: null,
      addedFiles: 1,
      existingFiles: 0,
      deletedFiles: 0,
      addedRows: 5,
      existingRows: 0,
      deletedRows: 0,
      partitions: [{ containsNull: false, containsNan: null, lower: new Uint8Array(4), upper: null }],
    })),
    { snapshotId: 9n, parentId: null, sequenceNumber: 3, sync },
  ).slice(),
)

export const avroTargets: readonly Target[] = [
  target({ name: 'avro-round-trip', weight: 60 }, rows, (records) => {
    for (const bytes of [written(records), deflated(records)]) {
      const read = [...openContainer(bytes, 'x.avro').records()]
      deepStrictEqual(
        read.map((one) => structuredClone({ ...one, map: { ...(one['map'] as object) } })),
        structuredClone(records),
      )
    }
    return 'accepted'
  }),
  target(
    { name: 'avro-damaged', weight: 150 },
    fc.oneof(mutatedBytes(rows.map(written)), mutatedBytes(rows.map(deflated))),
    (bytes) =>
      verdictOf(() => {
        let records = 0
        for (const record of openContainer(bytes, 'x.avro').records()) {
          records++
          holds(Object.getPrototypeOf(record) === null, 'records have no prototype')
        }
        holds(records <= 20_000_000, `${records} records`)
      }),
  ),
  target(
    { name: 'avro-manifest', weight: 100 },
    mutatedBytes(entries.map((some) => manifestOf(some))),
    (bytes) => verdictOf(() => rewritten(bytes)),
  ),
  target({ name: 'avro-manifest-header', weight: 60 }, headers, (bytes) => verdictOf(() => rewritten(bytes))),
  target({ name: 'avro-manifest-list', weight: 60 }, mutatedBytes(manifestList), (bytes) =>
    verdictOf(() => {
      const manifests = decodeManifestList(bytes, 's3://b/snap.avro')
      const again = encodeManifestList(manifests, { snapshotId: 9n, parentId: null, sequenceNumber: 3, sync })
      deepStrictEqual(decodeManifestList(again, 's3://b/snap.avro'), manifests)
    }),
  ),
]
