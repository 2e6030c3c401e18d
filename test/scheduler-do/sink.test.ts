import { beforeEach, describe, expect, test, vi } from 'vitest'
import { ChangeEvents } from '../../scheduler-do/change-events.ts'
import type { Recorded } from '../../scheduler-do/change-events.ts'
import type { WorkflowCdcEvent } from '../../shared/cdc.ts'

interface Message {
  body: { events: WorkflowCdcEvent[] }
}

/** A Queue that refuses as long as it is told to, and keeps what it took. */
class Sink {
  refuses = false
  /** Positions that were written down. */
  readonly written: number[] = []
  readonly batches: Message[][] = []

  async sendBatch(messages: Iterable<Message>): Promise<void> {
    await Promise.resolve()
    if (this.refuses) throw new Error('the queue is down')
    this.batches.push([...messages])
  }

  get sequences(): number[] {
    return this.batches.flat().flatMap(({ body }) => body.events.map(({ sequence }) => sequence!)) // all have one
  }
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** A turn of `count` events that ends with sequence number `last`. */
function turn(last: number, count: number, name = 'x'): Recorded {
  const run = {
    workflowId: 'order-1',
    runId: '01RUN',
    workflowType: 'order',
    taskQueue: 'default',
    startedAt: 0,
  }
  const sequence = last - count + 1
  const events = numbers(sequence, last).map((seq) => ({ type: 'step_scheduled', at: 0, seq, name }) as never) // one kind will do
  return { run, firstEventId: sequence, sequence, events, activityTypes: new Map() }
}

const address = () => ({ namespace: 'default', shard: 0, shards: 1 })
const bytes = (value: unknown) => JSON.stringify(value).length

/** Time that the test moves. */
class Clock {
  #now = 0
  readonly #timers = new Map<() => void, number>()
  readonly now = (): number => this.#now
  readonly after = (ms: number, then: () => void): (() => void) => {
    this.#timers.set(then, this.#now + ms)
    return () => void this.#timers.delete(then)
  }

  /** Timers are late where they do not fire. */
  async pass(ms: number, fires = true): Promise<void> {
    this.#now += ms
    for (const [then, at] of this.#timers) if (fires && at <= this.#now && this.#timers.delete(then)) then()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** The change events of a shard whose history is `recorded`. */
function changesOf(
  sink: Sink,
  recorded: Recorded[],
  {
    position = 0,
    onRead,
    time = new Clock(),
  }: { position?: number; onRead?: (after: number) => void; time?: Clock } = {},
): ChangeEvents {
  const readAfter = (after: number) => {
    onRead?.(after)
    return recorded.filter(({ sequence, events }) => sequence + events.length - 1 > after)
  }
  return new ChangeEvents(
    {
      queue: sink as never, // only sendBatch is asked of it
      time,
      lingerMs: 250,
      address,
      readAfter,
      persist: (at: number) => sink.written.push(at),
    },
    position,
  )
}

/** Change events that wait for company, commit by commit. */
const lingering = () => {
  const [sink, time] = [new Sink(), new Clock()]
  const changes = changesOf(sink, [], { time })
  let last = 0
  const commit = async (count: number, name?: string): Promise<void> => {
    last += count
    changes.add(turn(last, count, name))
    changes.sendFull()
    await time.pass(0)
  }
  return { sink, time, changes, commit }
}

const counts = (sink: Sink) => sink.batches.flat().map(({ body }) => body.events.length)

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {})
})

describe('a sink', () => {
  test('that refuses is offered the same again, with what came meanwhile, in order', async () => {
    const sink = new Sink()
    const changes = changesOf(sink, [])
    sink.refuses = true
    changes.add(turn(3, 3))
    await changes.flush()
    changes.add(turn(5, 2))
    await changes.flush()
    expect([sink.sequences, changes.position, changes.delivered]).toEqual([[], 0, false])
    sink.refuses = false
    await changes.flush()
    expect([sink.sequences, changes.position, changes.delivered]).toEqual([numbers(1, 5), 5, true])
  })

  test('gets what was added while it was being told, once', async () => {
    const sink = new Sink()
    const changes = changesOf(sink, [])
    changes.add(turn(2, 2))
    const flushed = changes.flush()
    changes.add(turn(4, 2))
    await Promise.all([flushed, changes.flush()])
    expect(sink.sequences).toEqual(numbers(1, 4))
  })

  test('gets batches that a Queue takes, each message below 64 kB', async () => {
    const sink = new Sink()
    const changes = changesOf(sink, [])
    changes.add(turn(2_000, 2_000, 'n'.repeat(500)))
    await changes.flush()
    expect(sink.sequences).toEqual(numbers(1, 2_000))
    for (const batch of sink.batches) {
      expect(batch.length).toBeLessThanOrEqual(100)
      expect(bytes(batch)).toBeLessThan(256_000)
      expect(Math.max(...batch.map(({ body }) => bytes(body)))).toBeLessThan(64_000)
    }
  })

  test('that was down for long gets everything once it is up, though memory keeps only so much', async () => {
    const sink = new Sink()
    const recorded = [turn(40_000, 40_000), turn(70_000, 30_000), turn(80_000, 10_000)]
    const changes = changesOf(sink, recorded)
    sink.refuses = true
    for (const one of recorded) {
      changes.add(one)
      await changes.flush()
    }
    sink.refuses = false
    await changes.flush()
    expect(changes).toMatchObject({ delivered: true, position: 80_000 })
    expect(sink.sequences).toEqual(numbers(1, 80_000))
  })
})

test('of large events memory keeps few, and the others are read again', async () => {
  const sink = new Sink()
  const recorded = numbers(1, 150).map((last) => turn(last, 1, 'n'.repeat(100_000)))
  const read: number[] = []
  const changes = changesOf(sink, recorded, { onRead: (after) => read.push(after) })
  sink.refuses = true
  for (const one of recorded) changes.add(one)
  await changes.flush()
  expect(read).toEqual([])
  sink.refuses = false
  await changes.flush()
  expect(sink.sequences).toEqual(numbers(1, 150))
  expect(read).toEqual([83]) // 8 MiB of them
})

describe('an event that does not fill a message', () => {
  test('waits for those of later turns, as long as the linger and no longer', async () => {
    const { sink, time, changes, commit } = lingering()
    await commit(2)
    await time.pass(150)
    await commit(3)
    await time.pass(99)
    expect([counts(sink), changes.delivered]).toEqual([[], false])
    await time.pass(1)
    expect([counts(sink), changes.delivered, changes.position]).toEqual([[5], true, 5])
    await commit(1)
    await time.pass(249)
    expect(counts(sink)).toEqual([5])
    await time.pass(1)
    expect(counts(sink)).toEqual([5, 1])
  })

  test('leaves with the next turn where the timer is late', async () => {
    const { sink, time, commit } = lingering()
    await commit(1)
    await time.pass(250, false)
    expect(counts(sink)).toEqual([])
    await commit(1)
    expect(counts(sink)).toEqual([2])
  })

  test('does not hold back what fills one, and waits anew with what is left over', async () => {
    const { sink, time, commit } = lingering()
    await commit(1)
    await time.pass(200)
    await commit(120, 'n'.repeat(500))
    const [whole = 0, ...others] = counts(sink)
    expect([whole > 30, others.every((count) => count > 30)]).toEqual([true, true])
    const sent = sink.sequences.length
    expect(sent).toBeLessThan(121)
    await time.pass(249)
    expect(sink.sequences).toHaveLength(sent)
    await time.pass(1)
    expect(sink.sequences).toEqual(numbers(1, 121))
  })

  test('is sent by itself when it is larger than one', async () => {
    const { sink, commit } = lingering()
    await commit(1, 'n'.repeat(40_000))
    expect(counts(sink)).toEqual([1])
  })

  test('is sent with all others when the alarm asks for it, and no more after a stop', async () => {
    const { sink, time, changes, commit } = lingering()
    await commit(1)
    await changes.flush()
    expect(counts(sink)).toEqual([1])
    await commit(1)
    changes.stop()
    await time.pass(10_000)
    expect(counts(sink)).toEqual([1])
  })
})

test('a backlog goes in messages that are full but for the last', async () => {
  const sink = new Sink()
  const changes = changesOf(sink, [])
  changes.add(turn(1_000, 1_000))
  await changes.flush()
  const [first = 0, ...others] = counts(sink)
  expect(others.length).toBeGreaterThan(5)
  for (const count of others.slice(0, -1)) expect(Math.abs(count - first)).toBeLessThanOrEqual(2)
})

describe('after a wake', () => {
  test('delivery goes on behind the position, in the middle of a turn if that is where it is', async () => {
    const sink = new Sink()
    const changes = changesOf(sink, [turn(10, 10), turn(12, 2)], { position: 7 })
    changes.recover()
    await changes.flush()
    expect([sink.sequences, changes.position]).toEqual([numbers(8, 12), 12])
  })

  test('numbers that archived runs took with them are no gap to wait for', async () => {
    const sink = new Sink()
    const changes = changesOf(sink, [turn(20, 3)], { position: 7 })
    changes.recover()
    await changes.flush()
    expect([sink.sequences, changes.position]).toEqual([[18, 19, 20], 20])
  })

  test('the position is written down at most once a second', async () => {
    const sink = new Sink()
    const changes = changesOf(sink, [])
    const deliver = async (last: number): Promise<void> => {
      changes.add(turn(last, 1))
      await changes.flush()
    }
    changes.persist(10_000)
    await deliver(1)
    changes.persist(10_000)
    await deliver(2)
    changes.persist(10_999)
    expect(sink.written).toEqual([1])
    changes.persist(11_000)
    changes.persist(20_000)
    expect(sink.written).toEqual([1, 2])
  })
})
