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

/** The change events of a shard whose history is `recorded`. */
function changesOf(sink: Sink, recorded: Recorded[], position = 0): ChangeEvents {
  const readAfter = (after: number) =>
    recorded.filter(({ sequence, events }) => sequence + events.length - 1 > after)
  return new ChangeEvents(
    { queue: sink as never, address, readAfter, persist: (at: number) => sink.written.push(at) },
    position,
  ) // only sendBatch is asked of it
}

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

describe('after a wake', () => {
  test('delivery goes on behind the position, in the middle of a turn if that is where it is', async () => {
    const sink = new Sink()
    const changes = changesOf(sink, [turn(10, 10), turn(12, 2)], 7)
    changes.recover()
    await changes.flush()
    expect([sink.sequences, changes.position]).toEqual([numbers(8, 12), 12])
  })

  test('numbers that archived runs took with them are no gap to wait for', async () => {
    const sink = new Sink()
    const changes = changesOf(sink, [turn(20, 3)], 7)
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
