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

/** What the frame's values take as Arrow. */
export function arrowBytes(frame: Frame): number {
  let bytes = frame.longs.size * frame.rows * 8
  for (const strings of frame.strings.values()) bytes += strings.bytes.length + strings.offsets.byteLength
  return bytes
}

/**
 * Gives the frame's buffers back at once. Nobody may look at it again: its owner alone calls this. Left to the garbage
 * collector, buffers pile up to several times what is in use, and an isolate has 128 MB.
 */
export function release({ strings, longs }: Frame): void {
  for (const { offsets, bytes, valid } of strings.values()) {
    for (const array of [offsets, bytes, valid]) if (array !== null) releaseBuffer(array)
  }
  for (const values of longs.values()) releaseBuffer(values)
}

export function releaseBuffer({ buffer }: ArrayBufferView): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength > 0) buffer.transfer(0)
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
  return differenceFrom(columns, { frame: one, from: 0 }, other)
}

/** As `difference`, between the rows from `from` on, as many as `other` has, and `other`. */
export function differenceFrom(
  columns: readonly Column[],
  { frame, from }: { frame: Frame; from: number },
  other: Frame,
): string | null {
  if (from + other.rows > frame.rows) return `${from + other.rows} rows instead of ${frame.rows}`
  for (const { name, type } of columns) {
    const row =
      type === 'string'
        ? differingString({ strings: stringsOf(frame, name), row: from }, stringsOf(other, name), other.rows)
        : differingLong(longsOf(frame, name).subarray(from), longsOf(other, name), other.rows)
    if (row !== null) return `${name} differs in row ${from + row}`
  }
  return null
}

function differingString({ strings, row: from }: Cell, other: Strings, rows: number): number | null {
  if (areSame({ strings, row: from }, other, rows)) return null
  for (let row = 0; row < rows; row++) {
    if (isNull(strings, from + row) !== isNull(other, row)) return row
    if (compareCells({ strings, row: from + row }, { strings: other, row }) !== 0) return row
  }
  return null
}

/** Whether nothing is null and all lengths and all bytes are equal: what is expected, and found out at once. */
function areSame({ strings, row: from }: Cell, other: Strings, rows: number): boolean {
  if (strings.valid !== null || other.valid !== null) return false
  const [start, otherStart] = [strings.offsets[from] ?? 0, other.offsets[0] ?? 0]
  for (let i = 1; i <= rows; i++) {
    if ((strings.offsets[from + i] ?? 0) - start !== (other.offsets[i] ?? 0) - otherStart) return false
  }
  const length = (other.offsets[rows] ?? 0) - otherStart
  return areEqual(
    strings.bytes.subarray(start, start + length),
    other.bytes.subarray(otherStart, otherStart + length),
  )
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  const [words, otherWords] = [wordsOf(one), wordsOf(other)]
  for (let i = 0; i < words.length; i++) if (words[i] !== otherWords[i]) return false
  for (let i = words.length * 4; i < one.length; i++) if (one[i] !== other[i]) return false
  return one.length === other.length
}

/** The bytes four at a time, what is left over not among them; copied where they do not begin at a word. */
function wordsOf(bytes: Uint8Array): Int32Array {
  const { buffer, byteOffset, length } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  return new Int32Array(buffer, byteOffset, length >> 2)
}

function differingLong(one: Longs, other: Longs, rows: number): number | null {
  for (let row = 0; row < rows; row++) if (one[row] !== other[row]) return row
  return null
}
