/**
 * A data file of an Iceberg table: written as a stream, so that its size is no matter of memory, and looked at again
 * in R2 before any manifest names it.
 */
import type { Column } from '../columns.ts'
import { ArchiveError } from '../error.ts'
import { arrowBytes, releaseBuffer, type Frame } from '../frame.ts'
import type { DataFile } from '../iceberg/file.ts'
import type { Warehouse } from '../iceberg/warehouse.ts'
import { ParquetReader, streamParquet } from '../parquet.ts'
import { rangedBlob } from './blob.ts'
import type { StatisticsGatherer } from './statistics.ts'

export interface NewFile {
  readonly warehouse: Warehouse
  readonly key: string
  readonly columns: readonly Column[]
  /** Days since the epoch of all its rows' `closed_at`. */
  readonly day: number
  readonly statistics: StatisticsGatherer
  /** The table's order, when the rows come in it; null when nobody knows. */
  readonly sortOrderId: number | null
}

/** The day of a file's partition. */
export function dayOfFile({ partition, location }: DataFile): number {
  const day = partition['closed_at_day']
  if (typeof day === 'number') return day
  throw new ArchiveError('object_corrupt', location, 'its partition is no day')
}

/** Encoded, and as Arrow: who merges files holds one row group of each. */
const GROUP_BYTES = 2 * 1024 * 1024
const GROUP_ROWS = 20_000

/** Null, and nothing written, when there are no rows. */
export async function writeDataFile(file: NewFile, frames: AsyncIterator<Frame>): Promise<DataFile | null> {
  const first = await frames.next()
  if (first.done === true) return null
  // Later rows are taken to be as long as the first ones.
  const fitting = Math.ceil((first.value.rows * GROUP_BYTES) / arrowBytes(first.value))
  const rowGroups = { maxRows: Math.min(GROUP_ROWS, fitting), maxBytes: GROUP_BYTES }
  const chunks = streamParquet(file.columns, resumed(first.value, frames), rowGroups)
  const bytes = await upload(file.warehouse.bucket, file.key, chunks)
  return await describe(file, bytes)
}

async function* resumed(first: Frame, rest: AsyncIterator<Frame>): AsyncGenerator<Frame> {
  yield first
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}

/** R2 takes parts of one size, the last one excepted, from 5 MiB. */
const PART_BYTES = 5 * 1024 * 1024

/** What fails on its way is never completed: R2 lets go of its parts after seven days. */
async function upload(bucket: R2Bucket, key: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const filling = new PartBuffer()
  let multipart: R2MultipartUpload | undefined
  const parts: R2UploadedPart[] = []
  let total = 0
  for await (const chunk of chunks) {
    total += chunk.length
    for (const full of filling.add(chunk)) {
      multipart ??= await bucket.createMultipartUpload(key)
      parts.push(await multipart.uploadPart(parts.length + 1, full))
    }
  }
  const rest = filling.rest()
  if (multipart === undefined) await bucket.put(key, rest)
  else {
    if (rest.length > 0) parts.push(await multipart.uploadPart(parts.length + 1, rest))
    await multipart.complete(parts)
  }
  filling.release()
  return total
}

class PartBuffer {
  readonly #bytes = new Uint8Array(PART_BYTES)
  #length = 0

  release(): void {
    releaseBuffer(this.#bytes)
  }

  rest(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** The parts that `chunk` fills. A part is good until the next one is asked for. */
  *add(chunk: Uint8Array): Iterable<Uint8Array> {
    let from = 0
    while (from < chunk.length) {
      const taken = chunk.subarray(from, from + PART_BYTES - this.#length)
      this.#bytes.set(taken, this.#length)
      this.#length += taken.length
      from += taken.length
      if (this.#length < PART_BYTES) return
      yield this.#bytes
      this.#length = 0
    }
  }
}

async function describe(file: NewFile, bytes: number): Promise<DataFile> {
  const { warehouse, key, columns, day, sortOrderId } = file
  const object = await warehouse.bucket.head(key)
  if (object?.size !== bytes) {
    throw new ArchiveError('object_corrupt', key, `R2 holds ${object?.size ?? 'none'} of its ${bytes} bytes`)
  }
  const statistics = file.statistics.taken()
  using reader = await ParquetReader.open(rangedBlob(warehouse.bucket, key, object), columns, key)
  const { rowGroups, columnBytes, splitOffsets } = reader.footer
  const rows = rowGroups.reduce((sum, count) => sum + count, 0)
  if (rows !== statistics.records) {
    throw new ArchiveError('object_corrupt', key, `it has ${rows} rows, not ${statistics.records}`)
  }
  return {
    location: warehouse.locationOf(key),
    format: 'PARQUET',
    content: 0,
    partition: { closed_at_day: day },
    bytes,
    columnSizes: new Map(columns.map(({ id, name }) => [id, columnBytes.get(name) ?? 0])),
    splitOffsets,
    sortOrderId,
    ...statistics,
  }
}
