/**
 * Sorted files, merged into one order.
 *
 * M1 What is moved is a slice: rows that stay together. Its bytes are copied as they are, and no string is made.
 * M2 Memory holds one frame of each source and one that is being filled. A source's frame is released when the next one
 *    is asked for: whoever sees a slice keeps nothing of it but copies.
 */
import { FrameBuilder } from '../build.ts'
import { release, type Frame } from '../frame.ts'
import type { Order, Slice } from './order.ts'

/** The frames of one sorted file, in order; null at its end. */
export interface Source {
  next(): Promise<Frame | null>
}

export interface Merge {
  readonly order: Order
  readonly sources: readonly Source[]
  readonly wanted: (slice: Slice) => boolean
  /** Every slice that goes on, in order. */
  readonly seen: (slice: Slice) => void
}

/** Of Arrow. The encoder holds one frame and one row group. */
const FRAME_BYTES = 512 * 1024

/** The rows of all sources in order, in frames. */
export async function* merged({ order, sources, wanted, seen }: Merge): AsyncGenerator<Frame> {
  const builder = new FrameBuilder(order.columns)
  const waiting: Cursor[] = []
  for (const source of sources) {
    const cursor = new Cursor(source, order)
    if (await cursor.advance()) insert(waiting, cursor, order)
  }
  for (let cursor = waiting.shift(); cursor !== undefined; cursor = waiting.shift()) {
    const { slice } = cursor
    if (wanted(slice)) {
      seen(slice)
      builder.copy(slice.frame, slice.from, slice.to)
      if (builder.bytes >= FRAME_BYTES) yield builder.take()
    }
    if (cursor.step() || (await cursor.advance())) insert(waiting, cursor, order)
  }
  if (builder.rows > 0) yield builder.take()
}

/** A source at one of its slices. */
class Cursor {
  readonly #source: Source
  readonly #order: Order
  #slice: Slice | null = null

  constructor(source: Source, order: Order) {
    this.#source = source
    this.#order = order
  }

  get slice(): Slice {
    if (this.#slice === null) throw new Error('the source has no rows')
    return this.#slice
  }

  /** To the next slice of the frame. False at its end. */
  step(): boolean {
    const { frame, to: from } = this.slice
    if (from >= frame.rows) return false
    this.#slice = { frame, from, to: this.#order.sliceEnd(frame, from) }
    return true
  }

  /** To the first slice of the next frame. False at the end of the source. */
  async advance(): Promise<boolean> {
    if (this.#slice !== null) release(this.#slice.frame)
    this.#slice = null
    let frame = await this.#source.next()
    while (frame !== null && frame.rows === 0) frame = await this.#source.next()
    if (frame === null) return false
    this.#slice = { frame, from: 0, to: this.#order.sliceEnd(frame, 0) }
    return true
  }
}

/** Keeps `waiting` in order: the source that comes next is its first. */
function insert(waiting: Cursor[], cursor: Cursor, order: Order): void {
  let [low, high] = [0, waiting.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const there = waiting[middle]
    if (there !== undefined && order.compare(there.slice, cursor.slice) <= 0) low = middle + 1
    else high = middle
  }
  waiting.splice(low, 0, cursor)
}
