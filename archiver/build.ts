/** Frames row by row, or run of rows by run of rows out of other frames. */
import type { Column } from './columns.ts'
import { isNull, longsOf, releaseBuffer, stringsOf, type Frame, type Longs, type Strings } from './frame.ts'

const encoder = new TextEncoder()

export class FrameBuilder {
  readonly #columns: readonly Column[]
  readonly #strings = new Map<string, StringsBuilder>()
  readonly #longs = new Map<string, LongsBuilder>()
  #rows = 0

  constructor(columns: readonly Column[]) {
    this.#columns = columns
    for (const { name, type } of columns) {
      if (type === 'string') this.#strings.set(name, new StringsBuilder())
      else this.#longs.set(name, new LongsBuilder())
    }
  }

  get rows(): number {
    return this.#rows
  }

  /** What the rows so far take as Arrow. */
  get bytes(): number {
    let bytes = this.#rows * this.#longs.size * 8
    for (const strings of this.#strings.values()) bytes += strings.length + this.#rows * 4
    return bytes
  }

  string(name: string): StringsBuilder {
    const strings = this.#strings.get(name)
    if (strings === undefined) throw new TypeError(`no strings in ${name}`)
    return strings
  }

  long(name: string): LongsBuilder {
    const longs = this.#longs.get(name)
    if (longs === undefined) throw new TypeError(`no integers in ${name}`)
    return longs
  }

  /** Every column has got `count` more values. */
  added(count: number): void {
    this.#rows += count
  }

  /** Appends rows `from` to `to` of another frame. */
  copy(frame: Frame, from: number, to: number): void {
    for (const { name, type } of this.#columns) {
      if (type === 'string') this.string(name).copy(stringsOf(frame, name), from, to)
      else this.long(name).copy(longsOf(frame, name), from, to)
    }
    this.#rows += to - from
  }

  /** The rows so far, in buffers that are the frame's from now on; the builder is empty again. */
  take(): Frame {
    const strings = new Map<string, Strings>()
    const longs = new Map<string, Longs>()
    for (const [name, builder] of this.#strings) strings.set(name, builder.take())
    for (const [name, builder] of this.#longs) longs.set(name, builder.take())
    const rows = this.#rows
    this.#rows = 0
    return { rows, strings, longs }
  }
}

export class StringsBuilder {
  #bytes = new Uint8Array(1024)
  #offsets = new Int32Array(128)
  /** How large they were when they were last taken: the next frame will need as much. */
  #before = { bytes: 1024, offsets: 128 }
  #valid: Uint8Array<ArrayBuffer> | null = null
  #rows = 0
  length = 0

  push(text: string): void {
    this.#room(text.length * 3, 1)
    this.length += encoder.encodeInto(text, this.#bytes.subarray(this.length)).written
    this.#offsets[++this.#rows] = this.length
    this.#markValid(this.#rows - 1, this.#rows)
  }

  /** One text after the other: encoded at once where they are ASCII, and a character is a byte. */
  pushAll(texts: readonly string[]): void {
    const all = texts.join('')
    this.#room(all.length * 3, texts.length)
    const { written } = encoder.encodeInto(all, this.#bytes.subarray(this.length))
    if (written !== all.length) {
      for (const text of texts) this.push(text)
      return
    }
    const first = this.#rows
    for (const { length } of texts) {
      this.length += length
      this.#offsets[++this.#rows] = this.length
    }
    this.#markValid(first, this.#rows)
  }

  /** The same text `count` times: encoded once. */
  repeat(text: string, count: number): void {
    if (count === 0) return
    const from = this.length
    this.push(text)
    const size = this.length - from
    this.#room(size * (count - 1), count - 1)
    const end = from + size * count
    // What is there already is copied behind itself, twice as much each time.
    for (let done = size; done < end - from; done *= 2) {
      this.#bytes.copyWithin(from + done, from, from + Math.min(done, end - from - done))
    }
    for (let i = 1; i < count; i++) {
      this.length += size
      this.#offsets[++this.#rows] = this.length
    }
    this.#markValid(this.#rows - count + 1, this.#rows)
  }

  pushNull(): void {
    this.#room(0, 1)
    this.#nulls()
    this.#offsets[++this.#rows] = this.length
  }

  copy(from: Strings, first: number, end: number): void {
    const start = from.offsets[first] ?? 0
    const size = (from.offsets[end] ?? 0) - start
    this.#room(size, end - first)
    this.#bytes.set(from.bytes.subarray(start, start + size), this.length)
    const shift = this.length - start
    let row = this.#rows
    for (let i = first + 1; i <= end; i++) this.#offsets[++row] = (from.offsets[i] ?? 0) + shift
    this.#copyValid(from, first, end)
    this.#rows = row
    this.length += size
  }

  take(): Strings {
    const valid = this.#valid && withRoom(this.#valid, (this.#rows + 7) >> 3)
    const taken = {
      offsets: this.#offsets.subarray(0, this.#rows + 1),
      bytes: this.#bytes.subarray(0, this.length),
      valid: valid && valid.subarray(0, (this.#rows + 7) >> 3),
    }
    this.#before = { bytes: this.#bytes.length, offsets: this.#offsets.length }
    this.#bytes = new Uint8Array()
    this.#offsets = new Int32Array(1)
    this.#rows = 0
    this.length = 0
    this.#valid = null
    return taken
  }

  #room(bytes: number, rows: number): void {
    this.#bytes = withRoom(this.#bytes, this.length + bytes, this.#before.bytes)
    if (this.#rows + rows < this.#offsets.length) return
    const doubled = Math.max(this.#offsets.length * 2, this.#before.offsets)
    const larger = new Int32Array(Math.max(this.#rows + rows + 1, doubled))
    larger.set(this.#offsets)
    releaseBuffer(this.#offsets)
    this.#offsets = larger
  }

  /** The bitmap, made when the first null comes: every row before it is valid. */
  #nulls(): Uint8Array<ArrayBuffer> {
    if (this.#valid === null) {
      this.#valid = new Uint8Array(128)
      this.#markValid(0, this.#rows)
    }
    return this.#valid
  }

  #markValid(first: number, end: number): void {
    if (this.#valid === null) return
    const valid = (this.#valid = withRoom(this.#valid, (end + 7) >> 3))
    for (let row = first; row < end; row++) valid[row >> 3] = (valid[row >> 3] ?? 0) | (1 << (row & 7))
  }

  #copyValid(from: Strings, first: number, end: number): void {
    if (from.valid === null) {
      this.#markValid(this.#rows, this.#rows + end - first)
      return
    }
    this.#nulls()
    for (let row = first; row < end; row++) {
      if (!isNull(from, row)) this.#markValid(this.#rows + row - first, this.#rows + row - first + 1)
    }
  }
}

export class LongsBuilder {
  #values = new BigInt64Array(128)
  #before = 128
  #rows = 0

  push(value: bigint): void {
    this.#room(1)
    this.#values[this.#rows++] = value
  }

  repeat(value: bigint, count: number): void {
    this.#room(count)
    this.#values.fill(value, this.#rows, this.#rows + count)
    this.#rows += count
  }

  copy(from: Longs, first: number, end: number): void {
    this.#room(end - first)
    this.#values.set(from.subarray(first, end), this.#rows)
    this.#rows += end - first
  }

  take(): Longs {
    const taken = this.#values.subarray(0, this.#rows)
    this.#before = this.#values.length
    this.#values = new BigInt64Array()
    this.#rows = 0
    return taken
  }

  #room(rows: number): void {
    if (this.#rows + rows <= this.#values.length) return
    const larger = new BigInt64Array(Math.max(this.#rows + rows, this.#values.length * 2, this.#before))
    larger.set(this.#values)
    releaseBuffer(this.#values)
    this.#values = larger
  }
}

function withRoom(bytes: Uint8Array<ArrayBuffer>, needed: number, atLeast = 0): Uint8Array<ArrayBuffer> {
  if (needed <= bytes.length) return bytes
  const larger = new Uint8Array(Math.max(needed, bytes.length * 2, atLeast))
  larger.set(bytes)
  releaseBuffer(bytes)
  return larger
}
