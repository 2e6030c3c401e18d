import { describe, expect, test } from 'vitest'
import { attributePatch, encodedAttributes } from '../../shared/attributes.ts'
import type { SearchAttributes } from '../../shared/attributes.ts'
import { upserted } from '../../shared/core/fields.ts'

describe('search attributes', () => {
  test('are plain JSON but for dates; null is no attribute of a start', () => {
    const given = { customerId: 'c-1', total: 12.5, express: true, labels: ['a', 'b'], gone: null }
    const { gone, ...rest } = given
    expect(encodedAttributes({ ...given, at: new Date(0) })).toEqual({
      ...rest,
      at: { $type: 'Date', value: '1970-01-01T00:00:00.000Z' },
    })
    expect(attributePatch({ gone, none: [] })).toEqual({ gone: null, none: null })
  })

  test('of a run that upserts are those it had, changed, added to, and without those it unsets', () => {
    expect(upserted({ a: 1, b: 2, c: 3 }, { b: null, c: 4, d: 5 })).toEqual({ a: 1, c: 4, d: 5 })
  })

  test.each<[string, unknown]>([
    ['a "quoted" name', 1],
    ['', 1],
    ['1st', 1],
    ['x'.repeat(65), 1],
    ['naïve', 1],
    ['text', 'x'.repeat(1_001)],
    ['list', Array.from({ length: 101 }, () => 'x')],
    ['mixed', ['x', 1]],
    ['number', NaN],
    ['date', new Date(NaN)],
    ['object', {}],
    ['nothing', undefined],
  ])('%s: %j is refused by its path', (name, value) => {
    const attributes = { [name]: value } as SearchAttributes // callers without types
    expect(() => attributePatch(attributes)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', path: `searchAttributes.${name}` }),
    )
  })
})
