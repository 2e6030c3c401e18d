/** A data file as the record of a manifest's entry, and back. */
import type { DataFile } from './file.ts'
import { corrupt, type AvroRecord, type AvroValue } from './shape.ts'
import {
  arrayOrNull,
  asRecord,
  bytesOrNull,
  intOf,
  intOrZero,
  numberOrNull,
  recordOf,
  textOf,
  unlessEmpty,
} from './values.ts'

/** With what only other engines write: no use is made of it here, but it is kept when a manifest is rewritten. */
export interface StoredFile extends DataFile {
  readonly nanCounts: ReadonlyMap<number, number>
  readonly keyMetadata: Uint8Array | null
  readonly equalityIds: readonly number[]
}

export function fileOf(record: AvroRecord, subject: string): StoredFile {
  return {
    location: textOf(record, 'file_path', subject),
    format: textOf(record, 'file_format', subject),
    content: intOrZero(record, 'content', subject),
    partition: partitionOf(recordOf(record, 'partition', subject)),
    records: intOf(record, 'record_count', subject),
    bytes: intOf(record, 'file_size_in_bytes', subject),
    columnSizes: countsOf(record, 'column_sizes', subject),
    valueCounts: countsOf(record, 'value_counts', subject),
    nullCounts: countsOf(record, 'null_value_counts', subject),
    nanCounts: countsOf(record, 'nan_value_counts', subject),
    lowerBounds: boundsOf(record, 'lower_bounds', subject),
    upperBounds: boundsOf(record, 'upper_bounds', subject),
    keyMetadata: bytesOrNull(record, 'key_metadata', subject),
    splitOffsets: numbersOf(record, 'split_offsets', subject),
    equalityIds: numbersOf(record, 'equality_ids', subject),
    sortOrderId: numberOrNull(record, 'sort_order_id', subject),
  }
}

export function fileRecord(file: DataFile | StoredFile): AvroRecord {
  const foreign = 'nanCounts' in file ? file : { nanCounts: new Map(), keyMetadata: null, equalityIds: [] }
  return {
    content: file.content,
    file_path: file.location,
    file_format: file.format,
    partition: file.partition as AvroRecord, // what its Avro type does not take is refused when it is encoded
    record_count: file.records,
    file_size_in_bytes: file.bytes,
    column_sizes: pairs(file.columnSizes),
    value_counts: pairs(file.valueCounts),
    null_value_counts: pairs(file.nullCounts),
    nan_value_counts: pairs(foreign.nanCounts),
    lower_bounds: pairs(file.lowerBounds),
    upper_bounds: pairs(file.upperBounds),
    key_metadata: foreign.keyMetadata,
    split_offsets: unlessEmpty(file.splitOffsets),
    equality_ids: unlessEmpty(foreign.equalityIds),
    sort_order_id: file.sortOrderId,
  }
}

function partitionOf(record: AvroRecord): AvroRecord {
  const copied = Object.entries(record).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? value.slice() : value,
  ])
  return Object.fromEntries(copied)
}

function countsOf(record: AvroRecord, name: string, subject: string): Map<number, number> {
  return new Map(
    pairsOf(record, name, subject).map((pair) => [
      intOf(pair, 'key', subject),
      intOf(pair, 'value', subject),
    ]),
  )
}

function boundsOf(record: AvroRecord, name: string, subject: string): Map<number, Uint8Array> {
  const bounds = new Map<number, Uint8Array>()
  for (const pair of pairsOf(record, name, subject)) {
    const bytes = bytesOrNull(pair, 'value', subject)
    if (bytes !== null) bounds.set(intOf(pair, 'key', subject), bytes)
  }
  return bounds
}

function pairsOf(record: AvroRecord, name: string, subject: string): AvroRecord[] {
  const array = arrayOrNull(record, name, subject) ?? []
  return array.map((item) => {
    const pair = asRecord(item)
    if (pair === null) throw corrupt(subject, `${name} is no map`)
    return pair
  })
}

function numbersOf(record: AvroRecord, name: string, subject: string): number[] {
  const array = arrayOrNull(record, name, subject) ?? []
  return array.map((item) => {
    if (typeof item !== 'number') throw corrupt(subject, `${name} holds a ${typeof item}`)
    return item
  })
}

function pairs(byColumn: ReadonlyMap<number, number | Uint8Array>): AvroValue {
  return unlessEmpty(Array.from(byColumn, ([key, value]) => ({ key, value })))
}
