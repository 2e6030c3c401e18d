import { deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { ContainerWriter, openContainer } from '../../../archiver/iceberg/avro.ts'
import { decode } from '../../../archiver/iceberg/decode.ts'
import { encode, Sink } from '../../../archiver/iceberg/encode.ts'
import {
  compileRecord,
  type AvroRecord,
  type AvroSchema,
  type Shape,
} from '../../../archiver/iceberg/shape.ts'
import { seeded } from '../batches.ts'
import { randomRecord, randomSchema } from './avro.ts'

const sync = new Uint8Array(16).map((_, i) => i + 100)
const corrupt = { code: 'internal', fault: 'object_corrupt', subject: 'x.avro' }

describe('a container file', () => {
  test.each(Array.from({ length: 40 }, (_, seed) => seed))(
    'comes back as it was written (seed %i)',
    (seed) => {
      const random = seeded(seed)
      const schema = randomSchema(random)
      const shape = compileRecord(schema, 'schema')
      const records = Array.from({ length: Math.floor(random() * 30) }, () => randomRecord(shape, random))
      expect(read(written(schema, records))).toEqual(records)
    },
  )

  test('of many blocks comes back whole', () => {
    const records = Array.from({ length: 5_000 }, (_, i) => ({ text: `${i} `.repeat(20), number: i }))
    const schema = recordOf({ text: 'string', number: 'long' })
    expect(read(written(schema, records))).toEqual(records)
  })

  test('without records has none', () => {
    expect(read(written(recordOf({ number: 'long' }), []))).toEqual([])
  })

  test('carries metadata beside its schema', () => {
    const { metadata, schema } = openContainer(written(recordOf({ number: 'int' }), []), 'x.avro')
    expect(new TextDecoder().decode(metadata.get('content'))).toBe('data')
    expect(schema).toEqual(recordOf({ number: 'int' }))
  })

  test('compressed with deflate is read', () => {
    const records = Array.from({ length: 300 }, (_, i) => ({ number: i }))
    expect(read(deflated(recordOf({ number: 'long' }), records))).toEqual(records)
  })

  test('is read by the names of the reader, whose fields have the same ids', () => {
    const schema = { type: 'record', name: 'r', fields: [{ name: 'old', type: 'long', 'field-id': 7 }] }
    const container = openContainer(written(schema, [{ old: 1 }]), 'x.avro', () => new Map([[7, 'new']]))
    expect([...container.records()]).toEqual([{ new: 1 }])
  })
})

describe('a long', () => {
  test.each<[number | bigint, number[]]>([
    [0, [0]],
    [-1, [1]],
    [1, [2]],
    [-64, [0x7f]],
    [64, [0x80, 1]],
    [2 ** 31, [0x80, 0x80, 0x80, 0x80, 0x10]],
    [Number.MAX_SAFE_INTEGER, [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f]],
    [Number.MIN_SAFE_INTEGER, [0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f]],
    [7213948571203948571n, [0xb6, 0xc0, 0xe2, 0xe8, 0xa3, 0x80, 0x8c, 0x9d, 0xc8, 0x01]],
    [2n ** 63n - 1n, [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
    [-(2n ** 63n), [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
  ])('%s has the bytes of the specification', (value, bytes) => {
    const sink = new Sink()
    encode({ kind: 'long' }, value, sink)
    expect([...sink.written()]).toEqual(bytes)
    expect(decodeBytes({ kind: 'long' }, bytes)).toBe(value)
  })

  test('of more than 64 bits is refused', () => {
    const bytes = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]
    expect(() => decodeBytes({ kind: 'long' }, bytes)).toThrow(expect.objectContaining(corrupt))
    expect(() => encode({ kind: 'long' }, 2n ** 63n, new Sink())).toThrow(RangeError)
  })
})

describe('a block of items with a negative count', () => {
  const array: Shape = { kind: 'array', items: { kind: 'long' } }

  test('is read', () => {
    expect(decodeBytes(array, [3, 4, 2, 4, 2, 6, 0])).toEqual([1, 2, 3])
  })

  test('is refused when its size is another', () => {
    expect(() => decodeBytes(array, [3, 6, 2, 4, 2, 6, 0])).toThrow(expect.objectContaining(corrupt))
  })
})

describe('a damaged file', () => {
  const schema = recordOf({ text: 'string', numbers: { type: 'array', items: 'long' }, bytes: 'bytes' })
  const sound = written(
    schema,
    Array.from({ length: 20 }, (_, i) => ({ text: `text ${i}`, numbers: [i, -i], bytes: sync })),
  )

  test('is refused wherever it is cut', () => {
    const headerLength = written(schema, []).length
    for (let length = 0; length < sound.length; length++) {
      const expected = length === headerLength ? [] : corrupt
      expect(
        outcome(() => read(sound.subarray(0, length))),
        `cut at ${length}`,
      ).toMatchObject(expected)
    }
  })

  test('whose last marker is another is refused', () => {
    const damaged = sound.with(sound.length - 1, 0)
    expect(() => read(damaged)).toThrow(expect.objectContaining(corrupt))
  })

  test('with any byte changed is refused or read, and nothing else', () => {
    const random = seeded(5)
    const outcomes = Array.from({ length: 2_000 }, () => {
      const damaged = sound.slice()
      damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256)
      return outcome(() => read(damaged))
    })
    const others = outcomes.filter((one) => !Array.isArray(one) && Object(one).fault !== 'object_corrupt')
    expect(others).toEqual([])
  })

  test.each<[string, Shape, number[]]>([
    ['a string longer than the file', { kind: 'string' }, [0xfe, 0xff, 0xff, 0xff, 0x0f, 65]],
    ['a negative length', { kind: 'bytes' }, [1]],
    ['more items than bytes', { kind: 'array', items: { kind: 'long' } }, [0xfe, 0xff, 0xff, 0xff, 0x0f, 2]],
    [
      'a count beyond 2^53',
      { kind: 'map', values: { kind: 'long' } },
      [255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
    ],
    ['an array without end', { kind: 'array', items: { kind: 'long' } }, [2, 2]],
    ['a branch that is not there', { kind: 'union', branches: [null, { kind: 'int' }] }, [4, 0]],
    ['a boolean of 2', { kind: 'boolean' }, [2]],
    ['an int of 33 bits', { kind: 'int' }, [0x80, 0x80, 0x80, 0x80, 0x20]],
    ['a string that is not UTF-8', { kind: 'string' }, [4, 0xc3, 0x28]],
  ])('with %s is refused', (_, shape, bytes) => {
    expect(() => decodeBytes(shape, bytes)).toThrow(expect.objectContaining(corrupt))
  })

  test('that inflates without end is refused', () => {
    const bomb = deflateRawSync(new Uint8Array(64 * 1024 * 1024))
    const sized = new Sink()
    sized.long(1)
    sized.long(bomb.length)
    const header = deflated(recordOf({ bytes: 'bytes' }), [])
    const file = new Uint8Array([...header, ...sized.written(), ...bomb, ...sync])
    expect(() => read(file)).toThrow(expect.objectContaining(corrupt))
  })

  test('whose blocks together inflate without end is refused', () => {
    const wide = recordOf({ bytes: 'bytes' })
    const header = deflated(wide, [])
    const one = deflated(wide, [{ bytes: new Uint8Array(15 * 1024 * 1024) }]).subarray(header.length)
    const file = new Uint8Array(header.length + 20 * one.length)
    file.set(header)
    for (let block = 0; block < 20; block++) file.set(one, header.length + block * one.length)
    let records = 0
    const readAll = () => {
      for (const _ of openContainer(file, 'x.avro').records()) records++
    }
    expect(readAll).toThrow(expect.objectContaining(corrupt))
    expect(records).toBe(17)
  })
})

describe('a schema', () => {
  const nested = (depth: number): AvroSchema =>
    depth === 0 ? 'long' : { type: 'array', items: nested(depth - 1) }

  test.each<[string, unknown]>([
    ['that contains itself', { type: 'record', name: 'r', fields: [{ name: 'next', type: ['null', 'r'] }] }],
    ['with a lone null', recordOf({ nothing: 'null' })],
    ['of empty records only', recordOf({ nothing: { type: 'record', name: 'e', fields: [] } })],
    [
      'with an array of nothing',
      recordOf({ all: { type: 'array', items: { type: 'record', name: 'e', fields: [] } } }),
    ],
    [
      'with a field twice',
      { type: 'record', name: 'r', fields: [1, 2].map(() => ({ name: 'a', type: 'int' })) },
    ],
    ['that is too deep', recordOf({ deep: nested(50) })],
    ['of an unknown type', recordOf({ what: 'decimal' })],
    ['that is no record', ['null', 'long']],
    ['that is no schema', 7],
  ])('%s is refused', (_, schema) => {
    expect(() => compileRecord(schema, 'x.avro')).toThrow(expect.objectContaining(corrupt))
  })

  test('spells a type out once', () => {
    const id = { type: 'fixed', name: 'id', namespace: 'org.example', size: 2 }
    const schema = recordOf({ first: id, second: 'id', third: 'org.example.id' })
    const record = {
      first: new Uint8Array([1, 2]),
      second: new Uint8Array([3, 4]),
      third: new Uint8Array([5, 6]),
    }
    expect(read(written(schema, [record]))).toEqual([record])
  })
})

function recordOf(fields: Record<string, AvroSchema>): AvroSchema {
  return { type: 'record', name: 'r', fields: Object.entries(fields).map(([name, type]) => ({ name, type })) }
}

function written(schema: AvroSchema, records: readonly AvroRecord[]): Uint8Array {
  const writer = new ContainerWriter(schema, { metadata: { content: 'data' }, sync })
  for (const record of records) writer.append(record)
  return writer.finish()
}

/** As another engine would have written it: one block per record. */
function deflated(schema: AvroSchema, records: readonly AvroRecord[]): Uint8Array {
  const shape = compileRecord(schema, 'schema')
  const file = new Sink()
  file.bytes(new Uint8Array([0x4f, 0x62, 0x6a, 1]))
  const header = { 'avro.codec': 'deflate', 'avro.schema': JSON.stringify(schema) }
  encode({ kind: 'map', values: { kind: 'string' } }, header, file)
  file.bytes(sync)
  for (const record of records) {
    const block = new Sink()
    encode(shape, record, block)
    const data = deflateRawSync(block.written())
    file.long(1)
    file.long(data.length)
    file.bytes(data)
    file.bytes(sync)
  }
  return file.written()
}

function read(bytes: Uint8Array): AvroRecord[] {
  return [...openContainer(bytes, 'x.avro').records()]
}

function decodeBytes(shape: Shape, bytes: readonly number[]): unknown {
  return decode(shape, { bytes: new Uint8Array(bytes), at: 0, subject: 'x.avro' })
}

/** What it returns, or what it throws. */
function outcome(attempt: () => unknown): unknown {
  try {
    return attempt()
  } catch (error) {
    return error
  }
}
