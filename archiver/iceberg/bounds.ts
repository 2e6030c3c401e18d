/**
 * Bounds of a column's values, in Iceberg's single-value serialization. Strings are cut to 16 code points: a lower bound
 * stays below by that, an upper bound is made the next larger string of its length.
 */

export type BoundedType = 'int' | 'long' | 'date' | 'timestamptz' | 'string'

export type BoundedValue = number | bigint | string

/** `value` as bytes; of a string, its first 16 code points. */
export function lowerBound(type: BoundedType, value: BoundedValue): Uint8Array {
  return type === 'string' ? utf8.encode(codePoints(value).slice(0, KEPT).join('')) : serialize(type, value)
}

/** Null where no string of 16 code points is above `value`. */
export function upperBound(type: BoundedType, value: BoundedValue): Uint8Array | null {
  if (type !== 'string') return serialize(type, value)
  const characters = codePoints(value)
  if (characters.length <= KEPT) return utf8.encode(String(value))
  const above = incremented(characters.slice(0, KEPT))
  return above === null ? null : utf8.encode(above)
}

export function serialize(type: BoundedType, value: BoundedValue): Uint8Array {
  if (type === 'string') return utf8.encode(String(value))
  const wide = type === 'long' || type === 'timestamptz'
  const view = new DataView(new ArrayBuffer(wide ? 8 : 4))
  if (wide) view.setBigInt64(0, BigInt(value), true)
  else view.setInt32(0, Number(value), true)
  return new Uint8Array(view.buffer)
}

/** A long is always a bigint here. */
export function deserialize(type: BoundedType, bytes: Uint8Array): BoundedValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (type) {
    case 'string':
      return new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(bytes)
    case 'long':
    case 'timestamptz':
      return bytes.length === 4 ? BigInt(view.getInt32(0, true)) : view.getBigInt64(0, true) // 4: it was an int once
    default:
      return view.getInt32(0, true)
  }
}

/** The order of strings as of their serializations: byte by byte. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Days since 1970-01-01, in UTC: the day before it is -1. */
export function dayOf(epochMs: number): number {
  return Math.floor(epochMs / 86_400_000)
}

const KEPT = 16
const utf8 = new TextEncoder()

function codePoints(value: BoundedValue): string[] {
  return Array.from(String(value))
}

/** The last character that has a successor becomes it, and those behind it, which have none, go. */
function incremented(characters: readonly string[]): string | null {
  const last = characters.findLastIndex((character) => character !== '\u{10FFFF}')
  if (last === -1) return null
  const successor = (characters[last]?.codePointAt(0) ?? 0) + 1
  const beyondSurrogates = successor === 0xd800 ? 0xe000 : successor
  return characters.slice(0, last).join('') + String.fromCodePoint(beyondSurrogates)
}
