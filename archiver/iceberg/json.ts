/**
 * The JSON of Iceberg, without loss. Snapshot ids of other engines are random 63-bit numbers, which a double cannot hold.
 *
 * J1 A whole number beyond 2^53 is a bigint in memory, and the digits it was read with when it is written.
 * J2 Only this file writes JSON that may hold a bigint: `JSON.stringify` throws on one, possibly after a commit happened.
 * J3 What another engine wrote into metadata and this code does not know survives reading and writing.
 * J4 A number beyond what a double holds is refused: it would be written as null.
 */
import { ArchiveError } from '../error.ts'
import type { TableMetadata } from './metadata.ts'
import { narrowed, tableMetadata } from './wire.ts'

/** Throws a `SyntaxError` when `text` is not JSON, or by J4. */
export function parseJson(text: string): unknown {
  return lossless.parse(text, (_key, value, { source }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value
    if (/^-?\d+$/.test(source)) return BigInt(source)
    if (Number.isFinite(value)) return value
    throw new SyntaxError('a number is beyond 1.8e308')
  })
}

export function printJson(value: unknown): string {
  return lossless.stringify(value, (_key, part) =>
    typeof part === 'bigint' ? lossless.rawJSON(part.toString()) : part,
  )
}

/** The metadata in the text of the file `subject`; an `ArchiveError` if it is none that this code can write on. */
export function parseMetadata(text: string, subject: string): TableMetadata {
  let value: unknown
  try {
    value = parseJson(text)
  } catch (error) {
    throw new ArchiveError('object_corrupt', subject, `it is not JSON: ${String(error)}`)
  }
  return metadataIn(value, subject)
}

export function printMetadata(metadata: TableMetadata): string {
  return printJson(onWire(metadata))
}

/** As `parseMetadata`, of JSON that was parsed by `parseJson` as a part of something larger. */
export function metadataIn(value: unknown, subject: string): TableMetadata {
  return narrowed(tableMetadata, value, (problem) => {
    throw new ArchiveError('object_corrupt', subject, `it is no Iceberg v2 table metadata: ${problem}`)
  })
}

/** What `printJson` is given to write metadata. Some readers ask for a current snapshot id even where there is none. */
export function onWire(metadata: TableMetadata): unknown {
  return { ...metadata, 'current-snapshot-id': metadata['current-snapshot-id'] ?? -1 }
}

/** ES2026; TypeScript's library does not have it yet. */
interface LosslessJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown
  stringify(value: unknown, replacer: (key: string, value: unknown) => unknown): string
  rawJSON(text: string): unknown
}

const lossless = JSON as unknown as LosslessJson // workerd and Node 22 have it
