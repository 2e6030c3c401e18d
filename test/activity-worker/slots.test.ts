import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { InvocationSlots, Slots } from '../../activity-worker/slots.ts'
import { realTime } from '../../shared/time.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** Work that lasts until it is ended, by name; `log` has what began. */
function workOf(slots: InvocationSlots, log: string[]) {
  const ends = new Map<string, () => void>()
  return {
    begin: (...names: string[]) => {
      for (const name of names) {
        const work = new Promise<void>((resolve) => void ends.set(name, resolve))
        void slots.hold(
          () => (log.push(name), work),
          () => void log.push(`not ${name}`),
        )
      }
    },
    end: (name: string) => ends.get(name)!(),
  }
}

test('what an invocation has it hands on to its own, and what it leaves to whoever waits for longest', async () => {
  const slots = new Slots(2)
  const [a, b, c] = [1, 2, 3].map(() => new InvocationSlots(slots, realTime))
  const log: string[] = []
  const [first, second, third] = [workOf(a!, log), workOf(b!, log), workOf(c!, log)]
  first.begin('a1', 'a2', 'a3')
  second.begin('b1', 'b2')
  third.begin('c1')
  await pass(200)
  expect(log).toEqual(['a1', 'a2'])
  first.end('a1')
  await pass(0)
  expect(log).toEqual(['a1', 'a2', 'a3'])
  first.end('a2')
  await pass(50)
  expect(log).toEqual(['a1', 'a2', 'a3', 'b1'])
  first.end('a3')
  await pass(50)
  expect(log).toEqual(['a1', 'a2', 'a3', 'b1', 'b2'])
  second.end('b1')
  await pass(50)
  expect(log).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'c1'])
  second.end('b2')
  third.end('c1')
  await pass(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('nobody enters before those who wait', async () => {
  const slots = new Slots(1)
  const [a, b, c] = [1, 2, 3].map(() => new InvocationSlots(slots, realTime))
  expect(a!.enter()).toBe(true)
  const log: string[] = []
  const waits = workOf(b!, log)
  waits.begin('b1')
  a!.leave()
  expect(c!.enter()).toBe(false)
  await pass(50)
  expect(log).toEqual(['b1'])
  waits.end('b1')
  await pass(0)
  expect(c!.enter()).toBe(true)
})

test('those whom the platform has ended have neither room nor a place in line', async () => {
  const slots = new Slots(1)
  let frozen = false
  const stopping = {
    now: () => realTime.now(),
    after: (ms: number, then: () => void) => realTime.after(ms, () => frozen || then()),
  }
  const [holds, waits] = [1, 2].map(() => new InvocationSlots(slots, stopping))
  const log: string[] = []
  workOf(holds!, log).begin('held')
  workOf(waits!, log).begin('waiting')
  await pass(60_000)
  frozen = true
  workOf(new InvocationSlots(slots, realTime), log).begin('next')
  await pass(15_000)
  expect(log).toEqual(['held'])
  await pass(10_000)
  expect(log).toEqual(['held', 'next'])
})

test('nobody waits for longer than they may, and whoever comes next is first then', async () => {
  const slots = new Slots(1)
  const [a, b, c] = [Infinity, realTime.now() + 1_000, Infinity].map(
    (until) => new InvocationSlots(slots, realTime, until),
  )
  const log: string[] = []
  const [first, second, third] = [workOf(a!, log), workOf(b!, log), workOf(c!, log)]
  first.begin('a1')
  second.begin('b1', 'b2')
  third.begin('c1')
  await pass(950)
  expect(log).toEqual(['a1'])
  await pass(50)
  expect(log).toEqual(['a1', 'not b1', 'not b2'])
  first.end('a1')
  await pass(50)
  expect(log.at(-1)).toBe('c1')
  third.end('c1')
  await pass(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('without a limit there is nothing to keep, nor a timer', () => {
  const slots = new InvocationSlots(new Slots(Infinity), realTime)
  for (let n = 0; n < 1_000; n++) expect(slots.enter()).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})
