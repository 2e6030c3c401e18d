import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { CLEANUP_MS, Interruption } from '../../activity-worker/interruption.ts'
import { runAttempt } from '../../activity-worker/run.ts'
import type { ActivityContext } from '../../shared/activity.ts'
import type { ActivityFunction } from '../../shared/define.ts'
import { ApplicationError, CancelledError, TimeoutError, WorkerShutdownError } from '../../shared/errors.ts'
import type { ActivityTaskMessage } from '../../shared/protocol.ts'
import { realTime } from '../../shared/time.ts'
import { attempt, granted, task, untilAborted } from './recorded-scheduler.ts'
import type { Granted } from './recorded-scheduler.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
})
afterEach(() => {
  if (vi.getTimerCount() > 0) throw new Error('a timer is left')
  vi.useRealTimers()
})

describe('a completed attempt', () => {
  test('reports the encoded result of the decoded input', async () => {
    const input = { $type: 'Date', value: '2026-01-01T00:00:00.000Z' }
    const { outcome } = begin(nextDay, { message: { hasInput: true, input } })
    const result = { $type: 'Date', value: '2026-01-02T00:00:00.000Z' }
    expect(await outcome).toEqual({ kind: 'completed', result })
  })

  test('takes its input from the claim when the message had no room for it', async () => {
    const { outcome } = begin((input: unknown) => input, {
      message: { hasInput: true },
      grant: { input: 'large' },
    })
    expect(await outcome).toEqual({ kind: 'completed', result: 'large' })
  })

  test('without a value reports none', async () => {
    expect(await begin(() => undefined).outcome).toEqual({ kind: 'completed' })
  })

  test('whose result cannot be kept is a failure that is not retried and names the place', async () => {
    const { outcome } = begin(() => ({ items: [{ callback: () => 1 }] }))
    expect(await outcome).toMatchObject({
      kind: 'failed',
      error: { code: 'payload_unsupported', facts: { nonRetryable: true, path: 'result.items[0].callback' } },
    })
  })

  test.each([
    ['above 32 MiB', 33 * 1024 * 1024, { code: 'payload_too_large', facts: { path: 'result' } }],
    [
      'above 128 KiB where there is no bucket',
      200_000,
      { code: 'not_configured', facts: { path: 'ARCHIVE' } },
    ],
  ])('whose result is %s is a failure that is not retried', async (_what, length, error) => {
    const { outcome } = begin(() => 'x'.repeat(length))
    const facts = { ...error.facts, nonRetryable: true }
    expect(await outcome).toMatchObject({ kind: 'failed', error: { ...error, facts } })
  })
})

describe('the context', () => {
  test('says who and where the attempt is', async () => {
    let seen: ActivityContext | undefined
    const { outcome } = begin((_: unknown, ctx: ActivityContext) => void (seen = ctx), {
      message: { seq: 4, attempt: 1 },
      grant: { attempt: 2, deadlineAt: 1_900_000, startToCloseMs: 60_000, heartbeatDetails: [3] },
    })
    await outcome
    expect(seen).toMatchObject({
      activityId: 'run-1/4',
      activityType: 'greet',
      attempt: 2,
      workflowId: 'order-1',
      runId: 'run-1',
      taskQueue: 'orders',
      idempotencyKey: 'order-1/run-1/4',
      heartbeatDetails: [3],
      deadline: new Date(1_060_000),
    })
  })

  test('rejects a heartbeat whose details cannot be stored', async () => {
    const { outcome } = begin(async (_: unknown, ctx: ActivityContext) => await ctx.heartbeat(() => 1))
    expect(await outcome).toMatchObject({ kind: 'failed', error: { code: 'payload_unsupported' } })
  })
})

describe('a failed attempt', () => {
  test('reports what was thrown', async () => {
    const { outcome } = begin(() => {
      throw new ApplicationError('card declined', { type: 'CardDeclined', nonRetryable: true })
    })
    expect(await outcome).toMatchObject({
      kind: 'failed',
      error: { message: 'card declined', facts: { type: 'CardDeclined', nonRetryable: true } },
    })
  })

  test('of an unknown activity names the known ones and may be retried', async () => {
    const { outcome } = begin(() => 1, { message: { activityType: 'great' } })
    const failed = await outcome
    expect(failed).toMatchObject({
      kind: 'failed',
      error: { code: 'unknown_activity', details: { activityType: 'great', known: ['greet'] } },
    })
    expect(failed).toMatchObject({ error: { message: expect.stringContaining('greet') } })
    expect(failed).not.toHaveProperty('error.facts.nonRetryable')
  })

  test('before its function starts is reported, not thrown', async () => {
    const { outcome } = begin(() => 1, { grant: { heartbeatDetails: { $type: 'Date', value: 'never' } } })
    expect(await outcome).toMatchObject({ kind: 'failed' })
  })
})

describe('a cancel request', () => {
  test('aborts the signal, and an activity that gives in is cancelled', async () => {
    const { outcome, interruption } = begin(untilAborted)
    interruption.interrupt(new CancelledError())
    expect(interruption.signal.reason).toBeInstanceOf(CancelledError)
    expect(await outcome).toEqual({ kind: 'cancelled' })
  })

  test('counts for an AbortError too', async () => {
    const { outcome, interruption } = begin(async (input: unknown, ctx: ActivityContext) => {
      await untilAborted(input, ctx).catch(() => {
        throw new DOMException('The operation was aborted', 'AbortError')
      })
    })
    interruption.interrupt(new CancelledError())
    expect(await outcome).toEqual({ kind: 'cancelled' })
  })

  test('does not rename another error', async () => {
    const { outcome, interruption } = begin(async (input: unknown, ctx: ActivityContext) => {
      await untilAborted(input, ctx).catch(() => {
        throw new Error('rollback failed')
      })
    })
    interruption.interrupt(new CancelledError())
    expect(await outcome).toMatchObject({ kind: 'failed', error: { message: 'rollback failed' } })
  })

  test('that was there before the attempt has aborted the signal when it starts', async () => {
    expect(await begin(checking, { grant: { cancelRequested: true } }).outcome).toEqual({ kind: 'cancelled' })
  })

  test('that is ignored changes nothing', async () => {
    const { outcome } = begin(() => 'done', { grant: { cancelRequested: true } })
    expect(await outcome).toEqual({ kind: 'completed', result: 'done' })
  })

  test('an AbortError that nobody asked for is a failure', async () => {
    const { outcome } = begin(() => {
      throw new DOMException('upstream gave up', 'AbortError')
    })
    expect(await outcome).toMatchObject({ kind: 'failed', error: { message: 'upstream gave up' } })
  })

  test('a thrown CancelledError is a cancellation without any request', async () => {
    const { outcome } = begin(() => {
      throw new CancelledError('changed my mind')
    })
    expect(await outcome).toEqual({ kind: 'cancelled' })
  })
})

describe('the start-to-close timeout', () => {
  test('aborts the signal at its time; an activity that gives in leaves the report to the scheduler', async () => {
    const { outcome, interruption } = begin(untilAborted, { grant: { startToCloseMs: 5_000 } })
    await vi.advanceTimersByTimeAsync(4_999)
    expect(interruption.signal.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(interruption.signal.reason).toMatchObject({ kind: 'start-to-close', code: 'timeout' })
    expect(interruption.signal.reason).toBeInstanceOf(TimeoutError)
    expect(await outcome).toBeNull()
  })

  test('longer than a timer can be does not fire at once', async () => {
    const { outcome, interruption } = begin(untilAborted, { grant: { startToCloseMs: 2 ** 33 } })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(interruption.signal.aborted).toBe(false)
    interruption.interrupt(new CancelledError())
    await outcome
  })
})

describe('an attempt that was taken over', () => {
  test('reports nothing, however it ends', async () => {
    const { outcome, interruption } = begin(async (input: unknown, ctx: ActivityContext) => {
      await untilAborted(input, ctx).catch(() => {})
      return 'done all the same'
    })
    interruption.supersede()
    expect(interruption.signal.reason).toMatchObject({ code: 'stale_task' })
    expect(await outcome).toBeNull()
  })

  test('is waited for no longer than its cleanup may take', async () => {
    const { outcome, interruption } = begin(() => new Promise(() => {}))
    interruption.supersede()
    await vi.advanceTimersByTimeAsync(CLEANUP_MS)
    expect(await outcome).toBeNull()
  })

  test('leaves no timer when the news come after its end', async () => {
    const { outcome, interruption } = begin(() => 1)
    await outcome
    interruption.supersede()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a shutdown', () => {
  test('gives the attempt back when the activity gives in: neither failed nor cancelled', async () => {
    const { outcome, interruption } = begin(untilAborted)
    interruption.interrupt(new WorkerShutdownError())
    expect(await outcome).toEqual({ kind: 'given_back' })
  })

  test('that came first stays the reason', async () => {
    const { outcome, interruption } = begin(untilAborted)
    interruption.interrupt(new WorkerShutdownError())
    interruption.interrupt(new CancelledError())
    expect(await outcome).toEqual({ kind: 'given_back' })
  })
})

describe('an attempt that is handed over', () => {
  test('is reported as that: whoever has its token ends it', async () => {
    const { outcome } = begin(later, { grant: { taskToken: 'token' } })
    expect(await outcome).toEqual({ kind: 'handed_over' })
    const seen = begin((_, ctx) => ctx.taskToken, { grant: { taskToken: 'token' } })
    expect(await seen.outcome).toEqual({ kind: 'completed', result: 'token' })
  })

  test('fails where the scheduler signs no tokens, since nobody could end it', async () => {
    const failed = { kind: 'failed', error: { code: 'not_configured' } }
    expect(await begin(later).outcome).toMatchObject(failed)
    expect(await begin((_, ctx) => ctx.taskToken).outcome).toMatchObject(failed)
  })
})

describe('an activity that may take longer than who runs it', () => {
  test('is told when that time is over, and the attempt has failed with what to do', async () => {
    const { outcome, interruption } = begin(() => new Promise(() => {}), {
      grant: { startToCloseMs: 86_400_000 },
    })
    await vi.advanceTimersByTimeAsync(840_000)
    expect(interruption.signal.reason).toBeInstanceOf(TimeoutError)
    expect(await outcome).toMatchObject({
      kind: 'failed',
      error: { code: 'timeout', message: expect.stringContaining('completeLater') },
    })
  })
})

function later(_: unknown, ctx: ActivityContext): never {
  return ctx.completeLater()
}

function nextDay(day: Date): Date {
  return new Date(day.getTime() + 86_400_000)
}

function checking(_: unknown, ctx: ActivityContext): void {
  ctx.cancellation.throwIfAborted()
}

function begin(
  greet: ActivityFunction,
  { message, grant }: { message?: Partial<ActivityTaskMessage>; grant?: Partial<Granted> } = {},
) {
  const interruption = new Interruption(realTime)
  const claimed = attempt(interruption, { task: task(message), grant: granted(grant), limitMs: 840_000 })
  return { interruption, outcome: runAttempt(claimed, new Map([['greet', greet]])) }
}
