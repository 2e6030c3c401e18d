/**
 * Rows as columns of raw buffers, laid out as Arrow does: what is copied, merged and compared are bytes, and a string is
 * made only where someone looks at one.
 */
import type { Column } from './columns.ts'

export interface Strings {
  /** Row i is `bytes[offsets[i]..offsets[i + 1]]`. */
  readonly offsets: Int32Array
  readonly bytes: Uint8Array
  /** A bit per row, least significant first; null when no row is null. */
  readonly valid: Uint8Array | null
}

/** Whole numbers, and microseconds of a timestamp. */
export type Longs = BigInt64Array

export interface Frame {
  readonly rows: number
  /** By name. */
  readonly strings: ReadonlyMap<string, Strings>
  readonly longs: ReadonlyMap<string, Longs>
}

export function stringsOf(frame: Frame, name: string): Strings {
  const strings = frame.strings.get(name)
  if (strings === undefined) throw new TypeError(`no strings in ${name}`)
  return strings
}

export function longsOf(frame: Frame, name: string): Longs {
  const longs = frame.longs.get(name)
  if (longs === undefined) throw new TypeError(`no integers in ${name}`)
  return longs
}

function bytesAt({ offsets, bytes }: Strings, row: number): Uint8Array {
  return bytes.subarray(offsets[row], offsets[row + 1])
}

const decoder = new TextDecoder()

export function textAt(strings: Strings, row: number): string | null {
  return isNull(strings, row) ? null : decoder.decode(bytesAt(strings, row))
}

export function isNull({ valid }: Strings, row: number): boolean {
  return valid !== null && ((valid[row >> 3] ?? 0) & (1 << (row & 7))) === 0
}

/** One value of a column. */
export interface Cell {
  readonly strings: Strings
  readonly row: number
}

/** The order of two values' bytes: that of Iceberg, of Parquet statistics and of SQLite. */
export function compareCells(one: Cell, other: Cell): number {
  const [a, b] = [one.strings, other.strings]
  const [start, end] = [a.offsets[one.row] ?? 0, a.offsets[one.row + 1] ?? 0]
  const [otherStart, otherEnd] = [b.offsets[other.row] ?? 0, b.offsets[other.row + 1] ?? 0]
  const shorter = Math.min(end - start, otherEnd - otherStart)
  for (let i = 0; i < shorter; i++) {
    const apart = (a.bytes[start + i] ?? 0) - (b.bytes[otherStart + i] ?? 0)
    if (apart !== 0) return apart
  }
  return end - start - (otherEnd - otherStart)
}

/** The first column that differs and its row, or null when the frames are equal in every column of `columns`. */
export function difference(columns: readonly Column[], one: Frame, other: Frame): string | null {
  if (one.rows !== other.rows) return `${one.rows} rows and ${other.rows}`
  for (const { name, type } of columns) {
    const row =
      type === 'string'
        ? differingString(stringsOf(one, name), stringsOf(other, name), one.rows)
        : differingLong(longsOf(one, name), longsOf(other, name), one.rows)
    if (row !== null) return `${name} differs in row ${row}`
  }
  return null
}

function differingString(one: Strings, other: Strings, rows: number): number | null {
  for (let row = 0; row < rows; row++) {
    if (isNull(one, row) !== isNull(other, row)) return row
    if (compareCells({ strings: one, row }, { strings: other, row }) !== 0) return row
  }
  return null
}

function differingLong(one: Longs, other: Longs, rows: number): number | null {
  for (let row = 0; row < rows; row++) if (one[row] !== other[row]) return row
  return null
}
