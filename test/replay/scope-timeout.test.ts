import { describe, expect, test } from 'vitest'
import { begun } from './driver.ts'
import type { Ctx } from './driver.ts'

describe('a scope with a timeout', () => {
  test('throws a TimeoutError when it is late', async () => {
    const run = await begun(async (ctx: Ctx) =>
      ctx
        .scope(() => ctx.waitForSignal('never'), { timeout: '1m' })
        .catch((error: { kind?: string }) => error.kind),
    )
    await run.fire(1)
    expect(run.history.at(-1)).toMatchObject({ result: 'scope' })
  })

  test('drops its timer when it ends in time', async () => {
    const run = await begun(async (ctx: Ctx) => ctx.scope(() => ctx.waitForSignal('go'), { timeout: '1m' }))
    const events = await run.signal('go', 1)
    expect(events.map((event) => event.type).slice(1)).toEqual(['timer_cancelled', 'workflow_completed'])
  })

  test('that is cancelled from outside says cancelled, not late', async () => {
    const run = await begun(async (ctx: Ctx) =>
      ctx
        .scope(() => ctx.waitForSignal('never'), { timeout: '1m' })
        .catch((error: Error) => [error.name, error.message]),
    )
    await run.cancel('outside')
    expect(run.history.at(-1)).toMatchObject({
      result: ['CancelledError', expect.stringContaining('outside')],
    })
  })
})
