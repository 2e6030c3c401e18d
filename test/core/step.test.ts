import { describe, expect, test } from 'vitest'
import type { StepScheduled } from '../../shared/core/events.ts'
import { DEFAULT_RETRY } from '../../shared/core/retry.ts'
import { afterStepFailure, afterStepLoss, stepCloseAt } from '../../shared/core/step.ts'
import { failure, noon } from './runs.ts'
import { clock, MINUTE, SECOND } from './tasks.ts'

function step(scheduled: Partial<StepScheduled> = {}, cancelRequested = false) {
  return {
    scheduled: { type: 'step_scheduled' as const, at: noon, seq: 2, name: 'charge', ...scheduled },
    cancelRequested,
  }
}

const failed = { attempt: 1, error: failure, gaveIn: false }
const twice = { retry: { ...DEFAULT_RETRY, maxAttempts: 2 } }

describe('a step whose attempt failed', () => {
  test('is tried again after the back-off, with the next number', () => {
    expect(afterStepFailure(step(), failed, clock(noon))).toEqual({
      kind: 'retry',
      attempt: 2,
      dueAt: noon + SECOND,
    })
    const third = afterStepFailure(step(), { ...failed, attempt: 3 }, clock(noon))
    expect(third).toEqual({ kind: 'retry', attempt: 4, dueAt: noon + 4 * SECOND })
  })

  test('waits as long as the failure asks for', () => {
    const error = { ...failure, facts: { retryAfter: '40s' } }
    expect(afterStepFailure(step(), { ...failed, error }, clock(noon))).toMatchObject({
      dueAt: noon + 40 * SECOND,
    })
  })

  test('has failed with its last attempt, or with what is not retried', () => {
    const end = { kind: 'failed', error: failure }
    expect(afterStepFailure(step(twice), { ...failed, attempt: 2 }, clock(noon))).toEqual(end)
    const listed = { retry: { ...DEFAULT_RETRY, nonRetryable: ['CardDeclined'] } }
    expect(afterStepFailure(step(listed), failed, clock(noon))).toEqual(end)
  })

  test('has failed where another attempt would begin after its time', () => {
    const timeouts = { startToCloseMs: MINUTE, scheduleToCloseMs: 500 }
    expect(stepCloseAt(step({ timeouts }).scheduled)).toBe(noon + 500)
    expect(afterStepFailure(step({ timeouts }), failed, clock(noon))).toMatchObject({ kind: 'failed' })
    expect(stepCloseAt(step().scheduled)).toBe(Infinity)
  })

  test('is not tried again once its cancel was asked for: cancelled where it gave in, failed where it did not', () => {
    const cancelled = step({}, true)
    expect(afterStepFailure(cancelled, { ...failed, gaveIn: true }, clock(noon))).toEqual({
      kind: 'cancelled',
    })
    expect(afterStepFailure(cancelled, failed, clock(noon))).toEqual({ kind: 'failed', error: failure })
  })
})

describe('a step whose attempt was lost', () => {
  test('begins again at once, with the next number', () => {
    expect(afterStepLoss(step(twice), 1, noon)).toEqual({ kind: 'retry', attempt: 2, dueAt: noon })
  })

  test('has failed as lost with its last attempt', () => {
    expect(afterStepLoss(step(twice), 2, noon)).toMatchObject({
      kind: 'failed',
      error: { code: 'attempt_lost', message: expect.stringContaining('charge') },
    })
  })

  test('is cancelled where that was asked for', () => {
    expect(afterStepLoss(step({}, true), 1, noon)).toEqual({ kind: 'cancelled' })
  })
})
