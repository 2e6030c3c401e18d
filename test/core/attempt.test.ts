import { describe, expect, test } from 'vitest'
import { claim, due, nextDeadline, renew, requestCancel, settle } from '../../shared/core/attempt.ts'
import type { ActivityTask, Grant } from '../../shared/core/attempt.ts'
import { DEFAULT_RETRY } from '../../shared/core/retry.ts'
import { failure, noon } from './runs.ts'
import { clock, held, MINUTE, SECOND, task } from './tasks.ts'

const asks = { claimId: 'c-1', attempt: 1, deliveries: 1 }
const another = { claimId: 'c-2', attempt: 1, deliveries: 2 }

function grantedTask(grant: Grant): ActivityTask {
  if (grant.kind === 'refused') throw new Error(grant.reason)
  return grant.task
}

describe('a claim of the current attempt', () => {
  test('is granted, and the time of the attempt begins', () => {
    const { claim: got } = grantedTask(claim(task(), asks, noon + 5))
    expect(got).toEqual(held({ grantedAt: noon + 5, renewedAt: noon + 5, heartbeatAt: noon + 5 }))
  })

  test('is granted again to the consumer that holds it: the answer may have been lost', () => {
    const one = grantedTask(claim(task(), asks, noon))
    expect(grantedTask(claim(one, asks, noon + 5))).toMatchObject({ attempt: 1, claim: { id: 'c-1' } })
  })

  test('is refused while another consumer holds it', () => {
    expect(claim(task({ claim: held() }), another, noon + 14_999)).toEqual({
      kind: 'refused',
      reason: 'running',
    })
  })

  test('is refused before it is due', () => {
    expect(claim(task({ dueAt: noon + 1 }), asks, noon)).toEqual({ kind: 'refused', reason: 'not_due' })
  })

  test('is written down at once where the attempt is the only one', () => {
    const only = task({ retry: { ...DEFAULT_RETRY, maxAttempts: 1 } })
    expect(grantedTask(claim(only, asks, noon)).claim?.persisted).toBe(true)
    expect(grantedTask(claim(task(), asks, noon)).claim?.persisted).toBe(false)
  })
})

describe('T1: another attempt number is stale', () => {
  const second = task({ attempt: 2, claim: held({ id: 'c-2' }) })

  test('for a claim', () => {
    const refused = { kind: 'refused', reason: 'superseded' }
    expect(claim(second, asks, noon)).toEqual(refused)
    expect(claim(second, { ...asks, attempt: 3 }, noon)).toEqual(refused)
  })

  test('for a renewal and a report', () => {
    expect(renew(second, { claimId: 'c-2', attempt: 1 }, noon)).toEqual({ kind: 'superseded' })
    const report = { claimId: 'c-2', attempt: 1, outcome: { kind: 'completed' } } as const
    expect(settle(second, report, clock(noon))).toBeNull()
  })
})

describe('T2: a claim is taken over', () => {
  const silent = task({ claim: held() })

  test('when it has been silent and the message was delivered again, under a new number', () => {
    const taken = grantedTask(claim(silent, another, noon + 15_000))
    expect(taken).toMatchObject({ attempt: 2, claim: { id: 'c-2', grantedAt: noon + 15_000, deliveries: 2 } })
  })

  test('when it has been silent and the message was sent again', () => {
    const resent = { ...silent, sentAt: noon + 10 }
    expect(grantedTask(claim(resent, { ...another, deliveries: 1 }, noon + 15_000)).attempt).toBe(2)
  })

  test('not when it was renewed, nor when the message is the one it came with', () => {
    const renewed = task({ claim: held({ renewedAt: noon + 5 * SECOND }) })
    const running = { kind: 'refused', reason: 'running' }
    expect(claim(renewed, another, noon + 15_000)).toEqual(running)
    expect(claim(silent, { ...another, deliveries: 1 }, noon + MINUTE)).toEqual(running)
  })

  test('not when its attempt is the last one', () => {
    const last = { ...silent, retry: { ...DEFAULT_RETRY, maxAttempts: 1 } }
    expect(claim(last, another, noon + MINUTE)).toEqual({ kind: 'refused', reason: 'running' })
    const more = { ...silent, retry: { ...DEFAULT_RETRY, maxAttempts: 2 } }
    expect(grantedTask(claim(more, another, noon + MINUTE)).attempt).toBe(2)
  })

  test('and granted again by the old number to the one that took it over, who lost the answer', () => {
    const taken = grantedTask(claim(silent, another, noon + 15_000))
    expect(grantedTask(claim(taken, another, noon + 15_001)).attempt).toBe(2)
    expect(claim(taken, asks, noon + 15_001)).toEqual({ kind: 'refused', reason: 'superseded' })
  })
})

describe('a renewal', () => {
  test('keeps the claim, and says whether the run asked to cancel', () => {
    const renewal = renew(task({ claim: held(), cancelRequested: true }), asks, noon + 3 * SECOND)
    expect(renewal).toMatchObject({ kind: 'renewed', cancel: true })
    expect(renewal).toMatchObject({ task: { claim: { renewedAt: noon + 3 * SECOND, heartbeatAt: noon } } })
  })

  test('of another holder is superseded', () => {
    const other = { claimId: 'c-2', attempt: 1 }
    expect(renew(task({ claim: held() }), other, noon)).toEqual({ kind: 'superseded' })
  })

  test('has the claim written down once it is five seconds old, and from then on', () => {
    const at = (ms: number) => renew(task({ claim: held() }), asks, noon + ms)
    expect(at(4_499)).toMatchObject({ task: { claim: { persisted: false } } })
    expect(at(4_500)).toMatchObject({ task: { claim: { persisted: true } } })
    expect(renew(task({ claim: held({ persisted: true }) }), asks, noon + 1)).toMatchObject({
      task: { claim: { persisted: true } },
    })
  })

  test('with a heartbeat puts off its timeout; details stay until others come', () => {
    const beat = { ...asks, heartbeat: { details: { page: 3 } } }
    const first = renew(task({ claim: held() }), beat, noon + 9)
    if (first.kind !== 'renewed') throw new Error('superseded')
    expect(first.task).toMatchObject({ heartbeatDetails: { page: 3 }, claim: { heartbeatAt: noon + 9 } })
    const second = renew(first.task, { ...asks, heartbeat: {} }, noon + 20)
    expect(second).toMatchObject({
      task: { heartbeatDetails: { page: 3 }, claim: { heartbeatAt: noon + 20 } },
    })
  })
})

describe('T3: where memory knows no claim', () => {
  test('a renewal of the current attempt is adopted', () => {
    const renewal = renew(task(), { claimId: 'c-9', attempt: 1 }, noon + 8)
    expect(renewal).toMatchObject({ task: { claim: { id: 'c-9', grantedAt: noon + 8, persisted: false } } })
  })

  test('the report of the current attempt is accepted', () => {
    const report = { claimId: 'c-9', attempt: 1, outcome: { kind: 'completed', result: 1 } } as const
    expect(settle(task(), report, clock(noon))).toEqual({
      kind: 'end',
      end: { kind: 'completed', result: 1 },
    })
  })

  test('but one of somebody who does not hold the known claim is not', () => {
    const report = { claimId: 'c-9', attempt: 1, outcome: { kind: 'completed' } } as const
    expect(settle(task({ claim: held() }), report, clock(noon))).toBeNull()
  })
})

describe('a failed attempt', () => {
  const report = { claimId: 'c-1', attempt: 1, outcome: { kind: 'failed', error: failure } } as const
  const running = task({ claim: held() })
  const ends = { kind: 'end', end: { kind: 'failed', error: failure } }

  test('is followed by another one after the back-off, unclaimed and not sent', () => {
    const next = settle(running, report, clock(noon + 5))
    const fresh = {
      attempt: 2,
      dueAt: noon + 1_005,
      claim: null,
      sentAt: null,
      sends: 0,
      lastFailure: failure,
    }
    expect(next).toMatchObject({ kind: 'go_on', task: fresh })
  })

  test('waits as long as the failure itself asked for', () => {
    const error = { ...failure, facts: { retryAfter: '5m' } }
    const next = settle(running, { ...report, outcome: { kind: 'failed', error } }, clock(noon))
    expect(next).toMatchObject({ kind: 'go_on', task: { dueAt: noon + 5 * MINUTE } })
  })

  test('is the end of it when it was the last, or one that must not be tried again', () => {
    const once = { ...running, retry: { ...DEFAULT_RETRY, maxAttempts: 1 } }
    expect(settle(once, report, clock(noon))).toEqual(ends)
    const listed = { ...running, retry: { ...DEFAULT_RETRY, nonRetryable: ['CardDeclined'] } }
    expect(settle(listed, report, clock(noon))).toEqual(ends)
    const twice = { ...running, retry: { ...DEFAULT_RETRY, maxAttempts: 2 } }
    expect(settle(twice, report, clock(noon))).toMatchObject({ kind: 'go_on' })
  })

  test('is the end of it when another would begin after schedule-to-close', () => {
    const timeouts = { startToCloseMs: MINUTE, scheduleToCloseMs: 10 * SECOND }
    const late = { ...running, timeouts }
    expect(settle(late, report, clock(noon + 9_001))).toEqual(ends)
    expect(settle(late, report, clock(noon + 9_000))).toMatchObject({ kind: 'go_on' })
  })

  test('hands its last heartbeat to the next one', () => {
    const next = settle(running, { ...report, heartbeat: { details: 7 } }, clock(noon))
    expect(next).toMatchObject({ task: { heartbeatDetails: 7 } })
  })
})

describe('T5: an attempt given back', () => {
  const report = { claimId: 'c-1', attempt: 1, outcome: { kind: 'given_back' } } as const
  const once = task({ claim: held({ persisted: true }), retry: { ...DEFAULT_RETRY, maxAttempts: 1 } })

  test('is nobody’s, to be sent at once under the same number, even where it is the last', () => {
    const next = settle(once, { ...report, heartbeat: { details: 7 } }, clock(noon + 5))
    const free = { attempt: 1, dueAt: noon, claim: null, sentAt: null, sends: 0, heartbeatDetails: 7 }
    expect(next).toMatchObject({ kind: 'go_on', task: free })
    if (next?.kind !== 'go_on') throw new Error('ended')
    expect(next.task).not.toHaveProperty('lastFailure')
    expect(due(next.task, clock(noon + 5))).toEqual({ kind: 'send' })
    expect(claim(next.task, { claimId: 'c-2', attempt: 1, deliveries: 1 }, noon + 6)).toMatchObject({
      kind: 'granted',
      task: { attempt: 1, claim: { id: 'c-2' } },
    })
  })

  test('is the end where the workflow has asked to cancel', () => {
    expect(settle({ ...once, cancelRequested: true }, report, clock(noon))).toEqual({
      kind: 'end',
      end: { kind: 'cancelled' },
    })
  })

  test('is refused of whoever does not hold it', () => {
    expect(settle(once, { ...report, claimId: 'c-9' }, clock(noon))).toBeNull()
  })
})

describe('T6: an attempt handed over', () => {
  const report = { claimId: 'c-1', attempt: 1, outcome: { kind: 'handed_over' } } as const
  const timeouts = { startToCloseMs: 60 * MINUTE }
  const next = settle(task({ claim: held(), timeouts }), report, clock(noon + SECOND))
  const handed = next?.kind === 'go_on' ? next.task : task()

  test('is kept, written down, and no longer expected to be renewed', () => {
    expect(handed.claim).toMatchObject({ id: 'c-1', grantedAt: noon, persisted: true, handedOver: true })
    expect(nextDeadline(handed)).toBe(noon + 60 * MINUTE)
    expect(due(handed, clock(noon + 59 * MINUTE))).toEqual({ kind: 'wait' })
  })

  test('is not taken over, whoever asks', () => {
    for (const claimId of ['c-1', 'c-2'])
      expect(claim(handed, { claimId, attempt: 1, deliveries: 9 }, noon + 50 * MINUTE)).toEqual({
        kind: 'refused',
        reason: 'running',
      })
  })

  test('ends by its timeouts, of which the heartbeat’s begins anew with it', () => {
    expect(due(handed, clock(noon + 60 * MINUTE))).toMatchObject({ kind: 'go_on', task: { attempt: 2 } })
    const beating = { ...handed, timeouts: { ...timeouts, heartbeatMs: MINUTE } }
    expect(nextDeadline(beating)).toBe(noon + SECOND + MINUTE)
  })

  test('is known again from the report where memory had lost the claim', () => {
    const lost = settle(task(), report, clock(noon + 5))
    expect(lost).toMatchObject({ task: { claim: { id: 'c-1', grantedAt: noon + 5, handedOver: true } } })
  })
})

describe('T4: a cancel request', () => {
  const report = { claimId: 'c-1', attempt: 1, outcome: { kind: 'failed', error: failure } } as const

  test('ends what nobody works on at once, backing off or waiting in its queue', () => {
    const ended = { kind: 'end', end: { kind: 'cancelled' } }
    expect(requestCancel(task())).toEqual(ended)
    expect(requestCancel(task({ attempt: 3, dueAt: noon + MINUTE, lastFailure: failure }))).toEqual(ended)
  })

  test('leaves a running attempt to its own end, which is the last', () => {
    const asked = requestCancel(task({ claim: held() }))
    if (asked.kind !== 'go_on') throw new Error('ended')
    expect(asked.task.cancelRequested).toBe(true)
    expect(settle(asked.task, report, clock(noon))).toMatchObject({ end: { kind: 'failed' } })
    const stopped = { ...report, outcome: { kind: 'cancelled' } } as const
    expect(settle(asked.task, stopped, clock(noon))).toEqual({ kind: 'end', end: { kind: 'cancelled' } })
    const done = { ...report, outcome: { kind: 'completed' } } as const
    expect(settle(asked.task, done, clock(noon))).toEqual({ kind: 'end', end: { kind: 'completed' } })
    expect(due(asked.task, clock(noon + 10 * MINUTE))).toMatchObject({ end: { kind: 'timed_out' } })
  })
})
