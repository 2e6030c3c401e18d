/** Values that decoders have fallen over, here or elsewhere. */
import * as fc from 'fast-check'
import type { Json } from '../../shared/payload.ts'

const TEXTS = [
  '',
  ' ',
  '\0',
  '\ud800',
  'a\udc00b',
  '\u{10FFFF}',
  '\u2028',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'then',
  'toJSON',
  'length',
  'message',
  'stack',
  'cause',
  'name',
  '$type',
  'NaN',
  '-0',
  '1e400',
  '9007199254740993',
  '9223372036854775808',
  '%',
  '%zz',
  '%2F',
  '../..',
  'a/b',
  '-1',
  '0x10',
  'null',
  '2026-02-30',
  '2026-01-01T00:00:00Z',
]

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  64,
  255,
  256,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 53),
  2 ** 63,
  2 ** 64,
  1e308,
  5e-324,
  8_640_000_000_000_001,
]

const longText = fc
  .tuple(
    fc.constantFrom('1', 'a', ' ', '\0', '0 ', '=', '\u00e9', '('),
    fc.constantFrom(201, 1_001, 20_000, 200_000),
  )
  .map(([part, times]) => part.repeat(times))

/** Any code units, lone surrogates among them. */
const codeUnits = fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units))

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 30, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 15, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  { weight: 14, arbitrary: codeUnits },
  { weight: 1, arbitrary: longText },
)

export const hostileNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(...NUMBERS),
  fc.constantFrom(NaN, Infinity, -Infinity),
  fc.integer(),
  fc.double(),
)

/** Of those that JSON has. */
const jsonNumber = hostileNumber.map((number) => (Number.isFinite(number) ? number : 0))

const leaf: fc.Arbitrary<Json> = fc.oneof(fc.constantFrom<Json[]>(null, true, false), jsonNumber, hostileText)

const key = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom(...TEXTS))

/** With the key `__proto__` as an own property, as JSON.parse makes it. */
export function objectOf<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  const object: Record<string, T> = {}
  for (const [name, value] of entries)
    Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true })
  return object
}

const tree: fc.Arbitrary<Json> = fc
  .letrec<{ node: Json }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('node'), { maxLength: 4 }),
      fc.array(fc.tuple(key, tie('node')), { maxLength: 4 }).map(objectOf),
    ),
  }))
  .node.map((json) => json) // shrinks by what it was made of: by its look alone, a deep one overflows the stack

const WRAPPERS: readonly ((inner: Json) => Json)[] = [
  (inner) => [inner],
  (inner) => ({ a: inner }),
  (inner) => ({ $type: 'Object', value: { a: inner } }),
  (inner) => ({ $type: 'Map', value: [[1, inner]] }),
  (inner) => ({ $type: 'Error', value: { name: 'E', message: 'm', cause: inner } }),
  (inner) => ({ name: 'E', message: 'm', code: 'timeout', cause: inner }),
]

/** Nested far beyond what a call stack bears. */
const deep: fc.Arbitrary<Json> = fc
  .tuple(fc.nat(WRAPPERS.length - 1), fc.constantFrom(30, 63, 64, 65, 66, 100, 101, 1_000, 10_000, 100_000))
  .map(([which, levels]) => {
    let json: Json = 1
    for (let i = 0; i < levels; i++) json = WRAPPERS[which]!(json)
    return json
  })

export const hostileJson: fc.Arbitrary<Json> = fc.oneof(
  { weight: 50, arbitrary: leaf },
  { weight: 100, arbitrary: tree },
  { weight: 1, arbitrary: deep },
)

/** Whatever a caller without types may pass, functions and cycles among it. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileJson },
  { weight: 2, arbitrary: hostileNumber },
  {
    weight: 3,
    arbitrary: fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withTypedArray: true,
      withSparseArray: true,
    }),
  },
  { weight: 2, arbitrary: fc.nat().map(oddity) },
)

const ODDITIES: readonly (() => unknown)[] = [
  () => undefined,
  () => () => 1,
  () => Symbol('s'),
  () => Promise.resolve(1),
  () => /x/,
  () => new WeakMap(),
  () => new Proxy({}, {}),
  () => new Date(NaN),
  () => Object.create(null),
  () => Object.create({ inherited: 1 }),
  () =>
    new (class Money {
      amount = 5n
    })(),
  () => ({ toString: null, valueOf: null }),
  () => ({ toJSON: () => ({ toJSON: () => 1 }) }),
  () => {
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    return cycle
  },
  () => {
    const list: unknown[] = []
    list.push(new Map([[list, list]]))
    return list
  },
  () => new Error('e', { cause: new TypeError('t') }),
  () => new AggregateError([1, new Error('x')], 'many'),
  () => new Uint8ClampedArray(3),
  () => new BigInt64Array(2),
  () => new SharedArrayBuffer(8),
  () => new DataView(new ArrayBuffer(4)),
  () => new URL('https://example.com'),
  () => Object.defineProperty({}, 'hidden', { value: 1 }),
  () => Object.freeze([Object.freeze({ a: 1 })]),
  () => new Number(5),
]

function oddity(which: number): unknown {
  return ODDITIES[which % ODDITIES.length]!()
}
