/**
 * Avro's binary encoding, read.
 *
 * V2 Nothing is believed before it is there: a length or a count beyond the bytes that remain is refused, and nothing
 *    is allocated by one. With V1 this bounds time and memory by the size of the file.
 */
import { corrupt, type AvroRecord, type AvroValue, type RecordShape, type Shape } from './shape.ts'

/** Bytes, and how far they are read. */
export interface Source {
  readonly bytes: Uint8Array
  at: number
  /** The file's location, for errors. */
  readonly subject: string
}

/** Maps and records have no prototype, whatever their keys are called. Longs beyond 2^53 are bigints. */
export function decode(shape: Shape, source: Source): AvroValue {
  switch (shape.kind) {
    case 'record':
      return decodeRecord(shape, source)
    case 'array':
      return decodeArray(shape.items, source)
    case 'map':
      return decodeMap(shape.values, source)
    case 'union':
      return decodeUnion(shape.branches, source)
    case 'enum':
      return chosen(shape.symbols, source)
    case 'fixed':
      return take(source, shape.size)
    default:
      return decodePrimitive(shape.kind, source)
  }
}

export function decodeRecord(shape: RecordShape, source: Source): AvroRecord {
  const record: Record<string, AvroValue> = Object.create(null)
  for (const field of shape.fields) record[field.name] = decode(field.shape, source)
  return record
}

export function decodeMap(values: Shape, source: Source): Record<string, AvroValue> {
  const map: Record<string, AvroValue> = Object.create(null)
  eachOfBlocks(source, () => {
    const key = takeString(source)
    map[key] = decode(values, source)
  })
  return map
}

export function takeLong(source: Source): number | bigint {
  let value = 0
  for (let shift = 0, scale = 1; shift < 49; shift += 7, scale *= 128) {
    const byte = takeByte(source)
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
  return restOfLong(BigInt(value), source)
}

/** A length or a count, of what has to be there: refused when it is negative or more than the bytes that remain. */
export function takeLength(source: Source): number {
  return within(takeLong(source), source)
}

/** A view of the file, not a copy. */
export function take(source: Source, length: number): Uint8Array {
  if (length > remaining(source)) throw corrupt(source.subject, 'it ends too early')
  return source.bytes.subarray(source.at, (source.at += length))
}

type Primitive = Exclude<Shape, { kind: 'record' | 'array' | 'map' | 'union' | 'enum' | 'fixed' }>['kind']

function decodePrimitive(kind: Primitive, source: Source): AvroValue {
  switch (kind) {
    case 'boolean':
      return takeBoolean(source)
    case 'int':
      return takeInt(source)
    case 'long':
      return takeLong(source)
    case 'float':
      return viewOf(take(source, 4)).getFloat32(0, true)
    case 'double':
      return viewOf(take(source, 8)).getFloat64(0, true)
    case 'bytes':
      return take(source, takeLength(source))
    default:
      return takeString(source)
  }
}

function decodeArray(items: Shape, source: Source): AvroValue[] {
  const array: AvroValue[] = []
  eachOfBlocks(source, () => array.push(decode(items, source)))
  return array
}

/** Blocks of items, up to an empty one. A negative count is followed by the size of the block. */
function eachOfBlocks(source: Source, takeItem: () => unknown): void {
  for (;;) {
    const count = takeLong(source)
    if (count === 0) return
    const end = count < 0 ? takeLength(source) + source.at : null
    const items = within(count < 0 ? -count : count, source)
    for (let i = 0; i < items; i++) takeItem()
    if (end !== null && end !== source.at)
      throw corrupt(source.subject, 'a block has another size than it says')
  }
}

function decodeUnion(branches: readonly (Shape | null)[], source: Source): AvroValue {
  const branch = chosen(branches, source)
  return branch === null ? null : decode(branch, source)
}

function chosen<T>(choices: readonly T[], source: Source): T {
  const index = takeLong(source)
  const choice = typeof index === 'number' ? choices[index] : undefined
  if (choice !== undefined) return choice
  throw corrupt(source.subject, `there is no choice ${index} of ${choices.length}`)
}

function takeBoolean(source: Source): boolean {
  const byte = takeByte(source)
  if (byte > 1) throw corrupt(source.subject, `a boolean is ${byte}`)
  return byte === 1
}

function takeInt(source: Source): number {
  const value = takeLong(source)
  if (typeof value === 'number' && value === (value | 0)) return value
  throw corrupt(source.subject, `an int is ${value}`)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function takeString(source: Source): string {
  const bytes = take(source, takeLength(source))
  try {
    return utf8.decode(bytes)
  } catch {
    throw corrupt(source.subject, 'a string is not UTF-8')
  }
}

function restOfLong(low: bigint, source: Source): number | bigint {
  let value = low
  for (let shift = 49n; shift <= 63n; shift += 7n) {
    const byte = takeByte(source)
    if (shift === 63n && byte > 1) break
    value += BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return narrowed(value % 2n === 0n ? value / 2n : -(value + 1n) / 2n)
  }
  throw corrupt(source.subject, 'a number has more than 64 bits')
}

function narrowed(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function within(length: number | bigint, source: Source): number {
  if (typeof length === 'number' && length >= 0 && length <= remaining(source)) return length
  throw corrupt(
    source.subject,
    `${length} of something do not fit into the ${remaining(source)} bytes that follow`,
  )
}

function takeByte(source: Source): number {
  const byte = source.bytes[source.at++]
  if (byte === undefined) throw corrupt(source.subject, 'it ends too early')
  return byte
}

function remaining({ bytes, at }: Source): number {
  return bytes.length - at
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
