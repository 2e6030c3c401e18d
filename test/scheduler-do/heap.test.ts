import { expect, test } from 'vitest'
import { Heap } from '../../scheduler-do/heap.ts'

interface Item {
  readonly key: string
  readonly at: number
}

const byTime = (one: Item, other: Item): number => one.at - other.at

function earliest(list: ReadonlyMap<string, Item>): number | undefined {
  return [...list.values()].toSorted(byTime)[0]?.at
}

/** As a simulation draws: the same numbers every time. */
function drawn(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % below
  }
}

test('a heap gives what a sorted list gives, whatever is added, changed and removed meanwhile', () => {
  for (let seed = 1; seed <= 5; seed += 1) {
    const draw = drawn(seed)
    const heap = new Heap<Item>(byTime)
    const list = new Map<string, Item>()
    for (let move = 0; move < 600; move += 1) {
      const item = { key: `k${draw(60)}`, at: draw(1_000) }
      const kind = draw(5)
      if (kind < 3) {
        heap.set(item)
        list.set(item.key, item)
      } else if (kind === 3) {
        heap.delete(item.key)
        list.delete(item.key)
      } else {
        const first = heap.shift()
        if (first) list.delete(first.key)
      }
      expect(heap.first?.at).toBe(earliest(list))
      expect(heap.size).toBe(list.size)
      expect(heap.get(item.key)).toBe(list.get(item.key))
    }
    const rest = Array.from({ length: heap.size }, () => heap.shift()?.at)
    expect(rest).toEqual(Array.from(list.values(), ({ at }) => at).toSorted((one, other) => one - other))
    expect(heap.first).toBeUndefined()
  }
})

test('what is removed is found no more, and what is cleared is empty', () => {
  const heap = new Heap<Item>(byTime)
  heap.set({ key: 'a', at: 1 })
  heap.set({ key: 'b', at: 2 })
  heap.delete('a')
  heap.delete('none')
  expect([heap.get('a'), heap.first?.key]).toEqual([undefined, 'b'])
  heap.clear()
  expect([heap.size, heap.first, heap.get('b')]).toEqual([0, undefined, undefined])
})
