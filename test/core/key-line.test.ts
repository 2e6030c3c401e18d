import { describe, expect, test } from 'vitest'
import { KeyLine } from '../../shared/core/key-line.ts'

const call = (runId: string, seq = 1) => ({ workflowId: 'order-1', runId, shard: 0, seq })
const numbers = (line: KeyLine) => Array.from(line.places, ({ number }) => number)

describe('the line of a concurrency key', () => {
  test('is held by who came first, then by the next, until nobody is left', () => {
    const line = new KeyLine()
    for (const runId of ['a', 'b', 'c']) line.join(call(runId))
    expect(line.holder).toEqual(call('a'))
    expect(line.leave(call('b'))).toEqual({ number: 2, holder: call('b') })
    expect(line.holder).toEqual(call('a'))
    line.leave(call('a'))
    expect(line.holder).toEqual(call('c'))
    line.leave(call('c'))
    expect(line.holder).toBeUndefined()
    expect(line.empty).toBe(true)
  })

  test('has one place for a call, however often it asks or leaves', () => {
    const line = new KeyLine()
    expect(line.join(call('a'))).toEqual({ number: 1, holder: call('a') })
    expect(line.join(call('a'))).toBeNull()
    expect(line.join(call('a', 2))).toEqual({ number: 2, holder: call('a', 2) })
    line.leave(call('a'))
    expect(line.leave(call('a'))).toBeNull()
    expect(line.holder).toEqual(call('a', 2))
  })

  test('gives no number twice while anybody is in it, and goes on where its rows end', () => {
    const line = new KeyLine([
      { number: 7, holder: call('a') },
      { number: 9, holder: call('b') },
    ])
    line.leave(call('b'))
    expect(line.join(call('c'))?.number).toBe(10)
    expect(numbers(line)).toEqual([7, 10])
    expect(numbers(new KeyLine(line.places))).toEqual([7, 10])
  })
})
