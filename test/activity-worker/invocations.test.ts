/** The slots of a Worker, which all its invocations share, on the platform: it ends those that wait for nothing but each other. */
import { expect, test } from 'vitest'
import { WorkflowWorker } from '../../activity-worker/index.ts'
import { defineActivity } from '../../shared/define.ts'
import type { Time } from '../../shared/time.ts'
import { realTime } from '../../shared/time.ts'
import { rejection, until } from '../conformance/world.ts'
import { apart } from '../workers/apart.ts'
import { batchOf, RecordedScheduler, task } from './recorded-scheduler.ts'

/** By this much it is later than the platform says. */
let laterMs = 0
const time: Time = { now: () => Date.now() + laterMs, after: (ms, then) => realTime.after(ms, then) }

function workerOf(greet: (name: string) => Promise<string>) {
  const activities = [defineActivity('greet', greet)]
  const worker = new WorkflowWorker({ taskQueue: 'orders', activities, maxConcurrentActivities: 1 }, { time })
  return async (...names: string[]): Promise<unknown[]> => {
    const scheduler = new RecordedScheduler()
    const tasks = names.map((input, n) => task({ seq: n + 1, hasInput: true, input }))
    await worker.queue(batchOf('orders', tasks), { WORKFLOWS: scheduler })
    return scheduler.outcomes
  }
}

const said = (...names: string[]) => names.map((name) => ({ kind: 'completed', result: `hello ${name}` }))

test('a batch that waits for the slot of another invocation gets it, in the order of their coming', async () => {
  let running = 0
  const done: string[] = []
  let [begun, waits] = [false, false]
  const consume = workerOf(async (name) => {
    running += 1
    begun = true
    await until(() => waits)
    expect(running--).toBe(1)
    done.push(name)
    return `hello ${name}`
  })
  const first = apart(() => consume('Ann', 'Ben'))
  await until(async () => begun)
  const second = apart(() => {
    const consumed = consume('Cid', 'Dan')
    waits = true
    return consumed
  })
  expect(await Promise.all([first, second])).toEqual([said('Ann', 'Ben'), said('Cid', 'Dan')])
  expect(done).toEqual(['Ann', 'Ben', 'Cid', 'Dan'])
})

test('the slot of an invocation that the platform has ended is free when nothing was seen of it for 20 seconds', async () => {
  let begun = false
  const consume = workerOf(async (name) => {
    if (name === 'nobody') {
      begun = true
      await scheduler.wait(60_000)
    }
    return `hello ${name}`
  })
  const ending = new AbortController()
  const ended = rejection(apart(() => consume('nobody'), ending.signal))
  await until(async () => begun)
  ending.abort()
  expect(await ended).toMatchObject({ name: 'AbortError' })
  const waits = apart(() => consume('Ann'))
  laterMs += 25_000
  expect(await waits).toEqual(said('Ann'))
})
