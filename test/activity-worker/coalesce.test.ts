import { describe, expect, test, vi } from 'vitest'
import { coalesce } from '../../activity-worker/coalesce.ts'

describe('results on their way to one shard', () => {
  test('a lone one leaves without waiting for a timer', async () => {
    vi.useFakeTimers()
    const { sent, submit } = recorded()
    await submit('a')
    expect(sent).toEqual([['a']])
    vi.useRealTimers()
  })

  test('those of one macrotask go together', async () => {
    const { sent, submit } = recorded()
    const afterSomeAwaits = async (result: string, awaits: number): Promise<string> => {
      for (let n = 0; n < awaits; n++) await Promise.resolve()
      return await submit(result)
    }
    const answers = await Promise.all([
      submit('a'),
      submit('b'),
      afterSomeAwaits('c', 5),
      afterSomeAwaits('d', 20),
    ])
    expect(sent).toEqual([['a', 'b', 'c', 'd']])
    expect(answers).toEqual(['a!', 'b!', 'c!', 'd!'])
  })

  test('those that come while a request is in flight go together in the next one, and no two are in flight', async () => {
    const gates: PromiseWithResolvers<void>[] = []
    const sent: string[][] = []
    const submit = coalesce(async (items: string[]) => {
      sent.push(items)
      const gate = Promise.withResolvers<void>()
      gates.push(gate)
      await gate.promise
      return items
    })
    const first = submit('a')
    await macrotask()
    const second = submit('b')
    await macrotask()
    const third = submit('c')
    await macrotask()
    expect(sent).toEqual([['a']])
    gates[0]?.resolve()
    await first
    await macrotask()
    expect(sent).toEqual([['a'], ['b', 'c']])
    gates[1]?.resolve()
    await Promise.all([second, third])
  })

  test('a failed request fails its own results, not the next ones', async () => {
    let broken = true
    const submit = coalesce(async (items: string[]) => {
      if (broken) throw new Error('broken pipe')
      return items
    })
    const together = await Promise.allSettled([submit('a'), submit('b')])
    expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    broken = false
    expect(await submit('c')).toBe('c')
  })

  test('an answer that is short of items is nobody’s answer', async () => {
    const submit = coalesce(async (items: string[]) => items.slice(1))
    const together = await Promise.allSettled([submit('a'), submit('b')])
    expect(together).toMatchObject([
      { status: 'rejected', reason: { code: 'internal' } },
      { status: 'rejected', reason: { code: 'internal' } },
    ])
  })
})

function recorded() {
  const sent: string[][] = []
  const submit = coalesce(async (items: string[]) => {
    sent.push(items)
    return items.map((item) => `${item}!`)
  })
  return { sent, submit }
}

function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0)
  })
}
