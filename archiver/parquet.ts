/**
 * Frames (columns of plain values) to Parquet bytes and back. The only file that knows Arrow and parquet-wasm.
 *
 * Q1 Arrow buffers are made by hand: Arrow's builders call `new Function`, which Workers refuse.
 * Q2 WASM memory never shrinks and is about 2.2 times the Arrow bytes of one encode: the caller bounds a frame by bytes.
 *    Every object that lives in it is consumed by the next call or freed.
 * Q3 Only bytes whose checksum was verified are decoded, and only row groups that exist: parquet-wasm traps otherwise.
 */
import {
  Field,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  TimestampMicrosecond,
  Utf8,
  type Data,
} from 'apache-arrow'
import {
  Compression,
  Encoding,
  initSync,
  ParquetFile,
  readParquet,
  Table as WasmTable,
  writeParquet,
  WriterPropertiesBuilder,
  type ReaderOptions,
  type WriterProperties,
} from 'parquet-wasm/esm'
import wasm from 'parquet-wasm/esm/parquet_wasm_bg.wasm'

export interface Column {
  /** The Iceberg field id, written into the file: readers match columns by it, never by name or position. */
  readonly id: number
  readonly name: string
  /** `timestamptz` is microseconds since the epoch, UTC. */
  readonly type: 'string' | 'long' | 'timestamptz'
  readonly required: boolean
  /** Off where nearly every value differs: a dictionary then only costs bytes. */
  readonly dictionary: boolean
}

export type ColumnValues = readonly (string | null)[] | BigInt64Array

export interface Frame {
  readonly rows: number
  /** By column name; all of the same length. */
  readonly values: ReadonlyMap<string, ColumnValues>
}

export interface ParquetBytes {
  readonly bytes: Uint8Array
  /** The number of rows in each row group. */
  readonly rowGroups: readonly number[]
}

const ROW_GROUP_ROWS = 1_000
/** Encoded, before compression. A lookup decodes the groups its run touches. */
const ROW_GROUP_BYTES = 128 * 1024
/** The writer looks at the size of a row group only between batches, so batches are a fraction of one. */
const BATCH_BYTES = 16 * 1024

export async function encodeParquet(columns: readonly Column[], frame: Frame): Promise<ParquetBytes> {
  loadWasm()
  const table = WasmTable.fromIPCStream(tableToIPC(arrowTable(columns, frame), 'stream'))
  const bytes = writeParquet(table, writerProperties(columns))
  return { bytes, rowGroups: await rowGroupsOf(bytes) }
}

export function decodeParquet(bytes: Uint8Array, part?: ReaderOptions): Frame {
  loadWasm()
  const table = tableFromIPC(readParquet(bytes, part ?? null).intoIPCStream())
  const values = new Map<string, ColumnValues>()
  for (const { name } of table.schema.fields) {
    const column: unknown = table.getChild(name)?.toArray()
    if (column instanceof BigInt64Array) values.set(name, column)
    else if (Array.isArray(column)) values.set(name, column)
    else throw new TypeError(`column ${name} is of a type that the archive does not use`)
  }
  return { rows: table.numRows, values }
}

export function stringsOf(frame: Frame, name: string): readonly (string | null)[] {
  const values = frame.values.get(name)
  if (values === undefined || values instanceof BigInt64Array) throw new TypeError(`no strings in ${name}`)
  return values
}

export function longsOf(frame: Frame, name: string): BigInt64Array {
  const values = frame.values.get(name)
  if (!(values instanceof BigInt64Array)) throw new TypeError(`no integers in ${name}`)
  return values
}

let loaded = false

function loadWasm(): void {
  if (loaded) return
  initSync({ module: wasm })
  loaded = true
}

function arrowTable(columns: readonly Column[], frame: Frame): Table {
  const fields = columns.map(
    ({ id, name, type, required }) =>
      new Field(name, arrowType(type), !required, new Map([['PARQUET:field_id', String(id)]])),
  )
  const schema = new Schema(fields)
  const children = columns.map((column) => columnData(column, frame))
  const struct = makeData({ type: new Struct(fields), length: frame.rows, nullCount: 0, children })
  const whole = new Table(schema, [new RecordBatch(schema, struct)])
  return new Table(schema, batchesOf(whole, children))
}

function arrowType(type: Column['type']): Utf8 | Int64 | TimestampMicrosecond {
  if (type === 'string') return new Utf8()
  return type === 'long' ? new Int64() : new TimestampMicrosecond('UTC')
}

function columnData(column: Column, frame: Frame): Data {
  if (column.type === 'string') return stringData(stringsOf(frame, column.name))
  const data = longsOf(frame, column.name)
  if (column.type === 'long') return makeData({ type: new Int64(), length: frame.rows, nullCount: 0, data })
  return makeData({ type: new TimestampMicrosecond('UTC'), length: frame.rows, nullCount: 0, data })
}

const encoder = new TextEncoder()

function stringData(strings: readonly (string | null)[]): Data<Utf8> {
  const valueOffsets = new Int32Array(strings.length + 1)
  const nullBitmap = new Uint8Array((strings.length + 7) >> 3)
  let bytes = new Uint8Array(strings.reduce((units, text) => units + (text?.length ?? 0), 64))
  let end = 0
  let nullCount = 0
  for (const [i, text] of strings.entries()) {
    if (text === null) nullCount++
    else {
      nullBitmap[i >> 3] = (nullBitmap[i >> 3] ?? 0) | (1 << (i & 7))
      bytes = withRoom(bytes, end + text.length * 3)
      end += encoder.encodeInto(text, bytes.subarray(end)).written
    }
    valueOffsets[i + 1] = end
  }
  const data = bytes.subarray(0, end)
  return makeData({ type: new Utf8(), length: strings.length, nullCount, nullBitmap, valueOffsets, data })
}

function withRoom(bytes: Uint8Array<ArrayBuffer>, needed: number): Uint8Array<ArrayBuffer> {
  if (needed <= bytes.length) return bytes
  const larger = new Uint8Array(Math.max(needed, bytes.length * 2))
  larger.set(bytes)
  return larger
}

function batchesOf(whole: Table, children: readonly Data[]): RecordBatch[] {
  const bytes = children.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const rows = Math.min(ROW_GROUP_ROWS, Math.max(1, Math.floor((whole.numRows * BATCH_BYTES) / bytes)))
  const batches: RecordBatch[] = []
  for (let first = 0; first < whole.numRows; first += rows) {
    batches.push(...whole.slice(first, Math.min(first + rows, whole.numRows)).batches)
  }
  return batches
}

function writerProperties(columns: readonly Column[]): WriterProperties {
  let builder = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setMaxRowGroupSize(ROW_GROUP_ROWS)
    .setMaxRowGroupBytes(ROW_GROUP_BYTES)
    .setCreatedBy('perdure')
  for (const { name, type, dictionary } of columns) {
    if (dictionary) continue
    builder = builder.setColumnDictionaryEnabled(name, false)
    if (type !== 'string') builder = builder.setColumnEncoding(name, Encoding.DELTA_BINARY_PACKED)
  }
  return builder.build()
}

/** From the footer: only the writer knows where it cut. */
async function rowGroupsOf(bytes: Uint8Array): Promise<number[]> {
  using file = await ParquetFile.fromFile(new Blob([bytes]))
  using metadata = file.metadata()
  return Array.from({ length: metadata.numRowGroups() }, (_, i) => {
    using group = metadata.rowGroup(i)
    return group.numRows()
  })
}
