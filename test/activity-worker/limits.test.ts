/** What the platform allows a consumer: so much time for all of a batch, and so much in a call. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { consume } from '../../activity-worker/consume.ts'
import { Slots } from '../../activity-worker/slots.ts'
import type { ActivityContext } from '../../shared/activity.ts'
import { pause, realTime } from '../../shared/time.ts'
import { batchOf, consumer, granted, RecordedScheduler, task } from './recorded-scheduler.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  vi.spyOn(console, 'log').mockImplementation(() => {})
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const MINUTE_MS = 60_000

test('a batch ends before the platform ends it: what gets a slot late has less time, what gets none comes again', async () => {
  const scheduler = new RecordedScheduler()
  const told: number[] = []
  const wait = async (minutes: unknown, { cancellation }: ActivityContext): Promise<void> => {
    cancellation.addEventListener('abort', () => told.push(Date.now() - 1_000_000))
    await pause(realTime, Number(minutes) * MINUTE_MS, cancellation)
  }
  const tasks = [3, 60, 1].map((input, n) =>
    task({ seq: n + 1, activityType: 'wait', hasInput: true, input }),
  )
  const batch = batchOf('orders', tasks)
  scheduler.onClaim = () => granted({ startToCloseMs: 86_400_000 })
  const consumed = consume(batch, scheduler, { ...consumer({ wait }), slots: new Slots(1) })
  await vi.advanceTimersByTimeAsync(4 * MINUTE_MS)
  expect(batch.fates).toEqual(['acked', 'open', 0])
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS)
  await consumed
  expect(told).toEqual([14 * MINUTE_MS])
  expect(scheduler.claims.flatMap(({ tasks: claimed }) => claimed.map(({ seq }) => seq))).toEqual([1, 2])
  const late = { kind: 'failed', error: { message: expect.stringContaining('within 660000 ms') } }
  expect(scheduler.outcomes).toMatchObject([{ kind: 'completed' }, late])
  expect(batch.fates).toEqual(['acked', 'acked', 0])
  expect(vi.getTimerCount()).toBe(0)
})

/** A message of a hundred tasks. */
const hundred = (firstSeq: number) => {
  const more = Array.from({ length: 99 }, (_, n) => {
    const { v: _v, to: _to, ...rest } = task({ seq: firstSeq + 1 + n, activityType: 'wait' })
    return rest
  })
  return { ...task({ seq: firstSeq, activityType: 'wait' }), more }
}
const longerThanARenewal = () => pause(realTime, 6_000)

test('more tasks than a call carries are claimed, renewed, settled and given up in several', async () => {
  const scheduler = new RecordedScheduler()
  const bodies = Array.from({ length: 11 }, (_, n) => hundred(n * 100 + 1))
  const consumed = consume(batchOf('orders', bodies), scheduler, consumer({ wait: longerThanARenewal }))
  await vi.advanceTimersByTimeAsync(6_000)
  await consumed
  await consume(batchOf('orders-dlq', bodies), scheduler, consumer({}))
  const { claims, renewals, settlements, undelivered } = scheduler
  for (const requests of [claims, renewals, settlements, undelivered]) {
    const seqs = requests.map(({ tasks }) => tasks.map(({ seq }) => seq))
    expect(seqs.flat()).toEqual(Array.from({ length: 1_100 }, (_, n) => n + 1))
    expect(Math.max(...seqs.map(({ length }) => length))).toBeLessThanOrEqual(200)
  }
})
