import { expect, test } from 'vitest'
import { Random } from './random.ts'

function drawn(random: Random) {
  return [random.next(), random.int(1_000), random.chance(0.5), random.pick(['a', 'b', 'c'])]
}

test('a seed decides all draws', () => {
  expect(drawn(new Random(7))).toEqual(drawn(new Random(7)))
  expect(drawn(new Random(7))).toEqual([0.8566401050239211, 6, false, 'c'])
  expect(drawn(new Random(7))).not.toEqual(drawn(new Random(8)))
})

test('what is drawn elsewhere changes nothing in a fork', () => {
  const random = new Random(7)
  const before = random.fork('queues').next()
  random.next()
  expect(random.fork('queues').next()).toBe(before)
  expect(random.fork('calls').next()).not.toBe(before)
})

test('whole numbers are from the range, each of them', () => {
  const random = new Random(7)
  const numbers = new Set(Array.from({ length: 200 }, () => random.int(5)))
  expect(numbers).toEqual(new Set([0, 1, 2, 3, 4]))
})
