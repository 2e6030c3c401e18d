import { describe, expect, test } from 'vitest'
import { claim, due, keyGranted, nextDeadline, requestCancel, settle } from '../../shared/core/attempt.ts'
import { KeyLine } from '../../shared/core/key-line.ts'
import { failure, noon } from './runs.ts'
import { clock, held, MINUTE, SECOND, task } from './tasks.ts'

const call = (runId: string, seq = 1) => ({ workflowId: 'order-1', runId, shard: 0, seq })
const numbers = (line: KeyLine) => Array.from(line.places, ({ number }) => number)

describe('the line of a concurrency key', () => {
  test('is held by who came first, then by the next, until nobody is left', () => {
    const line = new KeyLine()
    for (const runId of ['a', 'b', 'c']) line.join(call(runId))
    expect(line.holder).toEqual(call('a'))
    expect(line.leave(call('b'))).toEqual({ number: 2, holder: call('b') })
    expect(line.holder).toEqual(call('a'))
    line.leave(call('a'))
    expect(line.holder).toEqual(call('c'))
    line.leave(call('c'))
    expect(line.holder).toBeUndefined()
    expect(line.empty).toBe(true)
  })

  test('has one place for a call, however often it asks or leaves', () => {
    const line = new KeyLine()
    expect(line.join(call('a'))).toEqual({ number: 1, holder: call('a') })
    expect(line.join(call('a'))).toBeNull()
    expect(line.join(call('a', 2))).toEqual({ number: 2, holder: call('a', 2) })
    line.leave(call('a'))
    expect(line.leave(call('a'))).toBeNull()
    expect(line.holder).toEqual(call('a', 2))
  })

  test('gives no number twice while anybody is in it, and goes on where its rows end', () => {
    const line = new KeyLine([
      { number: 7, holder: call('a') },
      { number: 9, holder: call('b') },
    ])
    line.leave(call('b'))
    expect(line.join(call('c'))?.number).toBe(10)
    expect(numbers(line)).toEqual([7, 10])
    expect(numbers(new KeyLine(line.places))).toEqual([7, 10])
  })
})

const asks = { claimId: 'c-1', attempt: 1, deliveries: 1 }

describe('an activity that awaits its concurrency key', () => {
  const awaits = task({ concurrencyKey: 'account-1', awaitsKey: true })

  test('is neither sent nor claimed, until it has the key', () => {
    expect(nextDeadline(awaits)).toBe(Infinity)
    expect(due(awaits, clock(noon + MINUTE))).toEqual({ kind: 'wait' })
    expect(claim(awaits, asks, noon)).toEqual({ kind: 'refused', reason: 'not_due' })
    const granted = keyGranted(awaits)
    expect(due(granted, clock(noon + MINUTE))).toEqual({ kind: 'send' })
    expect(claim(granted, asks, noon).kind).toBe('granted')
  })

  test('times out meanwhile, by schedule-to-start and by schedule-to-close', () => {
    const timeouts = { startToCloseMs: MINUTE, scheduleToStartMs: 2 * SECOND, scheduleToCloseMs: 3 * SECOND }
    expect(nextDeadline({ ...awaits, timeouts })).toBe(noon + 2 * SECOND)
    expect(due({ ...awaits, timeouts }, clock(noon + 2 * SECOND))).toMatchObject({
      kind: 'end',
      end: { timeout: 'schedule-to-start' },
    })
    const { scheduleToStartMs: _, ...closeOnly } = timeouts
    expect(due({ ...awaits, timeouts: closeOnly }, clock(noon + 3 * SECOND))).toMatchObject({
      kind: 'end',
      end: { timeout: 'schedule-to-close' },
    })
  })

  test('ends at once when it is cancelled', () => {
    expect(requestCancel(awaits)).toEqual({ kind: 'end', end: { kind: 'cancelled' } })
  })

  test('keeps the key over its retries', () => {
    const failed = {
      claimId: 'c-1',
      attempt: 1,
      outcome: { kind: 'failed', error: failure },
    } as const
    const next = settle({ ...keyGranted(awaits), claim: held() }, failed, clock(noon))
    expect(next).toMatchObject({ kind: 'go_on', task: { attempt: 2, concurrencyKey: 'account-1' } })
    expect(next).not.toHaveProperty('task.awaitsKey')
  })
})
