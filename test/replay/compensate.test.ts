import { describe, expect, test } from 'vitest'
import { CompensationError } from '../../shared/errors.ts'
import { deserializeError } from '../../shared/core/failure.ts'
import type { HistoryEvent } from '../../shared/core/events.ts'
import { begun, replayed } from './driver.ts'
import type { Ctx, Run } from './driver.ts'

/** Books three things, each to be undone. */
async function booking(ctx: Ctx): Promise<string> {
  for (const what of ['flight', 'hotel', 'car']) {
    ctx.compensate(() => ctx.activity(`undo ${what}`))
    await ctx.activity(`book ${what}`)
  }
  return 'booked'
}

const scheduled = (run: Run): string[] =>
  run.history.flatMap((event) => (event.type === 'activity_scheduled' ? [event.activityType] : []))

describe('compensations', () => {
  test('run newest first when the run fails, one after another, and again on replay', async () => {
    const run = await begun(booking)
    await run.complete(1)
    await run.complete(2)
    await run.fail(3, new Error('no cars'))
    expect(scheduled(run).slice(3)).toEqual(['undo car'])
    await run.complete(4)
    await run.evict()
    expect(scheduled(run).slice(3)).toEqual(['undo car', 'undo hotel'])
    await run.complete(5)
    expect(run.coroutine.closing).toBeNull()
    await run.complete(6)
    expect(scheduled(run).slice(3)).toEqual(['undo car', 'undo hotel', 'undo flight'])
    expect(run.history.at(-1)).toMatchObject({
      type: 'workflow_failed',
      error: { code: 'activity_failed', cause: { message: 'no cars' } },
    })
    await replayed(run.definition, run.history)
  })

  test('run when it is cancelled, and feel nothing of it', async () => {
    const run = await begun(booking)
    await run.complete(1)
    await run.cancel('changed my mind')
    expect(run.types.slice(-2)).toEqual(['workflow_cancel_requested', 'activity_cancel_requested'])
    await run.give({ type: 'resolve_activity', seq: 2, attempt: 1, end: { kind: 'cancelled' } })
    await run.complete(3)
    await run.complete(4)
    expect(scheduled(run).slice(2)).toEqual(['undo hotel', 'undo flight'])
    expect(run.history.at(-1)?.type).toBe('workflow_cancelled')
  })

  test('do not run when it completes, and what failed without failing the run undoes nothing', async () => {
    const run = await begun(async (ctx: Ctx) => {
      ctx.compensate(async () => ctx.activity('undo'))
      return ctx.activity('do').catch(() => 'done without')
    })
    await run.fail(1, new Error('unfit'))
    expect(run.history.at(-1)).toMatchObject({ type: 'workflow_completed', result: 'done without' })
    expect(scheduled(run)).toEqual(['do'])
  })

  test('that fail do not keep the others from running, and are told with what the run failed of', async () => {
    const run = await begun(booking)
    await run.complete(1)
    await run.complete(2)
    await run.fail(3, new Error('no cars'))
    await run.complete(4)
    await run.fail(5, new Error('the hotel insists'))
    await run.complete(6)
    const error = failureOf(run.history.at(-1))
    expect(error).toBeInstanceOf(CompensationError)
    expect(error).toMatchObject({
      code: 'compensation_failed',
      message: expect.stringContaining('1 of the compensations failed: '),
      failures: [expect.objectContaining({ code: 'activity_failed' })],
      cause: { code: 'activity_failed', cause: { message: 'no cars' } },
    })
    expect((error as CompensationError).failures[0]?.message).toContain('the hotel insists')
  })

  test('wait for handlers under way, and undo what those have done', async () => {
    const run = await begun(async (ctx: Ctx) => {
      ctx.compensate(() => ctx.activity('undo first'))
      ctx.setSignalHandler('extra', async () => {
        ctx.compensate(() => ctx.activity('undo extra'))
        await ctx.activity('book extra')
      })
      await ctx.activity('book first')
    })
    await run.signal('extra')
    await run.fail(1, new Error('sold out'))
    expect(scheduled(run)).toEqual(['book first', 'book extra'])
    await run.complete(2)
    await run.complete(3)
    await run.complete(4)
    expect(scheduled(run).slice(2)).toEqual(['undo extra', 'undo first'])
    expect(run.history.at(-1)?.type).toBe('workflow_failed')
  })
})

function failureOf(event: HistoryEvent | undefined): unknown {
  return event?.type === 'workflow_failed' ? deserializeError(event.error) : undefined
}
