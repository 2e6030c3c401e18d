import { describe, expect, test } from 'vitest'
import { due, nextDeadline, sent } from '../../shared/core/attempt.ts'
import type { ActivityTask } from '../../shared/core/attempt.ts'
import { DEFAULT_RETRY } from '../../shared/core/retry.ts'
import { failure, noon } from './runs.ts'
import { clock, held, MINUTE, SECOND, task } from './tasks.ts'

/** When the next thing is due and what it is; the moment before there is nothing to do. */
function dueOf(one: ActivityTask) {
  const at = nextDeadline(one)
  return { before: due(one, clock(at - 1)).kind, at: at - noon, what: due(one, clock(at)) }
}

/** What `dueOf` gives. */
function then(at: number, what: object) {
  return { before: 'wait', at: at - noon, what }
}

const messagesAgain = (sends: number) => nextDeadline(task({ sends })) - noon

describe('what is due', () => {
  test('an attempt is sent when it is due and never was', () => {
    expect(dueOf(task({ sentAt: null, sends: 0, dueAt: noon + 7 }))).toMatchObject(
      then(noon + 7, { kind: 'send' }),
    )
  })

  test('a message nobody claimed is sent again after a minute, doubling up to an hour', () => {
    expect([1, 2, 3, 7, 50].map(messagesAgain)).toEqual([1, 2, 4, 60, 60].map((minutes) => minutes * MINUTE))
    expect(dueOf(task({ sends: 2 }))).toMatchObject(then(noon + 2 * MINUTE, { kind: 'send' }))
    expect(sent(task(), noon + 9)).toMatchObject({ sentAt: noon + 9, sends: 2 })
  })

  test('where a queue is slow, its messages have longer before they count as lost', () => {
    const slow = sent(task({ sends: 0, sentAt: null }), noon, 10 * MINUTE)
    expect(dueOf(slow)).toMatchObject(then(noon + 10 * MINUTE, { kind: 'send' }))
    expect(nextDeadline(sent(slow, noon + 10 * MINUTE, 10 * MINUTE))).toBe(noon + 30 * MINUTE)
  })

  test('a claim that went silent has its message sent again after a minute, and every minute', () => {
    const silent = task({ claim: held({ renewedAt: noon + 5 }) })
    expect(dueOf(silent)).toMatchObject(then(noon + MINUTE + 5, { kind: 'send' }))
    expect(dueOf(sent(silent, noon + MINUTE + 5))).toMatchObject(
      then(noon + 2 * MINUTE + 5, { kind: 'send' }),
    )
  })

  test('an attempt that ran out of start-to-close is followed by another', () => {
    const running = task({ claim: held({ renewedAt: noon + 9 * MINUTE + 30 * SECOND }) })
    const lastFailure = { code: 'timeout', facts: { kind: 'start-to-close' } }
    const next = { attempt: 2, dueAt: noon + 10 * MINUTE + SECOND, lastFailure }
    expect(dueOf(running)).toMatchObject(then(noon + 10 * MINUTE, { kind: 'go_on', task: next }))
  })

  test('so is one whose heartbeat stopped, even while it is renewed', () => {
    const timeouts = { startToCloseMs: 10 * MINUTE, heartbeatMs: 20 * SECOND }
    const silent = task({ timeouts, claim: held({ heartbeatAt: noon + 5, renewedAt: noon + 19 * SECOND }) })
    const next = { attempt: 2, lastFailure: { facts: { kind: 'heartbeat' } } }
    expect(dueOf(silent)).toMatchObject(then(noon + 20 * SECOND + 5, { kind: 'go_on', task: next }))
  })

  test('the last attempt that timed out tells the run why, and what failed before', () => {
    const retry = { ...DEFAULT_RETRY, maxAttempts: 3 }
    const last = task({ retry, attempt: 3, lastFailure: failure, claim: held({ renewedAt: noon + 595_000 }) })
    const end = { kind: 'timed_out', timeout: 'start-to-close', lastFailure: failure }
    expect(due(last, clock(noon + 10 * MINUTE))).toEqual({ kind: 'end', end })
  })

  test('schedule-to-close ends everything, claimed or not', () => {
    const timeouts = { startToCloseMs: 10 * MINUTE, scheduleToCloseMs: 30 * SECOND }
    const end = { kind: 'timed_out', timeout: 'schedule-to-close' }
    for (const claim of [null, held()])
      expect(dueOf(task({ timeouts, claim }))).toMatchObject(then(noon + 30 * SECOND, { kind: 'end', end }))
  })

  test('schedule-to-start ends what nobody claimed, counted from when the attempt was due', () => {
    const timeouts = { startToCloseMs: 10 * MINUTE, scheduleToStartMs: 5 * SECOND }
    const waiting = task({ timeouts, dueAt: noon + 10 * SECOND, sentAt: noon + 10 * SECOND })
    const end = { kind: 'timed_out', timeout: 'schedule-to-start' }
    expect(dueOf(waiting)).toMatchObject(then(noon + 15 * SECOND, { kind: 'end', end }))
    expect(due({ ...waiting, claim: held() }, clock(noon + 15 * SECOND))).toEqual({ kind: 'wait' })
  })
})
