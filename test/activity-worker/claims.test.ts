import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { consume } from '../../activity-worker/consume.ts'
import type { ActivityContext } from '../../shared/activity.ts'
import { batchOf, consumer, granted, RecordedScheduler, task, untilAborted } from './recorded-scheduler.ts'

let scheduler: RecordedScheduler
let lines: Record<string, unknown>[]

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  scheduler = new RecordedScheduler()
  lines = []
  vi.spyOn(console, 'log').mockImplementation((line) => lines.push(JSON.parse(line)))
})
afterEach(() => {
  if (vi.getTimerCount() > 0) throw new Error('a timer is left')
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('a claim', () => {
  test.each(['settled', 'superseded', 'running', 'closed', 'not_due'] as const)(
    'refused as %s is dropped and acknowledged',
    async (reason) => {
      const greet = vi.fn<() => void>()
      scheduler.onClaim = () => ({ ok: false, code: 'stale_task', reason })
      const batch = batchOf('orders', [task()])
      await consume(batch, scheduler, consumer({ greet }))
      expect(batch.fates).toEqual(['acked'])
      expect(greet).not.toHaveBeenCalled()
      expect(scheduler.settlements).toEqual([])
    },
  )

  test('that takes over runs under the new attempt', async () => {
    scheduler.onClaim = () => granted({ attempt: 2 })
    await consume(batchOf('orders', [task({ attempt: 1 })]), scheduler, consumer({ greet: attemptNumber }))
    expect(scheduler.settlements[0]?.tasks).toMatchObject([{ attempt: 2, outcome: { result: 2 } }])
  })

  test('of the same attempt twice in one batch runs once', async () => {
    const greet = vi.fn<() => void>()
    const batch = batchOf('orders', [task(), task()])
    await consume(batch, scheduler, consumer({ greet }))
    expect(greet).toHaveBeenCalledTimes(1)
    expect(batch.fates).toEqual(['acked', 'acked'])
  })

  test('over a connection that breaks for a moment is asked again', async () => {
    scheduler.breakConnection('claim', 2)
    const batch = batchOf('orders', [task()])
    await settled(consume(batch, scheduler, consumer({ greet: () => 1 })))
    expect(scheduler.claims).toHaveLength(3)
    expect(batch.fates).toEqual(['acked'])
  })

  test('over a connection that stays broken leaves the messages to a later delivery, later each time', async () => {
    scheduler.breakConnection('claim', Infinity)
    const batch = batchOf('orders', [task()])
    const third = batchOf('orders', [task({ seq: 2 })])
    third.messages[0]!.attempts = 3
    await settled(consume(batch, scheduler, consumer({ greet: () => 1 })))
    await settled(consume(third, scheduler, consumer({ greet: () => 1 })))
    expect([batch.fates, third.fates]).toEqual([[5], [20]])
    expect(lines[0]).toMatchObject({ event: 'message_retried', code: 'internal' })
  })

  test('that the shard refuses as a whole is not asked again at once', async () => {
    scheduler.claim = async (request) => {
      scheduler.claims.push(request)
      return { ok: false, code: 'shard_count_mismatch', message: 'the namespace has 4 shards' }
    }
    const batch = batchOf('orders', [task()])
    await settled(consume(batch, scheduler, consumer({ greet: () => 1 })))
    expect(scheduler.claims).toHaveLength(1)
    expect(batch.fates).toEqual([5])
    expect(lines[0]).toMatchObject({ event: 'message_retried', code: 'shard_count_mismatch' })
  })
})

describe('a settlement', () => {
  test('over a connection that breaks for a moment is sent again, and the claim is renewed meanwhile', async () => {
    scheduler.breakConnection('settle', 5)
    const batch = batchOf('orders', [task()])
    await settled(consume(batch, scheduler, consumer({ greet: () => 1 })))
    expect(scheduler.settlements).toHaveLength(6)
    expect(scheduler.renewals.length).toBeGreaterThan(0)
    expect(batch.fates).toEqual(['acked'])
  })

  test('that does not get through leaves the message to a takeover', async () => {
    scheduler.breakConnection('settle', Infinity)
    const batch = batchOf('orders', [task()])
    await settled(consume(batch, scheduler, consumer({ greet: () => 1 })))
    expect(batch.fates).toEqual([20])
  })

  test('that is refused as stale is final', async () => {
    scheduler.onSettle = () => ({ ok: false, code: 'stale_task' })
    const batch = batchOf('orders', [task()])
    await consume(batch, scheduler, consumer({ greet: () => 1 }))
    expect(batch.fates).toEqual(['acked'])
    expect(lines[0]).toMatchObject({ completed: 0, dropped: 1 })
  })

  test('carries the last heartbeat that was not sent', async () => {
    await consume(batchOf('orders', [task()]), scheduler, consumer({ greet: breaksAtRow11 }))
    expect(scheduler.renewals.flatMap(({ tasks }) => tasks.map(({ heartbeat }) => heartbeat))).toEqual([
      { details: { row: 1 } },
    ])
    expect(scheduler.settlements[0]?.tasks).toMatchObject([{ heartbeat: { details: { row: 10 } } }])
  })
})

describe('a running activity', () => {
  test('hears of its cancellation through the renewal of its claim', async () => {
    scheduler.onRenew = () => ({ cancel: true, superseded: false })
    const batch = batchOf('orders', [task()])
    const consumed = consume(batch, scheduler, consumer({ greet: untilAborted }))
    await vi.advanceTimersByTimeAsync(5_000)
    await consumed
    expect(scheduler.outcomes).toEqual([{ kind: 'cancelled' }])
    expect(lines[0]).toMatchObject({ cancelled: 1 })
  })

  test('hears of it through its own heartbeat at once', async () => {
    scheduler.onRenew = () => ({ cancel: true, superseded: false })
    await consume(batchOf('orders', [task()]), scheduler, consumer({ greet: beatsOnce }))
    expect(scheduler.outcomes).toEqual([{ kind: 'cancelled' }])
  })

  test('beats every third of its own heartbeat timeout', async () => {
    scheduler.onClaim = () => granted({ heartbeatMs: 300 })
    const consumed = consume(batchOf('orders', [task()]), scheduler, consumer({ greet: beatsTwice }))
    await vi.advanceTimersByTimeAsync(1_000)
    await consumed
    const sent = scheduler.renewals.map(({ tasks }) => tasks[0]?.heartbeat?.details)
    expect(sent).toEqual([1, 2])
  })

  test('that was taken over reports nothing', async () => {
    scheduler.onRenew = () => ({ cancel: false, superseded: true })
    const batch = batchOf('orders', [task()])
    const consumed = consume(batch, scheduler, consumer({ greet: untilAborted }))
    await vi.advanceTimersByTimeAsync(5_000)
    await consumed
    expect(scheduler.settlements).toEqual([])
    expect(batch.fates).toEqual(['acked'])
  })
})

function attemptNumber(_: unknown, ctx: ActivityContext): number {
  return ctx.attempt
}

async function breaksAtRow11(_: unknown, ctx: ActivityContext): Promise<void> {
  for (let row = 1; row <= 10; row++) await ctx.heartbeat({ row })
  throw new Error('row 11 is broken')
}

async function beatsTwice(_: unknown, ctx: ActivityContext): Promise<void> {
  await ctx.heartbeat(1)
  await ctx.heartbeat(2)
  await new Promise((resolve) => {
    setTimeout(resolve, 200)
  })
}

async function beatsOnce(_: unknown, ctx: ActivityContext): Promise<void> {
  await ctx.heartbeat()
  ctx.cancellation.throwIfAborted()
}

/** Lets a minute of back-off pass. */
async function settled(consumed: Promise<void>): Promise<void> {
  await vi.advanceTimersByTimeAsync(60_000)
  await consumed
}
