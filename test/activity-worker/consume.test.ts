import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { consume } from '../../activity-worker/consume.ts'
import { Slots } from '../../activity-worker/slots.ts'
import { batchOf, consumer, granted, RecordedScheduler, task } from './recorded-scheduler.ts'

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

describe('a batch', () => {
  test('is claimed by one request per shard, run in parallel and acknowledged when settled', async () => {
    const together = Promise.withResolvers<void>()
    let running = 0
    const greet = async (): Promise<string> => {
      if (++running === 3) together.resolve()
      await together.promise
      return 'hello'
    }
    const elsewhere = { namespace: 'shop', shard: 5, shards: 8 }
    const batch = batchOf('orders', [task({ seq: 1 }), task({ seq: 2 }), task({ seq: 3, to: elsewhere })])
    const worker = consumer({ greet })
    await consume(batch, scheduler, worker)
    expect(worker.running.size).toBe(0)
    const claimed = scheduler.claims.map(({ to, tasks }) => [to.shard, tasks.map(({ seq }) => seq)])
    expect(claimed).toHaveLength(2)
    expect(Object.fromEntries(claimed)).toEqual({ 0: [1, 2], 5: [3] })
    expect(new Set(scheduler.claims.map(({ claimId }) => claimId)).size).toBe(1)
    expect(scheduler.settlements).toHaveLength(2)
    expect(scheduler.outcomes).toHaveLength(3)
    expect(batch.fates).toEqual(['acked', 'acked', 'acked'])
  })

  test('settles what has ended while the rest runs on', async () => {
    const slow = Promise.withResolvers<void>()
    const batch = batchOf('orders', [task({ seq: 1 }), task({ seq: 2, activityType: 'wait' })])
    const consumed = consume(batch, scheduler, consumer({ greet: () => 'hello', wait: () => slow.promise }))
    await vi.advanceTimersByTimeAsync(0)
    expect(batch.fates).toEqual(['acked', 'open'])
    slow.resolve()
    await consumed
    expect(batch.fates).toEqual(['acked', 'acked'])
  })

  test('asks for input only where the message had none, and says how often it was delivered', async () => {
    const batch = batchOf('orders', [
      task({ seq: 1, hasInput: true }),
      task({ seq: 2, hasInput: true, input: 0 }),
      task({ seq: 3 }),
    ])
    await consume(batch, scheduler, consumer({ greet: () => 1 }))
    expect(scheduler.claims[0]?.tasks).toMatchObject([
      { seq: 1, needInput: true, deliveries: 1 },
      { seq: 2, needInput: false },
      { seq: 3, needInput: false },
    ])
  })

  test('logs one line with its counts and no payload', async () => {
    const batch = batchOf('orders', [
      task({ seq: 1 }),
      task({ seq: 2, activityType: 'refuse' }),
      task({ seq: 3 }),
    ])
    scheduler.onClaim = ({ seq }) =>
      seq === 3 ? { ok: false, code: 'stale_task', reason: 'closed' } : granted()
    await consume(batch, scheduler, consumer({ greet: () => 'secret', refuse }))
    const ended = {
      completed: 1,
      failed: 1,
      cancelled: 0,
      given_back: 0,
      handed_over: 0,
      dropped: 1,
      retried: 0,
    }
    const counts = { messages: 3, claimed: 2, ...ended }
    expect(lines).toEqual([{ at: 'activity_worker', event: 'batch', taskQueue: 'orders', ...counts, ms: 0 }])
  })

  test('runs no more at a time than the limit, and claims no more either', async () => {
    let running = 0
    let most = 0
    const greet = async (): Promise<void> => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => {
        setTimeout(resolve, 1_000)
      })
      running--
    }
    const batch = batchOf(
      'orders',
      [1, 2, 3, 4, 5].map((seq) => task({ seq })),
    )
    const worker = { ...consumer({ greet }), slots: new Slots(2) }
    const consumed = consume(batch, scheduler, worker)
    await vi.advanceTimersByTimeAsync(10)
    expect(scheduler.claims.flatMap(({ tasks }) => tasks)).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(3_000)
    await consumed
    expect(most).toBe(2)
    expect(batch.fates).toEqual(['acked', 'acked', 'acked', 'acked', 'acked'])
  })
})

/** One activity of each type, by its number from 1. */
const severalOf = (...types: string[]) => {
  const [first, ...more] = types.map((activityType, index) => {
    const { v: _v, to: _to, ...rest } = task({ seq: index + 1, activityType })
    return rest
  })
  return { ...task(), ...first, more }
}

describe('a message of several tasks', () => {
  test('is claimed at once, each task settled as it ends, and acknowledged with the last', async () => {
    const slow = Promise.withResolvers<void>()
    const batch = batchOf('orders', [severalOf('greet', 'wait', 'refuse')])
    const activities = { greet: () => 'hello', wait: () => slow.promise, refuse }
    const consumed = consume(batch, scheduler, consumer(activities))
    await vi.advanceTimersByTimeAsync(0)
    expect(scheduler.claims.map(({ tasks }) => tasks.map(({ seq }) => seq))).toEqual([[1, 2, 3]])
    expect(scheduler.outcomes.map(({ kind }) => kind).toSorted()).toEqual(['completed', 'failed'])
    expect(batch.fates).toEqual(['open'])
    slow.resolve()
    await consumed
    expect(scheduler.outcomes).toHaveLength(3)
    expect(batch.fates).toEqual(['acked'])
  })

  test('comes again where a settlement does not get through, and then only that task is done again', async () => {
    const calls: string[] = []
    const noted = (name: string) => () => void calls.push(name)
    const activities = { one: noted('one'), other: noted('other') }
    const body = severalOf('one', 'other')
    const firstSettles = Promise.withResolvers<void>()
    scheduler.onTheWay = async (verb) => {
      if (verb !== 'settle') return
      if (scheduler.settlements.at(-1)?.tasks.some(({ seq }) => seq === 2))
        throw new Error('Network connection lost.')
      firstSettles.resolve()
    }
    // Each in a call of its own.
    const late = { ...activities, other: () => firstSettles.promise }
    const first = batchOf('orders', [body])
    await settled(consume(first, scheduler, consumer(late)))
    expect([calls, first.fates]).toEqual([['one'], [20]])
    scheduler.onTheWay = async () => {}
    scheduler.onClaim = ({ seq }) =>
      seq === 1 ? { ok: false, code: 'stale_task', reason: 'settled' } : granted()
    const second = batchOf('orders', [body])
    await consume(second, scheduler, consumer(activities))
    expect([calls, second.fates]).toEqual([['one', 'other'], ['acked']])
  })

  test('and one of them alone are run once', async () => {
    const greet = vi.fn<() => void>()
    const batch = batchOf('orders', [severalOf('greet', 'greet'), task({ seq: 2 })])
    await consume(batch, scheduler, consumer({ greet }))
    expect(greet).toHaveBeenCalledTimes(2)
    expect(batch.fates).toEqual(['acked', 'acked'])
  })

  test('of which one is none is dropped, with the field that is wrong', async () => {
    const more = [{ ...severalOf('greet', 'greet').more[0], seq: 0 }]
    const batch = batchOf('orders', [
      { ...task(), more },
      { ...task(), more: 'others' },
    ])
    await consume(batch, scheduler, consumer({}))
    expect(batch.fates).toEqual(['acked', 'acked'])
    expect(lines.slice(0, 2).map(({ path }) => path)).toEqual(['message.seq', 'message.workflowId'])
  })

  test('among the dead letters is given back with all of them', async () => {
    const batch = batchOf('orders-dlq', [severalOf('greet', 'greet', 'greet')])
    await consume(batch, scheduler, consumer({}))
    expect(scheduler.undelivered.map(({ tasks }) => tasks.map(({ seq }) => seq))).toEqual([[1, 2, 3]])
    expect(batch.fates).toEqual(['acked'])
  })
})

describe('a message that is not an activity task', () => {
  test.each([
    ['nothing', null, 'message'],
    ['a text', 'hello', 'message'],
    ['no version', { ...task(), v: undefined }, 'message.v'],
    ['no shard', { ...task(), to: undefined }, 'message.to'],
    [
      'a shard beyond the count',
      { ...task(), to: { namespace: 'shop', shard: 8, shards: 8 } },
      'message.to.shard',
    ],
    ['an empty run id', task({ runId: '' }), 'message.runId'],
    ['a broken attempt', task({ attempt: 0.5 }), 'message.attempt'],
  ])('%s is logged, acknowledged and does not hurt its neighbours', async (_, body, path) => {
    const batch = batchOf('orders', [body, task()])
    await consume(batch, scheduler, consumer({ greet: () => 1 }))
    expect(batch.fates).toEqual(['acked', 'acked'])
    expect(scheduler.outcomes).toEqual([{ kind: 'completed', result: 1 }])
    const dropped = { event: 'message_dropped', code: 'invalid_argument', path, messageId: 'message-0' }
    expect(lines[0]).toMatchObject(dropped)
  })

  test('but of a distant release comes again later, the adjacent one is served', async () => {
    const batch = batchOf('orders', [{ v: 3, whatever: true }, task({ v: 2 })])
    await consume(batch, scheduler, consumer({ greet: () => 1 }))
    expect(batch.fates).toEqual([30, 'acked'])
  })
})

describe('a batch of a dead-letter queue', () => {
  test('is given back to the scheduler by shard and not run', async () => {
    const greet = vi.fn<() => void>()
    const elsewhere = { namespace: 'shop', shard: 5, shards: 8 }
    const batch = batchOf('orders-dlq', [
      task({ seq: 1 }),
      'broken',
      task({ seq: 2 }),
      task({ seq: 3, to: elsewhere }),
    ])
    await consume(batch, scheduler, consumer({ greet }))
    expect(scheduler.undelivered.map(({ to, tasks }) => [to.shard, tasks])).toEqual([
      [
        0,
        [
          { runId: 'run-1', seq: 1, attempt: 1 },
          { runId: 'run-1', seq: 2, attempt: 1 },
        ],
      ],
      [5, [{ runId: 'run-1', seq: 3, attempt: 1 }]],
    ])
    expect(batch.fates).toEqual(['acked', 'acked', 'acked', 'acked'])
    expect(scheduler.claims).toEqual([])
    expect(greet).not.toHaveBeenCalled()
  })

  test('comes again when the scheduler cannot be reached', async () => {
    scheduler.breakConnection('undeliverable', Infinity)
    const batch = batchOf('orders-dlq', [task()])
    await settled(consume(batch, scheduler, consumer({})))
    expect(batch.fates).toEqual([5])
  })
})

/** Lets a minute of back-off pass. */
async function settled(consumed: Promise<void>): Promise<void> {
  await vi.advanceTimersByTimeAsync(60_000)
  await consumed
}

function refuse(): never {
  throw new Error('secret')
}
