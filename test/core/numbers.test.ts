import { describe, expect, test } from 'vitest'
import { eventBehind, numberOf, numbersOf } from '../../shared/core/numbers.ts'

/** Events 1 to 3 are 7, 8 and 9, in two turns; events 4 and 5 are 12 and 13. */
const numbers = numbersOf([
  { sequence: 7, events: 1 },
  { sequence: 8, events: 2 },
  { sequence: 12, events: 2 },
])

describe('the numbers of a run', () => {
  test('are kept as stretches without a gap', () => {
    expect(numbers).toEqual([7, 3, 2, 2])
    expect(numbersOf([{ sequence: 1, events: 5 }])).toEqual([1, 5])
    expect(numbersOf([])).toEqual([])
  })

  test('are those of its events', () => {
    expect([1, 2, 3, 4, 5].map((eventId) => numberOf(numbers, eventId))).toEqual([7, 8, 9, 12, 13])
    expect([0, 6].map((eventId) => numberOf(numbers, eventId))).toEqual([undefined, undefined])
  })

  test('say which event comes first behind a position', () => {
    expect([0, 6, 7, 8, 9, 10, 11, 12, 13, 99].map((position) => eventBehind(numbers, position))).toEqual([
      1, 1, 2, 3, 4, 4, 4, 5, 6, 6,
    ])
    expect(eventBehind([], 5)).toBe(1)
  })
})
