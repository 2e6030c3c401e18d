/**
 * Frames to Parquet and back: the only file that knows parquet-wasm.
 *
 * Q1 WASM memory never shrinks and is about 2.2 times the Arrow bytes of one encode: the caller bounds a frame by bytes,
 *    and larger files are written as a stream. Every object that lives in it is consumed by the next call or freed.
 * Q2 Only bytes whose checksum was verified are decoded whole, and only row groups that exist: parquet-wasm traps otherwise.
 * Q3 No stream or Blob that it reads from ever fails: it would trap, and its promise never be settled.
 */
import {
  Compression,
  Encoding,
  initSync,
  ParquetFile,
  readParquet,
  Table as WasmTable,
  transformParquetStream,
  wasmMemory,
  writeParquet,
  WriterPropertiesBuilder,
  type ReaderOptions,
  type WriterProperties,
} from 'parquet-wasm/esm'
import wasm from 'parquet-wasm/esm/parquet_wasm_bg.wasm'
import { fromIpc, toIpc } from './arrow.ts'
import type { Column } from './columns.ts'
import { ArchiveError } from './error.ts'
import { release, releaseBuffer, type Frame } from './frame.ts'

export interface RowGroups {
  readonly maxRows: number
  /** Encoded, looked at between the batches of a stream. */
  readonly maxBytes?: number
}

/** The rows of each row group, and where each column lies: what only the footer knows. */
export interface Footer {
  readonly rowGroups: readonly number[]
  /** Byte offset of each row group. */
  readonly splitOffsets: readonly number[]
  /** Compressed, by column name. */
  readonly columnBytes: ReadonlyMap<string, number>
}

export interface Part extends Pick<ReaderOptions, 'columns' | 'rowGroups' | 'offset' | 'limit'> {
  /** How many rows there are in the part, at most. */
  readonly rows?: number
}

export function encodeParquet(columns: readonly Column[], frame: Frame, groups: RowGroups): Uint8Array {
  loadWasm()
  return writeParquet(wasmTable(columns, frame), writerProperties(columns, groups))
}

export function decodeParquet(columns: readonly Column[], bytes: Uint8Array, part: Part = {}): Frame {
  loadWasm()
  const table = readParquet(bytes, readerOptions(part))
  return fromIpc(columns, table.intoIPCStream())
}

/** A file that grows frame by frame and comes out in chunks; memory holds one row group. The frames are released. */
export async function* streamParquet(
  columns: readonly Column[],
  frames: AsyncIterator<Frame>,
  groups: RowGroups,
): AsyncGenerator<Uint8Array> {
  loadWasm()
  const failures: unknown[] = []
  const batches = new ReadableStream({
    async pull(controller) {
      try {
        const next = await frames.next()
        if (next.done === true) {
          controller.close()
          return
        }
        using table = wasmTable(columns, next.value)
        release(next.value)
        for (const batch of table.recordBatches()) controller.enqueue(batch)
      } catch (error) {
        // Q3: a source that fails just ends here; what came out of it is worth nothing then.
        failures.push(error)
        controller.close()
      }
    },
  })
  yield* await transformParquetStream(batches, writerProperties(columns, groups))
  if (failures.length > 0) throw failures[0]
}

/** A file behind a Blob, of which only the ranges that are needed are read. */
export class ParquetReader {
  readonly #file: ParquetFile
  readonly #from: SafeBlob
  readonly #columns: readonly Column[]
  readonly footer: Footer

  private constructor(file: ParquetFile, from: SafeBlob, columns: readonly Column[]) {
    this.#file = file
    this.#from = from
    this.#columns = columns
    this.footer = footerOf(file)
  }

  /** `subject` names the file in the error of one that cannot be read: nobody has verified its bytes. */
  static async open(blob: Blob, columns: readonly Column[], subject = 'a file'): Promise<ParquetReader> {
    loadWasm()
    const from = SafeBlob.of(blob, subject)
    const reading = ParquetFile.fromFile(from).then((file) => new ParquetReader(file, from, columns))
    return await from.settled(reading)
  }

  async read(part: Part): Promise<Frame> {
    const { rowGroups } = this.footer
    const groups = part.rowGroups?.map((group) => rowGroups[group] ?? 0) ?? rowGroups
    const rows = groups.reduce((sum, count) => sum + count, 0)
    const reading = this.#file.read(readerOptions({ rows, ...part }))
    return await this.#from.settled(reading.then((table) => fromIpc(this.#columns, table.intoIPCStream())))
  }

  [Symbol.dispose](): void {
    if (!this.#from.failed) this.#file.free() // what it was in the middle of has it still
  }
}

/** What is read of a file at a time, by whoever waits for it. */
interface Reading {
  readonly subject: string
  readonly failed: PromiseWithResolvers<never>
  /** Of the file's bytes, on their way. */
  requests: number
  /** Who waits for what comes of them. */
  waiting: number
  hasFailed: boolean
}

/** Another Blob, whose failures go past parquet-wasm (Q3): it gets zeros, and whoever waits gets the failure. */
class SafeBlob extends Blob {
  readonly #blob: Blob
  readonly #reading: Reading

  constructor(blob: Blob, reading: Reading) {
    super()
    this.#blob = blob
    this.#reading = reading
  }

  static of(blob: Blob, subject: string): SafeBlob {
    const failed = Promise.withResolvers<never>()
    const reading = { subject, failed, requests: 0, waiting: 0, hasFailed: false }
    failed.promise.catch(() => (reading.hasFailed = true)) // nobody may be waiting just now
    return new SafeBlob(blob, reading)
  }

  /** For good: nothing comes of the file any more. */
  get failed(): boolean {
    return this.#reading.hasFailed
  }

  /** What `reading` resolves to, unless bytes that it needed could not be read, or are not those of such a file. */
  async settled<T>(reading: Promise<T>): Promise<T> {
    this.#reading.waiting++
    try {
      const read = reading.catch((error: unknown) => {
        throw this.#unreadable(String(error))
      })
      return await Promise.race([this.#reading.failed.promise, read])
    } finally {
      this.#reading.waiting--
    }
  }

  override get size(): number {
    return this.#blob.size
  }

  override slice(start?: number, end?: number): Blob {
    return new SafeBlob(this.#blob.slice(start, end), this.#reading)
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const reading = this.#reading
    reading.requests++
    try {
      return await this.#blob.arrayBuffer()
    } catch (error) {
      reading.failed.reject(error)
      return new ArrayBuffer(this.size)
    } finally {
      reading.requests--
      setTimeout(() => this.#noticeTrap())
    }
  }

  /** parquet-wasm goes on in microtasks: where it neither asked for more nor came to an end by the next task, it trapped. */
  #noticeTrap(): void {
    const { requests, waiting, failed } = this.#reading
    if (requests === 0 && waiting > 0) failed.reject(this.#unreadable('parquet-wasm trapped'))
  }

  #unreadable(problem: string): ArchiveError {
    return new ArchiveError(
      'object_corrupt',
      this.#reading.subject,
      `it is no sound Parquet file: ${problem}`,
    )
  }
}

/** What parquet-wasm holds, in bytes; it never gives any back. */
export function wasmBytes(): number {
  loadWasm()
  return wasmMemory().buffer.byteLength
}

/** More rows than any object has that is decoded whole. */
const ALL_ROWS = 1 << 20

/** One batch, and no larger than the part: parquet-wasm makes room for all rows of a batch, whether they come or not. */
function readerOptions({ rows = ALL_ROWS, ...part }: Part): ReaderOptions {
  return { ...part, batchSize: Math.max(1, Math.min(rows, part.limit ?? rows)) }
}

function wasmTable(columns: readonly Column[], frame: Frame): WasmTable {
  const ipc = toIpc(columns, frame)
  const table = WasmTable.fromIPCStream(ipc)
  releaseBuffer(ipc) // It was copied.
  return table
}

let loaded = false

function loadWasm(): void {
  if (loaded) return
  initSync({ module: wasm })
  loaded = true
}

function writerProperties(columns: readonly Column[], { maxRows, maxBytes }: RowGroups): WriterProperties {
  let builder = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setMaxRowGroupSize(maxRows)
    .setCreatedBy('perdure')
  if (maxBytes !== undefined) builder = builder.setMaxRowGroupBytes(maxBytes)
  for (const { name, type, dictionary } of columns) {
    if (dictionary) continue
    builder = builder.setColumnDictionaryEnabled(name, false)
    if (type !== 'string') builder = builder.setColumnEncoding(name, Encoding.DELTA_BINARY_PACKED)
  }
  return builder.build()
}

function footerOf(file: ParquetFile): Footer {
  using metadata = file.metadata()
  const rowGroups: number[] = []
  const splitOffsets: number[] = []
  const columnBytes = new Map<string, number>()
  for (let i = 0; i < metadata.numRowGroups(); i++) {
    using group = metadata.rowGroup(i)
    rowGroups.push(group.numRows())
    for (let n = 0; n < group.numColumns(); n++) {
      using column = group.column(n)
      const name = column.columnPath().join('.')
      if (n === 0) splitOffsets.push(Number(column.fileOffset()))
      columnBytes.set(name, (columnBytes.get(name) ?? 0) + column.compressedSize())
    }
  }
  return { rowGroups, splitOffsets, columnBytes }
}
