import { describe, expect, test } from 'vitest'
import { patiently } from '../../shared/patience.ts'
import type { Patience } from '../../shared/patience.ts'
import type { Time } from '../../shared/time.ts'

const DOUBLING: Patience = { retries: 3, minTimeout: 100, factor: 2 }

/** Every pause is over at once, and kept. */
function clock() {
  const pauses: number[] = []
  const time: Time = {
    now: () => 0,
    after: (ms, then) => {
      pauses.push(ms)
      queueMicrotask(then)
      return () => {}
    },
  }
  return { time, pauses }
}

/** Fails `times` times, then gives how often it was called. */
function failing(times: number) {
  let calls = 0
  return async (): Promise<number> => {
    calls += 1
    if (calls <= times) throw new Error(`failure ${calls}`)
    return calls
  }
}

describe('work done patiently', () => {
  test('is done again after growing pauses, up to the longest', async () => {
    const { time, pauses } = clock()
    expect(await patiently(failing(3), { ...DOUBLING, maxTimeout: 250 }, time)).toBe(4)
    expect(pauses).toEqual([100, 200, 250])
  })

  test('fails as its last try did', async () => {
    const { time, pauses } = clock()
    await expect(patiently(failing(9), DOUBLING, time)).rejects.toThrow('failure 4')
    expect(pauses).toHaveLength(3)
  })

  test('is not done again where the failure says so', async () => {
    const { time, pauses } = clock()
    const patience = { ...DOUBLING, shouldRetry: ({ message }: Error) => message !== 'failure 2' }
    await expect(patiently(failing(9), patience, time)).rejects.toThrow('failure 2')
    expect(pauses).toEqual([100])
  })

  test('may fail without its being counted, and then pauses no longer than before', async () => {
    const { time, pauses } = clock()
    expect(await patiently(failing(9), { ...DOUBLING, counts: () => false }, time)).toBe(10)
    expect(new Set(pauses)).toEqual(new Set([100]))
  })

  test('tells of each failure', async () => {
    const { time } = clock()
    const told: [string, number][] = []
    const onFailure = ({ message }: Error, failures: number): void => void told.push([message, failures])
    await patiently(failing(2), { ...DOUBLING, onFailure }, time)
    expect(told).toEqual([
      ['failure 1', 1],
      ['failure 2', 2],
    ])
  })

  test('ends with the reason of its signal, in a pause too', async () => {
    const stop = new AbortController()
    const { time } = clock()
    const held: Time = { ...time, after: () => () => {} }
    const ended = patiently(failing(9), { ...DOUBLING, signal: stop.signal }, held)
    await Promise.resolve()
    stop.abort(new Error('enough'))
    await expect(ended).rejects.toThrow('enough')
    await expect(patiently(failing(0), { ...DOUBLING, signal: stop.signal }, time)).rejects.toThrow('enough')
  })

  test('stretches its pauses by up to their double', async () => {
    const { time, pauses } = clock()
    await patiently(failing(1), { ...DOUBLING, randomize: true }, time)
    expect(pauses[0]).toBeGreaterThanOrEqual(100)
    expect(pauses[0]).toBeLessThanOrEqual(200)
  })
})
