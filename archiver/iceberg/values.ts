/** What a decoded record holds under a name, as the type that it must be. A field that is not there is a null. */
import { corrupt, type AvroRecord, type AvroValue } from './shape.ts'

export function intOf(record: AvroRecord, name: string, subject: string): number {
  return numberOrNull(record, name, subject) ?? missing(name, subject)
}

/** Of a column that format version 1 did not have: 0 is then meant. */
export function intOrZero(record: AvroRecord, name: string, subject: string): number {
  return numberOrNull(record, name, subject) ?? 0
}

export function numberOrNull(record: AvroRecord, name: string, subject: string): number | null {
  const value = record[name] ?? null
  if (value === null || typeof value === 'number') return value
  throw corrupt(subject, `${name} is no number that can be counted with`)
}

export function bigintOrNull(record: AvroRecord, name: string, subject: string): bigint | null {
  const value = record[name] ?? null
  if (value === null) return null
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return BigInt(value as number | bigint) // isSafeInteger does not narrow
  throw corrupt(subject, `${name} is no id`)
}

export function textOf(record: AvroRecord, name: string, subject: string): string {
  const value = record[name]
  return typeof value === 'string' ? value : missing(name, subject)
}

/** A copy: a view would keep the whole file in memory. */
export function bytesOrNull(record: AvroRecord, name: string, subject: string): Uint8Array | null {
  const value = record[name] ?? null
  if (value === null) return null
  return value instanceof Uint8Array ? value.slice() : missing(name, subject)
}

export function recordOf(record: AvroRecord, name: string, subject: string): AvroRecord {
  return asRecord(record[name]) ?? missing(name, subject)
}

export function arrayOrNull(record: AvroRecord, name: string, subject: string): readonly AvroValue[] | null {
  const value = record[name] ?? null
  if (value === null || Array.isArray(value)) return value
  return missing(name, subject)
}

export function asRecord(value: AvroValue | undefined): AvroRecord | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  return value instanceof Uint8Array ? null : (value as AvroRecord) // Array.isArray leaves readonly arrays in the type
}

/** An optional array is left out rather than empty. */
export function unlessEmpty(array: readonly AvroValue[]): AvroValue {
  return array.length === 0 ? null : array
}

function missing(name: string, subject: string): never {
  throw corrupt(subject, `${name} is missing or of another type`)
}
