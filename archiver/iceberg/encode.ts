/** Avro's binary encoding, written. What does not fit its shape is a mistake of ours: a plain throw. */
import type { AvroRecord, AvroValue, Shape } from './shape.ts'

/** Bytes that grow. */
export class Sink {
  #bytes = new Uint8Array(1024)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** A view of what was written; the next write may change it. */
  written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  float(value: number): void {
    this.#reserve(4)
    this.#view.setFloat32(this.#length, value, true)
    this.#length += 4
  }

  double(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  /** Zig-zag, seven bits a byte. */
  long(value: number | bigint): void {
    if (typeof value === 'bigint' || Math.abs(value) > 2 ** 50) return this.#bigLong(BigInt(value))
    let rest = value < 0 ? -2 * value - 1 : 2 * value
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 0x80)
    this.byte(rest)
  }

  #bigLong(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw new RangeError(`${value} has more than 64 bits`)
    let rest = value < 0n ? -2n * value - 1n : 2n * value
    for (; rest >= 0x80n; rest >>= 7n) this.byte(Number(rest & 0x7fn) | 0x80)
    this.byte(Number(rest))
  }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    larger.set(this.written())
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}

export function encode(shape: Shape, value: AvroValue, sink: Sink): void {
  switch (shape.kind) {
    case 'union':
      return encodeUnion(shape.branches, value, sink)
    case 'record':
      return encodeRecord(shape.fields, recordOf(value), sink)
    case 'array':
      return encodeArray(shape.items, value, sink)
    case 'map':
      return encodeMap(shape.values, recordOf(value), sink)
    case 'enum':
      return sink.long(indexOf(shape.symbols, value))
    case 'fixed':
      return sink.bytes(bytesOf(value, shape.size))
    default:
      return encodePrimitive(shape.kind, value, sink)
  }
}

type Primitive = Exclude<Shape, { kind: 'record' | 'array' | 'map' | 'union' | 'enum' | 'fixed' }>['kind']

const utf8 = new TextEncoder()

/** Of the unions, those with null and one other type: all that Iceberg has. */
function encodeUnion(branches: readonly (Shape | null)[], value: AvroValue, sink: Sink): void {
  const index = branches.findIndex((branch) => (branch === null) === (value === null))
  const branch = branches[index]
  if (branch === undefined) throw new TypeError(`no branch of a union takes a ${typeof value}`)
  sink.long(index)
  if (branch !== null) encode(branch, value, sink)
}

function encodeRecord(
  fields: readonly { readonly name: string; readonly shape: Shape }[],
  record: AvroRecord,
  sink: Sink,
): void {
  for (const { name, shape } of fields) {
    const value = record[name]
    if (value === undefined) throw new TypeError(`a record has no ${name}`)
    encode(shape, value, sink)
  }
}

function encodeArray(items: Shape, value: AvroValue, sink: Sink): void {
  if (!Array.isArray(value)) throw mismatch('array', value)
  const array: readonly AvroValue[] = value
  if (array.length > 0) sink.long(array.length)
  for (const item of array) encode(items, item, sink)
  sink.long(0)
}

function encodeMap(values: Shape, map: AvroRecord, sink: Sink): void {
  const entries = Object.entries(map)
  if (entries.length > 0) sink.long(entries.length)
  for (const [key, value] of entries) {
    encodePrimitive('string', key, sink)
    encode(values, value, sink)
  }
  sink.long(0)
}

function encodePrimitive(kind: Primitive, value: AvroValue, sink: Sink): void {
  switch (kind) {
    case 'boolean':
      return sink.byte(value === true ? 1 : 0)
    case 'int':
      if (numberOf(value) !== (numberOf(value) | 0)) throw mismatch(kind, value)
      return sink.long(numberOf(value))
    case 'long':
      if (typeof value === 'bigint') return sink.long(value)
      if (!Number.isSafeInteger(value)) throw mismatch(kind, value)
      return sink.long(numberOf(value))
    case 'float':
      return sink.float(numberOf(value))
    case 'double':
      return sink.double(numberOf(value))
    default:
      return sized(kind === 'string' && typeof value === 'string' ? utf8.encode(value) : bytesOf(value), sink)
  }
}

function sized(bytes: Uint8Array, sink: Sink): void {
  sink.long(bytes.length)
  sink.bytes(bytes)
}

function indexOf(symbols: readonly string[], value: AvroValue): number {
  const index = symbols.findIndex((symbol) => symbol === value)
  if (index === -1) throw mismatch(symbols.join(' or '), value)
  return index
}

function numberOf(value: AvroValue): number {
  if (typeof value === 'number') return value
  throw mismatch('number', value)
}

function bytesOf(value: AvroValue, size?: number): Uint8Array {
  if (value instanceof Uint8Array && value.length === (size ?? value.length)) return value
  throw mismatch('bytes', value)
}

function recordOf(value: AvroValue): AvroRecord {
  if (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array)
  ) {
    return value as AvroRecord // what is left of the union; Array.isArray does not narrow readonly arrays away
  }
  throw mismatch('record', value)
}

function mismatch(kind: string, value: AvroValue): TypeError {
  return new TypeError(`a ${typeof value} is written as ${kind}`)
}
