/**
 * Avro object container files: written uncompressed, read also with `deflate`, which other engines use.
 *
 * V3 A file is read whole or refused: magic, sync markers and the counts of its blocks must be right to its last byte.
 */
import { inflateRawSync } from 'node:zlib'
import { decodeMap, decodeRecord, take, takeLength, takeLong, type Source } from './decode.ts'
import { encode, Sink } from './encode.ts'
import {
  compileRecord,
  corrupt,
  type AvroRecord,
  type AvroSchema,
  type AvroValue,
  type FieldNames,
  type RecordShape,
} from './shape.ts'

export interface Container {
  readonly metadata: ReadonlyMap<string, Uint8Array>
  /** The writer's, from the file's header. */
  readonly schema: unknown
  /** One at a time; throws where the file turns out to be corrupt. */
  records(): Generator<AvroRecord>
}

/**
 * Open a container file. Fields whose ids are in the `names` that its header calls for are called as there, whatever
 * their writer called them.
 */
export function openContainer(
  bytes: Uint8Array,
  subject: string,
  names: (metadata: Container['metadata']) => FieldNames = () => new Map(),
): Container {
  const source: Source = { bytes, at: 0, subject }
  if (!sameBytes(bytes.subarray(0, 4), MAGIC)) throw corrupt(subject, 'it is no Avro file')
  source.at = 4
  const metadata = new Map(Object.entries(decodeMap({ kind: 'bytes' }, source)).map(bytesEntry))
  const sync = take(source, SYNC_BYTES)
  const schema = jsonOf(metadata.get('avro.schema'), subject)
  const shape = compileRecord(schema, subject, names(metadata))
  const inflate = decompressor(metadata.get('avro.codec'), subject)
  const first = source.at
  return {
    metadata,
    schema,
    records: () => blocks({ ...source, at: first }, { shape, sync, inflate }),
  }
}

export interface ContainerOptions {
  readonly metadata: Readonly<Record<string, string>>
  /** 16 random bytes. */
  readonly sync: Uint8Array
  /** What the records given call their fields, where the schema has other names. */
  readonly names?: FieldNames
}

/** Builds a container file, record by record. */
export class ContainerWriter {
  readonly #shape: RecordShape
  readonly #sync: Uint8Array
  readonly #file = new Sink()
  readonly #block = new Sink()
  #records = 0

  constructor(schema: AvroSchema, { metadata, sync, names }: ContainerOptions) {
    this.#shape = compileRecord(schema, 'schema', names)
    this.#sync = sync
    const header = { ...metadata, 'avro.schema': JSON.stringify(schema), 'avro.codec': 'null' }
    this.#file.bytes(MAGIC)
    encode({ kind: 'map', values: { kind: 'string' } }, header, this.#file)
    this.#file.bytes(sync)
  }

  /** Of the file so far. */
  get length(): number {
    return this.#file.length + this.#block.length
  }

  append(record: AvroRecord): void {
    encode(this.#shape, record, this.#block)
    this.#records++
    if (this.#block.length >= BLOCK_BYTES) this.#flush()
  }

  finish(): Uint8Array {
    if (this.#records > 0) this.#flush()
    return this.#file.written()
  }

  #flush(): void {
    this.#file.long(this.#records)
    this.#file.long(this.#block.length)
    this.#file.bytes(this.#block.written())
    this.#file.bytes(this.#sync)
    this.#block.clear()
    this.#records = 0
  }
}

const MAGIC = new Uint8Array([0x4f, 0x62, 0x6a, 1])
const SYNC_BYTES = 16
/** Of a block written: what other writers use. */
const BLOCK_BYTES = 64_000
/** Of a block read, decompressed: some bytes of deflate can become a thousand times as many. */
const INFLATED_BYTES = 16 * 1024 * 1024
/** Of all blocks of a file. */
const MOST_BYTES = 256 * 1024 * 1024

interface Blocks {
  readonly shape: RecordShape
  readonly sync: Uint8Array
  readonly inflate: (data: Uint8Array) => Uint8Array
}

function* blocks(source: Source, { shape, sync, inflate }: Blocks): Generator<AvroRecord> {
  const { bytes, subject } = source
  let total = 0
  while (source.at < bytes.length) {
    const count = takeCount(source)
    const block: Source = { bytes: inflate(take(source, takeLength(source))), at: 0, subject }
    if ((total += block.bytes.length) > MOST_BYTES)
      throw corrupt(subject, `it holds more than ${MOST_BYTES} bytes`)
    if (!sameBytes(take(source, SYNC_BYTES), sync))
      throw corrupt(subject, 'a block is not followed by its marker')
    for (let i = 0; i < count; i++) yield decodeRecord(shape, block)
    if (block.at !== block.bytes.length) throw corrupt(subject, 'a block has more bytes than records')
  }
}

/** Of a compressed block: it may be more than the bytes that follow, but a record takes at least one when inflated. */
function takeCount(source: Source): number {
  const count = takeLong(source)
  if (typeof count === 'number' && count >= 0) return count
  throw corrupt(source.subject, `a block has ${count} records`)
}

function decompressor(codec: Uint8Array | undefined, subject: string): Blocks['inflate'] {
  const name = codec === undefined ? 'null' : new TextDecoder().decode(codec)
  if (name === 'null') return (data) => data
  if (name !== 'deflate') throw corrupt(subject, `its codec is ${name}; null and deflate can be read`)
  return (data) => {
    try {
      const { buffer, byteOffset, length } = inflateRawSync(data, { maxOutputLength: INFLATED_BYTES })
      return new Uint8Array(buffer, byteOffset, length) // a Buffer's `slice` would not copy
    } catch (error) {
      throw corrupt(subject, `a block cannot be decompressed: ${String(error)}`)
    }
  }
}

function jsonOf(bytes: Uint8Array | undefined, subject: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw corrupt(subject, 'its header has no schema')
  }
}

function bytesEntry([key, value]: [string, AvroValue]): [string, Uint8Array] {
  return [key, value as Uint8Array] // the map was decoded as one of bytes
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
