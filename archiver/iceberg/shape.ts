/**
 * Avro schemas, compiled to the shapes of what is read and written.
 *
 * V1 Every shape takes at least one byte, so that whatever is decoded is no larger than a constant times the file. Only a
 *    record without fields takes none (the partition of a table without any), and is allowed beside as many others. A
 *    schema with lone nulls or with types that contain themselves is refused; manifests have none.
 */
import { ArchiveError } from '../error.ts'

/** A schema as its JSON has it. Attributes that Avro does not know, like `field-id`, are written as they are. */
export type AvroSchema =
  | string
  | readonly AvroSchema[]
  | { readonly type: AvroSchema; readonly [attribute: string]: unknown }

export type Shape =
  | { readonly kind: Primitive }
  | { readonly kind: 'fixed'; readonly size: number }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] }
  | { readonly kind: 'array'; readonly items: Shape }
  | { readonly kind: 'map'; readonly values: Shape }
  /** Null stands for the type of that name. */
  | { readonly kind: 'union'; readonly branches: readonly (Shape | null)[] }
  | RecordShape

export interface RecordShape {
  readonly kind: 'record'
  readonly fields: readonly { readonly name: string; readonly shape: Shape }[]
}

export type AvroValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly AvroValue[]
  | { readonly [name: string]: AvroValue }

export type AvroRecord = Readonly<Record<string, AvroValue>>

/** How a reader calls the fields of a file, by their ids; writers may have given them other names. */
export type FieldNames = ReadonlyMap<number, string>

/** The shape of a record `schema`. `subject` names the file in the error that refuses another one. */
export function compileRecord(schema: unknown, subject: string, names: FieldNames = new Map()): RecordShape {
  const shape = compile(schema, { subject, names, types: new Map(), depth: 0 })
  if (shape?.kind === 'record' && !isEmpty(shape)) return shape
  throw corrupt(subject, 'its Avro schema is not that of a record')
}

export function corrupt(subject: string, problem: string): ArchiveError {
  return new ArchiveError('object_corrupt', subject, problem)
}

type Primitive = 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string'

interface Compiler {
  readonly subject: string
  readonly names: FieldNames
  /** By name; in a schema text, a type is spelled out once. Entered when complete, so that none can contain itself. */
  readonly types: Map<string, Shape>
  readonly depth: number
}

const primitives: ReadonlySet<unknown> = new Set([
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
] satisfies Primitive[])
const DEEPEST = 32

/** Null for the type `null`. */
function compile(schema: unknown, outer: Compiler): Shape | null {
  const compiler = { ...outer, depth: outer.depth + 1 }
  if (compiler.depth > DEEPEST) throw corrupt(compiler.subject, 'its Avro schema is too deep')
  if (schema === 'null') return null
  if (isPrimitive(schema)) return { kind: schema }
  if (typeof schema === 'string') return typeNamed(schema, compiler)
  if (Array.isArray(schema)) {
    return { kind: 'union', branches: schema.map((one) => (one === 'null' ? null : sized(one, compiler))) }
  }
  if (isObject(schema)) return complex(schema, compiler)
  throw corrupt(compiler.subject, `its Avro schema has a type ${JSON.stringify(schema)}`)
}

function complex(schema: Record<string, unknown>, compiler: Compiler): Shape | null {
  switch (schema['type']) {
    case 'record':
      return named(schema, recordShape(schema, compiler), compiler)
    case 'fixed':
      return named(schema, fixedShape(schema, compiler), compiler)
    case 'enum':
      return named(schema, enumShape(schema, compiler), compiler)
    case 'array':
      return { kind: 'array', items: sized(schema['items'], compiler) }
    case 'map':
      return { kind: 'map', values: sized(schema['values'], compiler) }
    default:
      return compile(schema['type'], compiler) // a primitive with a logical type, or one more pair of braces
  }
}

function recordShape({ fields }: Record<string, unknown>, compiler: Compiler): RecordShape {
  if (!Array.isArray(fields)) throw corrupt(compiler.subject, 'its Avro schema has a record without fields')
  const compiled = fields.map((field: unknown) => {
    const { name, type, 'field-id': id } = isObject(field) ? field : {}
    if (typeof name !== 'string')
      throw corrupt(compiler.subject, 'its Avro schema has a field without a name')
    const known = typeof id === 'number' ? compiler.names.get(id) : undefined
    return { name: known ?? name, shape: present(type, compiler) }
  })
  if (new Set(compiled.map(({ name }) => name)).size < compiled.length) {
    throw corrupt(compiler.subject, 'its Avro schema has a record with a field twice')
  }
  if (2 * compiled.filter(({ shape }) => isEmpty(shape)).length > compiled.length) {
    throw corrupt(compiler.subject, 'its Avro schema has a record of little but empty ones')
  }
  return { kind: 'record', fields: compiled }
}

function fixedShape({ size }: Record<string, unknown>, { subject }: Compiler): Shape {
  if (typeof size === 'number' && Number.isSafeInteger(size) && size > 0) return { kind: 'fixed', size }
  throw corrupt(subject, 'its Avro schema has a fixed type whose size is no positive whole number')
}

function enumShape({ symbols }: Record<string, unknown>, { subject }: Compiler): Shape {
  if (Array.isArray(symbols) && symbols.every((symbol) => typeof symbol === 'string')) {
    return { kind: 'enum', symbols }
  }
  throw corrupt(subject, 'its Avro schema has an enum without symbols')
}

function named(schema: Record<string, unknown>, shape: Shape, { types }: Compiler): Shape {
  const { name, namespace } = schema
  if (typeof name !== 'string') return shape
  types.set(name, shape)
  if (typeof namespace === 'string') types.set(`${namespace}.${name}`, shape)
  return shape
}

function typeNamed(name: string, { types, subject }: Compiler): Shape {
  const shape = types.get(name)
  if (shape !== undefined) return shape
  throw corrupt(subject, `its Avro schema has an unknown type ${name}`)
}

function sized(schema: unknown, compiler: Compiler): Shape {
  const shape = present(schema, compiler)
  if (!isEmpty(shape)) return shape
  throw corrupt(compiler.subject, 'its Avro schema has an empty record that is not in another')
}

function isEmpty(shape: Shape): boolean {
  return shape.kind === 'record' && shape.fields.length === 0
}

function present(schema: unknown, compiler: Compiler): Shape {
  const shape = compile(schema, compiler)
  if (shape !== null) return shape
  throw corrupt(compiler.subject, 'its Avro schema has a null that is not in a union')
}

function isPrimitive(schema: unknown): schema is Primitive {
  return primitives.has(schema)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
