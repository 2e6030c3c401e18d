/**
 * Frames to Arrow and back. Arrow's builders are never used: they call `new Function`, which Workers refuse; the buffers
 * of a frame are Arrow's own layout already.
 */
import {
  DataType,
  Field,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  TimeUnit,
  TimestampMicrosecond,
  Utf8,
  type Data,
} from 'apache-arrow'
import { FrameBuilder } from './build.ts'
import type { Column } from './columns.ts'
import { longsOf, stringsOf, type Frame, type Longs, type Strings } from './frame.ts'

/** The frame as an IPC stream of one batch; fields carry their Iceberg ids. */
export function toIpc(columns: readonly Column[], frame: Frame): Uint8Array {
  const fields = columns.map(
    ({ id, name, type, required }) =>
      new Field(name, arrowType(type), !required, new Map([['PARQUET:field_id', String(id)]])),
  )
  const schema = new Schema(fields)
  const children = columns.map((column) => columnData(column, frame))
  const struct = makeData({ type: new Struct(fields), length: frame.rows, nullCount: 0, children })
  return tableToIPC(new Table(schema, [new RecordBatch(schema, struct)]), 'stream')
}

/** The rows of an IPC stream: of `columns`, those that it has. */
export function fromIpc(columns: readonly Column[], ipc: Uint8Array): Frame {
  const frames = tableFromIPC(ipc).batches.map((batch) => frameOf(columns, batch))
  const [only] = frames
  if (only !== undefined && frames.length === 1) return only
  const found = columns.filter(
    ({ name }) => only === undefined || only.strings.has(name) || only.longs.has(name),
  )
  const builder = new FrameBuilder(found)
  for (const frame of frames) builder.copy(frame, 0, frame.rows)
  return builder.take()
}

function arrowType(type: Column['type']): Utf8 | Int64 | TimestampMicrosecond {
  if (type === 'string') return new Utf8()
  return type === 'long' ? new Int64() : new TimestampMicrosecond('UTC')
}

function columnData({ name, type }: Column, frame: Frame): Data {
  const length = frame.rows
  if (type === 'string') {
    const { bytes: data, offsets: valueOffsets, valid } = stringsOf(frame, name)
    const nulls = valid === null ? { nullCount: 0 } : { nullCount: -1, nullBitmap: valid } // -1: Arrow counts them itself
    return makeData({ type: new Utf8(), length, data, valueOffsets, ...nulls })
  }
  const data = longsOf(frame, name)
  if (type === 'long') return makeData({ type: new Int64(), length, nullCount: 0, data })
  return makeData({ type: new TimestampMicrosecond('UTC'), length, nullCount: 0, data })
}

function frameOf(columns: readonly Column[], batch: RecordBatch): Frame {
  const strings = new Map<string, Strings>()
  const longs = new Map<string, Longs>()
  for (const { name, type } of columns) {
    const data = batch.getChild(name)?.data[0]
    if (data === undefined) continue
    if (type === 'string') strings.set(name, stringsOfData(name, data))
    else longs.set(name, longsOfData(name, data))
  }
  return { rows: batch.numRows, strings, longs }
}

function stringsOfData(name: string, data: Data): Strings {
  const { type, length, offset, nullCount } = data
  if (!(DataType.isUtf8(type) || DataType.isLargeUtf8(type)) || offset !== 0) throw unfit(name, type)
  // The types of Arrow leave a Data's buffers open; of these two they are what their names say.
  const found = data.valueOffsets as Int32Array | BigInt64Array
  const offsets = found instanceof Int32Array ? found : Int32Array.from(found, Number)
  const bytes = data.values as Uint8Array // as above
  return { offsets: offsets.subarray(0, length + 1), bytes, valid: nullCount === 0 ? null : data.nullBitmap }
}

function longsOfData(name: string, data: Data): Longs {
  const { type, length, offset, nullCount } = data
  const whole = DataType.isInt(type) || (DataType.isTimestamp(type) && type.unit === TimeUnit.MICROSECOND)
  const values: unknown = data.values
  if (!whole || !(values instanceof BigInt64Array) || offset !== 0 || nullCount !== 0) throw unfit(name, type)
  return values.subarray(0, length)
}

function unfit(name: string, type: unknown): TypeError {
  return new TypeError(`column ${name} is ${String(type)}, which the archive does not write`)
}
