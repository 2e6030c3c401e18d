import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Renewals } from '../../activity-worker/heartbeat.ts'
import type { ClaimHolder } from '../../activity-worker/heartbeat.ts'
import type { RenewReply, RenewRequest } from '../../shared/protocol.ts'
import { realTime } from '../../shared/time.ts'

type Tasks = RenewRequest['tasks']

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(console, 'log').mockImplementation(() => {})
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('a claim', () => {
  test('is renewed every 5 s by itself, together with the others of its shard', async () => {
    const { renewals, sent } = world()
    renewals.open(holder(1))
    renewals.open(holder(2))
    await vi.advanceTimersByTimeAsync(4_999)
    expect(sent).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(10_001)
    expect(sent.map(seqs)).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ])
  })

  test('is renewed no more once it is closed, and the last one leaves no timer', async () => {
    const { renewals, sent } = world()
    const first = renewals.open(holder(1))
    const second = renewals.open(holder(2))
    first.close()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(sent.map(seqs)).toEqual([[2]])
    second.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that closes while a renewal is in flight leaves no timer', async () => {
    const { renewals, sent, slow } = world()
    const reply = slow()
    const claim = renewals.open(holder(1))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(sent).toHaveLength(1)
    claim.close()
    reply.resolve()
    await vi.advanceTimersByTimeAsync(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('opened while a renewal is in flight does not put the next one off', async () => {
    const { renewals, sent, slow } = world()
    const reply = slow()
    renewals.open(holder(1))
    await vi.advanceTimersByTimeAsync(5_000)
    renewals.open(holder(2))
    await vi.advanceTimersByTimeAsync(4_000)
    renewals.open(holder(3))
    reply.resolve()
    await vi.advanceTimersByTimeAsync(999)
    expect(sent.map(seqs)).toEqual([[1]])
    await vi.advanceTimersByTimeAsync(1)
    expect(sent.map(seqs)).toEqual([[1], [1, 2, 3]])
  })

  test('opened while a slow renewal is in flight leaves it alone', async () => {
    const { renewals, sent, slow } = world()
    slow()
    renewals.open(holder(1))
    await vi.advanceTimersByTimeAsync(5_000)
    renewals.open(holder(2))
    await vi.advanceTimersByTimeAsync(30_000)
    expect(sent.map(seqs)).toEqual([[1]])
  })

  test('that is closed takes no more heartbeats', async () => {
    const { renewals, sent } = world()
    renewals.open(holder(1))
    const claim = renewals.open(holder(2))
    claim.close()
    await claim.beat({ details: 'late' })
    expect(sent).toEqual([])
  })

  test('whose renewal failed is renewed again after a second', async () => {
    const { renewals, sent, answers } = world()
    renewals.open(holder(1))
    answers.push(() => {
      throw new Error('Network connection lost.')
    })
    await vi.advanceTimersByTimeAsync(5_000)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(sent).toHaveLength(2)
  })
})

describe('many heartbeats in a tight loop', () => {
  test('send the first at once, one renewal at a time, and the last details when their turn comes', async () => {
    const { renewals, sent, slow } = world()
    const reply = slow()
    const claim = renewals.open(holder(1))
    for (let row = 1; row <= 2_000; row++) void claim.beat({ details: row })
    expect(sent.map(details)).toEqual([[1]])
    reply.resolve()
    await vi.advanceTimersByTimeAsync(4_999)
    expect(sent).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(sent.map(details)).toEqual([[1], [2_000]])
    await vi.advanceTimersByTimeAsync(5_000)
    expect(sent.map(details)).toEqual([[1], [2_000], [undefined]])
  })

  test('go out every third of a heartbeat timeout that is shorter than 15 s', async () => {
    const { renewals, sent } = world()
    const claim = renewals.open({ ...holder(1), heartbeatMs: 3_000 })
    await claim.beat({ details: 1 })
    await claim.beat({ details: 2 })
    await vi.advanceTimersByTimeAsync(999)
    expect(sent).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(sent.map(details)).toEqual([[1], [2]])
  })

  test('of another activity wait for the renewal that is in flight', async () => {
    const { renewals, sent, slow } = world()
    const reply = slow()
    void renewals.open(holder(1)).beat({ details: 'a' })
    void renewals.open(holder(2)).beat({ details: 'b' })
    expect(sent).toHaveLength(1)
    reply.resolve()
    await vi.advanceTimersByTimeAsync(0)
    expect(sent.map(details)).toEqual([['a'], [undefined, 'b']])
  })

  test('let the event loop run now and then, when each is awaited', async () => {
    const { renewals } = world()
    const claim = renewals.open(holder(1))
    const outside = new AbortController()
    setTimeout(() => outside.abort(), 0)
    let beats = 0
    const loop = async (): Promise<void> => {
      while (beats < 10_000 && !outside.signal.aborted) {
        beats += 1
        await claim.beat({})
      }
    }
    const looping = loop()
    await vi.advanceTimersByTimeAsync(1)
    await looping
    expect(beats).toBeLessThan(10_000)
  })
})

describe('the last heartbeat', () => {
  test('stays to be reported until a renewal that carried it was answered', async () => {
    const { renewals, slow } = world()
    const reply = slow()
    const claim = renewals.open(holder(1))
    const beating = claim.beat({ details: 'half' })
    expect(claim.unconfirmed()).toEqual({ details: 'half' })
    reply.resolve()
    await beating
    expect(claim.unconfirmed()).toBeUndefined()
    await claim.beat({ details: 'most' })
    expect(claim.unconfirmed()).toEqual({ details: 'most' })
  })

  test('without details takes none back', async () => {
    const { renewals, slow } = world()
    slow()
    const claim = renewals.open(holder(1))
    void claim.beat({ details: 'half' })
    void claim.beat({})
    expect(claim.unconfirmed()).toEqual({ details: 'half' })
  })

  test('of a failed renewal goes with the next', async () => {
    const { renewals, sent, answers } = world()
    answers.push(() => {
      throw new Error('Network connection lost.')
    })
    const claim = renewals.open(holder(1))
    await claim.beat({ details: 'half' })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(sent.map(details)).toEqual([['half'], ['half']])
  })

  test('rides along when a neighbour’s is sent', async () => {
    const { renewals, sent } = world()
    const quick = renewals.open({ ...holder(1), heartbeatMs: 300 })
    const other = renewals.open(holder(2))
    await quick.beat({ details: 'q1' })
    await other.beat({ details: 'o1' })
    await other.beat({ details: 'o2' })
    await quick.beat({ details: 'q2' })
    await vi.advanceTimersByTimeAsync(100)
    expect(sent.map(details).at(-1)).toEqual(['q2', 'o2'])
  })
})

describe('the answer to a renewal', () => {
  test('cancels the activity, once', async () => {
    const { renewals, answers } = world()
    const onCancel = vi.fn<() => void>()
    renewals.open({ ...holder(1), onCancel })
    answers.push(cancelled, cancelled)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(onCancel).toHaveBeenCalledTimes(1)
  })

  test('that comes after the claim was closed is not for its activity', async () => {
    const { renewals, answers, slow } = world()
    const onCancel = vi.fn<() => void>()
    const reply = slow()
    const claim = renewals.open({ ...holder(1), onCancel })
    answers.push(cancelled)
    await vi.advanceTimersByTimeAsync(5_000)
    claim.close()
    reply.resolve()
    await vi.advanceTimersByTimeAsync(0)
    expect(onCancel).not.toHaveBeenCalled()
  })

  test('that the attempt was taken over closes the claim', async () => {
    const { renewals, answers, sent } = world()
    const onSuperseded = vi.fn<() => void>()
    renewals.open({ ...holder(1), onSuperseded })
    answers.push(() => [{ cancel: false, superseded: true }])
    await vi.advanceTimersByTimeAsync(20_000)
    expect(onSuperseded).toHaveBeenCalledTimes(1)
    expect(sent).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})

/** Renewals over a recorded line: `answers` are used up first, then every claim is simply renewed. */
function world() {
  const sent: Tasks[] = []
  const answers: ((tasks: Tasks) => RenewReply[])[] = []
  let gate = Promise.resolve()
  const renewals = new Renewals(async (tasks) => {
    sent.push(tasks)
    await gate
    return answers.shift()?.(tasks) ?? tasks.map(() => ({ cancel: false, superseded: false }))
  }, realTime)
  const slow = () => {
    const reply = Promise.withResolvers<void>()
    gate = reply.promise
    return reply
  }
  return { renewals, sent, answers, slow }
}

function cancelled(): RenewReply[] {
  return [{ cancel: true, superseded: false }]
}

function holder(seq: number): ClaimHolder {
  const key = { runId: 'run-1', seq, attempt: 1 }
  return { key, heartbeatMs: undefined, onCancel: () => {}, onSuperseded: () => {} }
}

function seqs(tasks: Tasks): number[] {
  return tasks.map(({ seq }) => seq)
}

function details(tasks: Tasks): unknown[] {
  return tasks.map(({ heartbeat }) => heartbeat?.details)
}
