import { describe, expect, test } from 'vitest'
import { LiveCache, MemoryBudget } from '../../shared/replay/cache.ts'

function cacheOf(limit: number, ...keys: string[]) {
  const budget = new MemoryBudget(limit)
  const cache = new LiveCache<string>(budget)
  for (const key of keys) cache.set(key, key.toUpperCase(), 10)
  return { budget, cache }
}

describe('a cache of live runs', () => {
  test('of an object that was lost takes nothing of the budget once the object has another', () => {
    const { cache: lost, budget } = cacheOf(100, 'a', 'b')
    lost.update('b', { bytes: 30, pinned: true })
    lost.belongTo('shard 0')
    const other = new LiveCache<string>(budget)
    other.set('c', 'C', 10)
    other.belongTo('shard 1')
    expect([budget.used, budget.pinned]).toEqual([50, 30])
    const again = new LiveCache<string>(budget)
    again.belongTo('shard 0')
    again.belongTo('shard 0')
    expect([budget.used, budget.pinned]).toEqual([10, 0])
    lost.clear() // late, by what still knows it
    lost.set('d', 'D', 10)
    expect([budget.used, budget.pinned]).toEqual([10, 0])
  })

  test('drops the oldest when it is over its budget, and no more than that', () => {
    const { cache, budget } = cacheOf(25, 'a', 'b', 'c', 'd')
    cache.trim()
    expect(cache.values()).toEqual(['C', 'D'])
    expect(budget.used).toBe(20)
  })

  test('keeps what was used last, and looking does not count as use', () => {
    const { cache } = cacheOf(20, 'a', 'b', 'c')
    expect([cache.get('a'), cache.peek('b')]).toEqual(['A', 'B'])
    cache.trim()
    expect(cache.values()).toEqual(['C', 'A'])
  })

  test('never drops what is pinned, however far over it is', () => {
    const { cache, budget } = cacheOf(5, 'a', 'b')
    cache.update('a', { bytes: 10, pinned: true })
    cache.trim()
    expect([cache.values(), budget.used]).toEqual([['A'], 10])
    cache.update('a', { bytes: 10, pinned: false })
    cache.trim()
    expect([cache.size, budget.used]).toEqual([0, 0])
  })

  test('weighs an entry by what it has become', () => {
    const { cache, budget } = cacheOf(25, 'a', 'b')
    cache.update('b', { bytes: 30, pinned: false })
    cache.update('nobody', { bytes: 1_000, pinned: false })
    expect(budget.used).toBe(40)
    cache.set('b', 'again', 1)
    expect(budget.used).toBe(11)
  })

  test('shares its budget with the others of the isolate, and drops only its own', () => {
    const { cache, budget } = cacheOf(30, 'a', 'b')
    const other = new LiveCache<string>(budget)
    other.set('x', 'X', 15)
    cache.trim()
    expect([cache.values(), other.values(), budget.used]).toEqual([['B'], ['X'], 25])
    cache.clear()
    cache.delete('a')
    expect(budget.used).toBe(15)
  })
})
