import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { decodePayload, encodePayload } from '../../shared/payload.ts'
import type { Payload } from '../../shared/payload.ts'

/** Through the encoding and through storage, which is JSON text. */
function roundTrip(value: unknown): unknown {
  const payload = encodePayload(value, 'input')
  return decodePayload(payload === undefined ? undefined : (JSON.parse(JSON.stringify(payload)) as Payload))
}

describe('plain JSON', () => {
  test('is its own encoding, so SQL finds what the user wrote', () => {
    const order = { id: 'o-1', items: [{ sku: 'a', price: 1.5 }], paid: false, note: null, 'odd key': {} }
    expect(encodePayload(order, 'input')).toStrictEqual(order)
  })

  test('undefined is no payload at all', () => {
    expect(encodePayload(undefined, 'result')).toBe(undefined)
    expect(decodePayload(undefined)).toBe(undefined)
  })

  test('is copied both ways, so later changes by user code reach neither history nor the next reader', () => {
    const order = { items: [{ sku: 'a' }] }
    const payload = encodePayload(order, 'input')
    order.items[0]!.sku = 'changed'
    const read = decodePayload(payload) as typeof order
    expect(read).toEqual({ items: [{ sku: 'a' }] })
    read.items.push({ sku: 'b' })
    expect(decodePayload(payload)).toEqual({ items: [{ sku: 'a' }] })
  })
})

describe('values that JSON cannot hold', () => {
  test.each([
    ['a date', new Date('2026-01-02T03:04:05.678Z')],
    ['a date after the year 9999', new Date(8_640_000_000_000_000)],
    ['an invalid date', new Date(NaN)],
    [
      'a map with keys of any kind',
      new Map<unknown, unknown>([
        ['a', 1],
        [{ k: 1 }, new Set([1])],
        [undefined, NaN],
      ]),
    ],
    ['a set', new Set([1, 'a', new Date(0)])],
    ['a bigint', -12345678901234567890n],
    ['NaN', NaN],
    ['infinities', [Infinity, -Infinity]],
    ['negative zero', [-0, 0]],
    ['undefined inside objects and lists', { a: undefined, b: [undefined, 1] }],
    ['bytes', new Uint8Array([0, 1, 127, 128, 255])],
    ['no bytes', new Uint8Array()],
    ['a view of part of a buffer', new Uint8Array([9, 1, 2, 9]).subarray(1, 3)],
    ['an ArrayBuffer', new Uint8Array([1, 2, 3]).buffer],
    ['floats', new Float64Array([1.5, -0, NaN])],
  ])('%s comes back as it was', (_title, value) => {
    expect(roundTrip(value)).toStrictEqual(value)
  })

  test('the tags are readable in SQL', () => {
    expect(
      encodePayload({ at: new Date(0), big: 5n, nothing: undefined, bytes: new Uint8Array([1]) }, 'input'),
    ).toEqual({
      at: { $type: 'Date', value: '1970-01-01T00:00:00.000Z' },
      big: { $type: 'BigInt', value: '5' },
      nothing: { $type: 'undefined' },
      bytes: { $type: 'Uint8Array', value: 'AQ==' },
    })
  })

  test('megabytes come back as they were', () => {
    const bytes = new Uint8Array(1_000_000).map((_, i) => i % 251)
    expect(isDeepStrictEqual(roundTrip(bytes), bytes)).toBe(true)
  })

  test('a subclass of a known class comes back as that class', () => {
    class Money extends Map<string, number> {}
    expect(roundTrip(new Money([['EUR', 5]]))).toStrictEqual(new Map([['EUR', 5]]))
    expect(roundTrip(Buffer.from('ab'))).toStrictEqual(new Uint8Array([97, 98]))
  })

  test('a hole of a list comes back as undefined', () => {
    // oxlint-disable-next-line no-sparse-arrays
    expect(roundTrip([1, , 2])).toStrictEqual([1, undefined, 2])
  })
})

describe('an error in a payload', () => {
  test('keeps name, message, stack, code, cause and its own data', () => {
    const cause = new TypeError('no host')
    const error = Object.assign(new RangeError('failed', { cause }), { code: 'ECONNREFUSED', port: 80n })
    const back = roundTrip({ error }) as { error: typeof error }
    expect(back.error).toBeInstanceOf(RangeError)
    expect(back.error).toMatchObject({
      message: 'failed',
      code: 'ECONNREFUSED',
      port: 80n,
      stack: error.stack,
    })
    expect(back.error.cause).toBeInstanceOf(TypeError)
    expect(back.error.cause).toMatchObject({ message: 'no host', stack: cause.stack })
    expect(Object.keys(back.error)).toEqual(['code', 'port'])
  })

  test("of the user's own class comes back as an Error with its name", () => {
    class CardDeclined extends Error {
      override readonly name = 'CardDeclined'
      readonly $type = 'not a tag'
    }
    const error = new CardDeclined('no funds')
    expect(encodePayload(error, 'input')).toEqual({
      $type: 'Error',
      value: { name: 'CardDeclined', message: 'no funds', stack: error.stack, data: { $type: 'not a tag' } },
    })
    const back = roundTrip(error) as CardDeclined
    expect(back).toBeInstanceOf(Error)
    expect(Object.entries(back)).toEqual([['$type', 'not a tag']])
    expect(String(back)).toBe('CardDeclined: no funds')
  })

  test('keeps the errors that an AggregateError holds', () => {
    const back = roundTrip(new AggregateError([new Error('a'), 'b'], 'all failed')) as AggregateError
    expect(back).toBeInstanceOf(AggregateError)
    expect(back.errors).toEqual([new Error('a'), 'b'])
  })

  test('without a stack does not get the stack of the decoder', () => {
    const error = new Error('quiet')
    delete error.stack
    expect((roundTrip(error) as Error).stack).toBe('Error: quiet')
  })
})

describe('names that collide with the encoding', () => {
  test.each([
    ['looks like a tag', { $type: 'Date', value: '1970-01-01T00:00:00.000Z' }],
    ['has an unknown $type', { $type: 'order', lines: [{ $type: 'line' }] }],
    ['looks like the escape itself', { $type: 'Object', value: { $type: 'Object', value: 1 } }],
    ['has $type undefined', { $type: undefined, at: new Date(0) }],
  ])('an object that %s comes back as it was', (_title, value) => {
    expect(roundTrip(value)).toStrictEqual(value)
  })

  test.each([['{"__proto__":{"admin":true},"a":1}'], ['{"__proto__":5,"$type":"x"}']])(
    '%s keeps its __proto__ key and gives no prototype',
    (text) => {
      const back = roundTrip(JSON.parse(text)) as Record<string, unknown>
      expect(JSON.stringify(back)).toBe(text)
      expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
      expect(back['admin']).toBe(undefined)
      expect(({} as Record<string, unknown>)['admin']).toBe(undefined)
    },
  )
})

describe('class instances', () => {
  test('are encoded as what their toJSON gives', () => {
    expect(encodePayload({ url: new URL('https://a.example/b') }, 'input')).toEqual({
      url: 'https://a.example/b',
    })
  })

  test('without toJSON become plain objects of their own enumerable properties', () => {
    class Point {
      readonly x = 1
      get double() {
        return this.x * 2
      }
    }
    expect(roundTrip(new Point())).toStrictEqual({ x: 1 })
    expect(roundTrip(Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 })
  })

  test('whose toJSON gives themselves are encoded by their properties', () => {
    class Self {
      readonly id = 1
      toJSON() {
        return this
      }
    }
    expect(roundTrip(new Self())).toStrictEqual({ id: 1 })
  })
})

describe('any value', () => {
  test('comes back as it was, and encodes the same again', () => {
    for (let seed = 1; seed <= 1_000; seed++) {
      const value = anyValue(generator(seed), 4)
      const back = roundTrip(value)
      // not toStrictEqual: it takes a key named constructor for the class
      expect(isDeepStrictEqual(back, value), `seed ${seed}`).toBe(true)
      const [again, first] = [back, value].map((each) => JSON.stringify(encodePayload(each, 'input')))
      expect(again, `seed ${seed}`).toBe(first)
    }
  })
})

type Random = (below: number) => number

/** Integers from a seed (mulberry32). */
function generator(seed: number): Random {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

const NUMBERS = [0, -0, 1, -1.5, 1e300, 5e-324, NaN, Infinity, -Infinity]
const TEXTS = ['', 'a', '$type', '__proto__', 'é€😀', '\ud800', '"\\\n\u0000', 'Date']
const LEAVES = [...NUMBERS, ...TEXTS, null, true, false, undefined, 0n, -(2n ** 70n), new Date(0)]
const KEYS = ['a', 'b', '$type', 'value', 'constructor', 'toJSON', '0', '', 'é', 'length']

function anyValue(random: Random, depth: number): unknown {
  const items = () => Array.from({ length: random(4) }, () => anyValue(random, depth - 1))
  switch (depth === 0 ? 0 : random(8)) {
    case 1:
      return items()
    case 2:
    case 3:
      return Object.fromEntries(items().map((item) => [KEYS[random(KEYS.length)], item]))
    case 4:
      return new Map(items().map((item) => [anyValue(random, depth - 1), item]))
    case 5:
      return new Set(items())
    case 6:
      return new Uint8Array(Array.from({ length: random(6) }, () => random(256)))
    case 7:
      return Object.assign(new TypeError('t', { cause: anyValue(random, depth - 1) }), {
        code: random(9),
        data: items(),
      })
    default:
      return LEAVES[random(LEAVES.length)]
  }
}
