import { describe, expect, test } from 'vitest'
import { shardOf } from '../../shared/shard.ts'

describe('the shard of a workflow id', () => {
  test.each([
    ['order-1', 1, 73],
    ['order-2', 7, 887],
    ['01JDEXAMPLE000000000000000', 5, 741],
    ['客户/42', 2, 482],
    ['🚀', 5, 269],
  ])('%s is pinned for ever: another answer would lose the runs there are', (id, of8, of1000) => {
    expect(shardOf(id, 8)).toBe(of8)
    expect(shardOf(id, 1_000)).toBe(of1000)
  })

  test('is MurmurHash3 by its published vectors', () => {
    expect(shardOf('hello', 2 ** 32)).toBe(0x248bfa47)
    expect(shardOf('The quick brown fox jumps over the lazy dog', 2 ** 32)).toBe(0x2e4ff723)
  })

  test('is spread evenly over ids that differ in a number', () => {
    const counts = Array.from({ length: 8 }, () => 0)
    for (let i = 0; i < 8_000; i++) counts[shardOf(`order-${i}`, 8)]! += 1
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })
})
