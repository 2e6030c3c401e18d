/** Schemas and records from seeded randomness. */
import type {
  AvroRecord,
  AvroSchema,
  AvroValue,
  RecordShape,
  Shape,
} from '../../../archiver/iceberg/shape.ts'

type Random = () => number

export function randomSchema(random: Random): AvroSchema {
  const next = { name: 0 }
  return record(3, random, next)
}

export function randomRecord(shape: RecordShape, random: Random): AvroRecord {
  return Object.fromEntries(shape.fields.map((field) => [field.name, randomValue(field.shape, random)]))
}

const primitives = ['boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']

interface Names {
  name: number
}

function record(depth: number, random: Random, names: Names): AvroSchema {
  const fields = Array.from({ length: 1 + whole(random, 5) }, (_, i) => ({
    name: `field_${i}`,
    type: randomType(depth - 1, random, names),
  }))
  return { type: 'record', name: `r${names.name++}`, fields }
}

function randomType(depth: number, random: Random, names: Names): AvroSchema {
  const choice = whole(random, depth <= 0 ? 7 : 13)
  if (choice < 7) return primitives[choice]!
  const inner = () => randomType(depth - 1, random, names)
  if (choice === 7) return { type: 'array', items: inner() }
  if (choice === 8) return { type: 'map', values: inner() }
  if (choice === 9) return { type: 'fixed', name: `f${names.name++}`, size: 1 + whole(random, 20) }
  if (choice === 10) return { type: 'enum', name: `e${names.name++}`, symbols: ['a', 'b', 'c'] }
  if (choice === 11) return record(depth, random, names)
  return ['null', primitives[whole(random, 7)]!]
}

function randomValue(shape: Shape, random: Random): AvroValue {
  switch (shape.kind) {
    case 'record':
      return randomRecord(shape, random)
    case 'array':
      return several(random, () => randomValue(shape.items, random))
    case 'map':
      return Object.fromEntries(
        several(random, () => [text(random), randomValue(shape.values, random)] as const),
      )
    case 'union':
      return random() < 0.3
        ? null
        : randomValue(
            shape.branches.find((branch) => branch !== null)!,
            random,
          )
    case 'fixed':
      return bytes(random, shape.size)
    case 'enum':
      return shape.symbols[whole(random, shape.symbols.length)]!
    default:
      return randomPrimitive(shape.kind, random)
  }
}

function randomPrimitive(kind: string, random: Random): AvroValue {
  if (kind === 'boolean') return random() < 0.5
  if (kind === 'int') return Math.floor((random() - 0.5) * 2 ** whole(random, 33))
  if (kind === 'long') return randomLong(random)
  if (kind === 'float') return Math.fround(random() * 1e6)
  if (kind === 'double') return (random() - 0.5) * 1e300
  return kind === 'bytes' ? bytes(random, whole(random, 40)) : text(random)
}

/** Of any size; beyond 2^53 a bigint. */
function randomLong(random: Random): number | bigint {
  const bits = BigInt.asIntN(64, (BigInt(whole(random, 2 ** 32)) << 32n) | BigInt(whole(random, 2 ** 32)))
  const value = bits >> BigInt(whole(random, 64))
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

function text(random: Random): string {
  const characters = ['a', 'ß', '漢', '\u{1F600}', '\uFEFF', '"', '__proto__', '\u0000']
  return several(random, () => characters[whole(random, characters.length)]!).join('')
}

function bytes(random: Random, length: number): Uint8Array {
  return new Uint8Array(length).map(() => whole(random, 256))
}

function several<T>(random: Random, make: () => T): T[] {
  return Array.from({ length: whole(random, 6) }, make)
}

function whole(random: Random, below: number): number {
  return Math.floor(random() * below)
}
