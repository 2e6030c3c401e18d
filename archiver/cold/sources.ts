/** Files as sorted sources of rows: warm objects whole in memory, cold files not; decoded is a row group at a time. */
import type { WarmObject } from '../../shared/archive.ts'
import { historyColumns } from '../columns.ts'
import { releaseBuffer, type Frame } from '../frame.ts'
import type { Warehouse } from '../iceberg/warehouse.ts'
import { fetchVerified, rowGroupsIn } from '../objects.ts'
import { decodeParquet, ParquetReader } from '../parquet.ts'
import { rangedBlob } from './blob.ts'
import type { Source } from './merge.ts'
import type { Order } from './order.ts'
import { ArchiveError } from '../error.ts'

/** The objects of a warm batch, one after the other: each begins where the one before it ends. */
export class BatchSource implements Source {
  readonly #bucket: R2Bucket
  readonly #objects: WarmObject[]
  #bytes: Uint8Array = new Uint8Array()
  /** Those still to come. */
  #groups: { readonly group: number; readonly rows: number }[] = []

  constructor(bucket: R2Bucket, objects: readonly WarmObject[]) {
    this.#bucket = bucket
    this.#objects = [...objects]
  }

  async next(): Promise<Frame | null> {
    if (this.#groups.length === 0) {
      const object = this.#objects.shift()
      if (object === undefined) return null
      const { bytes, metadata } = await fetchVerified(this.#bucket, object.object, object.etag)
      this.#bytes = bytes
      this.#groups = rowGroupsIn(metadata).map((rows, group) => ({ group, rows }))
    }
    const next = this.#groups.shift()
    if (next === undefined) return null
    const { group, rows } = next
    const frame = decodeParquet(historyColumns, this.#bytes, { rowGroups: [group], rows })
    if (this.#groups.length === 0) releaseBuffer(this.#bytes)
    return frame
  }
}

/** Rows that are in memory already. */
export class FrameSource implements Source {
  #frame: Frame | null

  constructor(frame: Frame) {
    this.#frame = frame
  }

  next(): Promise<Frame | null> {
    const frame = this.#frame
    this.#frame = null
    return Promise.resolve(frame)
  }
}

/** A data file of a table. */
export class ColdSource implements Source {
  readonly #reader: ParquetReader
  #next = 0

  private constructor(reader: ParquetReader) {
    this.#reader = reader
  }

  static async open(warehouse: Warehouse, location: string, order: Order): Promise<ColdSource> {
    const key = warehouse.keyOf(location)
    const object = await warehouse.bucket.head(key)
    if (object === null) throw new ArchiveError('object_missing', key, 'R2 has no such object')
    const blob = rangedBlob(warehouse.bucket, key, object)
    return new ColdSource(await ParquetReader.open(blob, order.columns, key))
  }

  /** The next row group; of `columns` only, where they are given. */
  async next(columns?: string[]): Promise<Frame | null> {
    if (this.#next >= this.#reader.footer.rowGroups.length) return null
    return await this.#group(this.#next++, columns)
  }

  /** Goes to the first row group of which `reached` holds; it never ceases to hold in those that follow. */
  async seek(columns: string[], reached: (keys: Frame) => boolean): Promise<void> {
    let [low, high] = [this.#next, this.#reader.footer.rowGroups.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (reached(await this.#group(middle, columns))) high = middle
      else low = middle + 1
    }
    this.#next = low
  }

  async #group(group: number, columns?: string[]): Promise<Frame> {
    return await this.#reader.read({ rowGroups: [group], ...(columns && { columns }) })
  }

  [Symbol.dispose](): void {
    this.#reader[Symbol.dispose]()
  }
}
