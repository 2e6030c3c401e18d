import { describe, expect, test } from 'vitest'
import {
  compareBytes,
  dayOf,
  deserialize,
  lowerBound,
  serialize,
  upperBound,
  type BoundedType,
  type BoundedValue,
} from '../../../archiver/iceberg/bounds.ts'
import { seeded } from '../batches.ts'

const utf8 = new TextEncoder()

describe('a bound', () => {
  test.each<[BoundedType, BoundedValue, number[]]>([
    ['int', -2, [254, 255, 255, 255]],
    ['date', 20_781, [0x2d, 0x51, 0, 0]],
    ['long', 1n, [1, 0, 0, 0, 0, 0, 0, 0]],
    ['timestamptz', -43_200_000_000n, [0x00, 0x50, 0x14, 0xf1, 0xf5, 255, 255, 255]],
    ['string', 'ß', [0xc3, 0x9f]],
  ])('of %s %s is its single-value serialization', (type, value, bytes) => {
    expect([...serialize(type, value)]).toEqual(bytes)
    expect(deserialize(type, serialize(type, value))).toBe(value)
    expect(lowerBound(type, value)).toEqual(serialize(type, value))
    expect(upperBound(type, value)).toEqual(serialize(type, value))
  })

  test('of a column that was an int once is read as a long', () => {
    expect(deserialize('long', serialize('int', -7))).toBe(-7n)
  })

  test.each<[string, string | null]>([
    ['order-with-a-long-name', 'order-with-a-loo'],
    [`${'a'.repeat(15)}\u{10FFFF}b`, `${'a'.repeat(14)}b`],
    [`${'a'.repeat(15)}\uD7FFb`, `${'a'.repeat(15)}\uE000`],
    ['\u{10FFFF}'.repeat(17), null],
    ['\u{10FFFF}'.repeat(16), '\u{10FFFF}'.repeat(16)],
    [`${'\u{1F600}'.repeat(16)}x`, `${'\u{1F600}'.repeat(15)}\u{1F601}`],
  ])('above the long string %j is its first characters, incremented', (value, above) => {
    expect(upperBound('string', value)).toEqual(above === null ? null : utf8.encode(above))
  })

  test('never excludes the string that it bounds', () => {
    const random = seeded(11)
    const alphabet = ['a', 'z', '\u007F', '\uD7FF', '\uFFFF', '\u{10000}', '\u{10FFFF}']
    for (let round = 0; round < 3_000; round++) {
      const value = Array.from(
        { length: Math.floor(random() * 20) },
        () => alphabet[Math.floor(random() * alphabet.length)],
      ).join('')
      const bytes = utf8.encode(value)
      const above = upperBound('string', value)
      expect(compareBytes(lowerBound('string', value), bytes)).toBeLessThanOrEqual(0)
      expect(above === null ? 0 : compareBytes(above, bytes)).toBeGreaterThanOrEqual(0)
    }
  })
})

test.each<[number, number]>([
  [0, 0],
  [86_399_999, 0],
  [86_400_000, 1],
  [-1, -1],
  [-86_400_000, -1],
  [-86_400_001, -2],
  [Date.UTC(2026, 10, 24, 12), 20_781],
])('the day of %i ms is %i', (ms, day) => {
  expect(dayOf(ms)).toBe(day)
})
