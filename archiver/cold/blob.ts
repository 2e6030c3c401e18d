/** An object in R2 as a Blob whose bytes are fetched only where somebody reads them. */
import { ArchiveError } from '../error.ts'

export function rangedBlob(bucket: R2Bucket, key: string, object: { size: number; etag: string }): Blob {
  return new RangedBlob({ bucket, key, etag: object.etag }, { offset: 0, length: object.size })
}

interface Range {
  readonly offset: number
  readonly length: number
}

/** parquet-wasm asks a Blob for its size, slices it, and reads the slices: that is all that is needed of one. */
class RangedBlob extends Blob {
  readonly #object: { bucket: R2Bucket; key: string; etag: string }
  readonly #range: Range

  constructor(object: { bucket: R2Bucket; key: string; etag: string }, range: Range) {
    super()
    this.#object = object
    this.#range = range
  }

  override get size(): number {
    return this.#range.length
  }

  override slice(start = 0, end = this.size): Blob {
    const { offset, length } = this.#range
    const [from, to] = [Math.min(start, length), Math.min(end, length)]
    return new RangedBlob(this.#object, { offset: offset + from, length: Math.max(0, to - from) })
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const { bucket, key, etag } = this.#object
    const range = this.#range
    if (range.length === 0) return new ArrayBuffer(0)
    const found = await bucket.get(key, { range, onlyIf: { etagMatches: etag } })
    if (found === null) throw new ArchiveError('object_missing', key, 'R2 has no such object')
    if (!('body' in found)) throw new ArchiveError('object_corrupt', key, `its etag is not ${etag} any more`)
    const bytes = await found.arrayBuffer()
    if (bytes.byteLength === range.length) return bytes
    throw new ArchiveError('object_corrupt', key, `${bytes.byteLength} of ${range.length} bytes were read`)
  }
}
