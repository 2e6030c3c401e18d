import { expect, test } from 'vitest'
import { patiently } from '../../shared/patience.ts'
import type { Patience } from '../../shared/patience.ts'
import type { Time } from '../../shared/time.ts'

const RULES = { retries: 3, minTimeout: 100, factor: 3, maxTimeout: 500 }

/** Time that passes when somebody waits; `waited` is how long each pause was. */
function passing(): { time: Time; waited: number[] } {
  const waited: number[] = []
  let now = 0
  const after = (ms: number, then: () => void) => {
    waited.push(ms)
    now += ms
    queueMicrotask(then)
    return () => {}
  }
  return { time: { now: () => now, after }, waited }
}

async function outcome(fails: number, patience: Partial<Patience> = {}) {
  const { time, waited } = passing()
  let attempts = 0
  const work = async (): Promise<string> => {
    attempts += 1
    if (attempts <= fails) throw new Error(`failure ${attempts}`)
    return 'done'
  }
  const result = await patiently(work, { ...RULES, ...patience }, time).catch(String)
  return { result, attempts, waited }
}

test('what fails is tried again after growing pauses, at most so often, and ends with its last error', async () => {
  expect(await outcome(0)).toEqual({ result: 'done', attempts: 1, waited: [] })
  expect(await outcome(2)).toEqual({ result: 'done', attempts: 3, waited: [100, 300] })
  expect(await outcome(9)).toEqual({ result: 'Error: failure 4', attempts: 4, waited: [100, 300, 500] })
})

test('what must not be tried again is not, and every failure is told', async () => {
  const told: number[] = []
  const patience: Partial<Patience> = {
    shouldRetry: ({ attemptNumber }) => attemptNumber < 2,
    onFailedAttempt: ({ attemptNumber }) => told.push(attemptNumber),
  }
  expect(await outcome(9, patience)).toMatchObject({ result: 'Error: failure 2', attempts: 2 })
  expect(told).toEqual([1, 2])
})

test('a failure that does not count leaves the retries and the pause as they are', async () => {
  const patience = { shouldConsumeRetry: ({ attemptNumber }: { attemptNumber: number }) => attemptNumber > 5 }
  expect(await outcome(7, patience)).toMatchObject({
    result: 'done',
    waited: [100, 100, 100, 100, 100, 100, 300],
  })
})

test('an abort ends it with its reason', async () => {
  const stopping = new AbortController()
  const patience = { signal: stopping.signal, onFailedAttempt: () => stopping.abort(new Error('enough')) }
  expect(await outcome(9, patience)).toMatchObject({ result: 'Error: enough', attempts: 1 })
})
