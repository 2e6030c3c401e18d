import { describe, expect, test } from 'vitest'
import { WorkflowError } from '../../shared/errors.ts'
import {
  checkedPayload,
  decodePayload,
  encodePayload,
  MAX_DEPTH,
  payloadBytes,
} from '../../shared/payload.ts'
import type { Json, Payload } from '../../shared/payload.ts'
import { MAX_INLINE_BYTES } from '../../shared/reference.ts'

function refusalOf(run: () => unknown): { code: string; path: string | undefined; message: string } {
  try {
    run()
  } catch (error) {
    if (error instanceof WorkflowError) return { code: error.code, path: error.path, message: error.message }
    throw error
  }
  throw new Error('nothing was refused')
}

function nested(levels: number, leaf: unknown): unknown {
  let value = leaf
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { in: value }
  return value
}

function list(length: number, item: unknown): unknown[] {
  return Array.from({ length }, () => item)
}

describe('what cannot be stored', () => {
  const never = new Promise(() => {})
  test.each<[string, unknown, string]>([
    ['a function', { items: [1, 2, 3, { callback: () => 1 }] }, 'input.items[3].callback'],
    ['a toJSON function of a plain object', { toJSON: () => 1 }, 'input.toJSON'],
    ['a symbol', { 'odd key': Symbol('s') }, 'input["odd key"]'],
    ['a promise', [never], 'input[0]'],
    ['a thenable', { query: Object.create(Promise.prototype) }, 'input.query'],
    ['a WeakMap', { cache: new WeakMap() }, 'input.cache'],
    ['a regular expression', { pattern: /a/ }, 'input.pattern'],
    ['a response', { response: new Response('x') }, 'input.response'],
    ['a boxed number', { n: Object(1) }, 'input.n'],
    ['a function in a map', { byId: new Map([['o-1', { f: () => 1 }]]) }, 'input.byId[0][1].f'],
    ['a function in a set', new Set([1, () => 1]), 'input[1]'],
    ['a function in the cause of an error', new Error('x', { cause: { f: () => 1 } }), 'input.cause.f'],
    ['a function after a nested value', { a: { b: [1] }, f: () => 1 }, 'input.f'],
  ])('%s is refused with its path', (_title, value, path) => {
    const refusal = refusalOf(() => encodePayload(value, 'input'))
    expect(refusal).toMatchObject({ code: 'payload_unsupported', path })
    expect(refusal.message).toContain(path)
  })

  test('a promise says that it was not awaited', () => {
    expect(refusalOf(() => encodePayload(never, 'result')).message).toBe('result is a promise: await it')
  })

  test('a cycle is refused with where it closes', () => {
    const order: Record<string, unknown> = { lines: [] }
    order['lines'] = [{ parent: order }]
    const refusal = refusalOf(() => encodePayload({ order }, 'input'))
    expect(refusal).toMatchObject({ code: 'payload_unsupported', path: 'input.order.lines[0].parent' })
    expect(refusal.message).toContain('refers back to input.order:')
  })

  test('a value that stands twice, but not in itself, is no cycle', () => {
    const shared = { a: 1 }
    expect(encodePayload([shared, { shared }], 'input')).toEqual([{ a: 1 }, { shared: { a: 1 } }])
  })

  test('nesting is allowed up to the limit and refused above it, naming the limit', () => {
    expect(decodePayload(encodePayload(nested(MAX_DEPTH, -0), 'input'))).toStrictEqual(nested(MAX_DEPTH, -0))
    const refusal = refusalOf(() => encodePayload(nested(MAX_DEPTH + 1, 1), 'input'))
    expect(refusal.code).toBe('payload_unsupported')
    expect(refusal.message).toContain(`deeper than ${MAX_DEPTH} levels`)
    expect(refusal.path).toMatch(/^input\[0\]\.in/)
  })
})

describe('an encoded payload that came from outside', () => {
  test.each<[string, Json]>([
    ['an unknown tag', { $type: 'Temporal', value: 'AQ==' }],
    ['a tag named as an Object method', { $type: 'toString', value: 'AQ==' }],
    ['a tag that is no string', { a: { $type: 5 } }],
    ['a map that is no list', { $type: 'Map', value: 5 }],
    ['a map entry that is no pair', { $type: 'Map', value: [1] }],
    ['a bigint that is no number', { $type: 'BigInt', value: '1e5' }],
    ['a number that JSON could hold', { $type: 'number', value: '5' }],
    ['a date that is none', { $type: 'Date', value: 'soon' }],
    ['bytes that are no base64', { $type: 'Uint8Array', value: '*' }],
    ['bytes that end inside an element', { $type: 'Float64Array', value: 'AQ==' }],
    ['an error without a message', { $type: 'Error', value: { name: 'Error' } }],
    ['an escape of no object', { $type: 'Object', value: [] }],
    ['nesting above the limit', nested(100_000, 1) as Json],
  ])('%s is refused', (_title, payload) => {
    expect(refusalOf(() => decodePayload(payload)).code).toBe('payload_unsupported')
  })
})

describe('size', () => {
  test.each<[string, Payload]>([
    ['nothing', undefined],
    ['ASCII', { a: [1, 'b"\n\u0000'] }],
    ['two, three and four bytes', 'é€😀'],
    ['lone surrogates', 'a\ud800b\udc00'],
  ])('counts the UTF-8 bytes of %s', (_title, payload) => {
    const text = payload === undefined ? '' : JSON.stringify(payload)
    expect(payloadBytes(payload)).toBe(new TextEncoder().encode(text).length)
  })

  test('a payload of exactly the limit passes and one byte more is refused with path, size and limit', () => {
    const largest = 'x'.repeat(MAX_INLINE_BYTES - 2)
    expect(checkedPayload(largest, 'input')).toBe(largest)
    const refusal = refusalOf(() => checkedPayload(`${largest}x`, 'input'))
    expect(refusal).toMatchObject({ code: 'payload_too_large', path: 'input' })
    expect(refusal.message).toContain(`input is ${MAX_INLINE_BYTES + 1} bytes`)
    expect(refusal.message).toContain(`above ${MAX_INLINE_BYTES}:`)
  })

  test.each<[string, unknown]>([
    ['escapes', '\u0000'.repeat(MAX_INLINE_BYTES / 6 + 1)],
    ['many numbers', list(MAX_INLINE_BYTES / 16, -1.2345678901234568e-300)],
    ['many keys', Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, 1]))],
    ['long keys', { ['é'.repeat(MAX_INLINE_BYTES / 2)]: 1 }],
    ['many lists', list(MAX_INLINE_BYTES / 2, [])],
    ['a value whose tags make it large', list(8_000, undefined)],
  ])('%s above the limit are never let through by the estimate', (_title, value) => {
    expect(refusalOf(() => checkedPayload(value, 'input')).code).toBe('payload_too_large')
  })
})
