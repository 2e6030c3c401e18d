/** Code that differs from what a history recorded. */
import { describe, expect, test, vi } from 'vitest'
import { NonDeterminismError } from '../../shared/errors.ts'
import { replayHistory } from '../../testing/index.ts'
import { drain } from '../replay/driver.ts'
import type { Ctx, Run } from '../replay/driver.ts'
import { begun, order } from './client.ts'

const deployed = async (ctx: Ctx): Promise<unknown> => {
  await ctx.activity('reserve')
  await ctx.sleep('1h')
  return ctx.activity('ship')
}

/** started, reserve scheduled (1), completed, timer (2), fired, ship scheduled (3) */
async function shipping() {
  const { run, seen } = await begun(deployed)
  await run.complete(1)
  await run.fire(2)
  return { run, seen }
}

const cancelled = { type: 'resolve_activity', seq: 3, attempt: 1, end: { kind: 'cancelled' } } as const

const WAYS: [status: string, end: (run: Run) => Promise<unknown>][] = [
  ['running', async () => {}],
  ['completed', (run) => run.complete(3)],
  ['failed', (run) => run.fail(3, new Error('no carrier'))],
  ['cancelled', (run) => run.cancel().then(() => run.give(cancelled))],
  ['terminated', (run) => run.give({ type: 'terminate_workflow' })],
  ['timed_out', (run) => run.give({ type: 'time_out_workflow' })],
]

describe('a difference', () => {
  test('is told with its event, both sides and what to do', async () => {
    const { seen } = await shipping()
    const changed = order(async (ctx) => {
      await ctx.activity('reserve')
      await ctx.activity('charge')
    })
    const replayed = replayHistory(changed, seen())
    await expect(replayed).rejects.toBeInstanceOf(NonDeterminismError)
    await expect(replayed).rejects.toMatchObject({
      code: 'nondeterminism',
      eventId: 4,
      expected: 'timer_started (call 2)',
      actual: 'activity_scheduled charge (call 2)',
      message: expect.stringMatching(/ctx\.patched\(\)[^;]*$/),
    })
  })

  test.each(WAYS)('is found in a run that is %s, and there only', async (status, end) => {
    const { run, seen } = await shipping()
    await end(run)
    expect(run.state.closed ?? 'running').toBe(status)
    await expect(replayHistory(order(deployed), seen())).resolves.toBeUndefined()
    const changed = order(async (ctx) => {
      await ctx.activity('reserve')
      return ctx.activity('ship')
    })
    await expect(replayHistory(changed, seen())).rejects.toMatchObject({ eventId: 4 })
  })

  test('is no difference where the code has a patch for it', async () => {
    const { seen } = await shipping()
    const patched = order(async (ctx) => {
      if (ctx.patched('charge-first')) await ctx.activity('charge')
      return deployed(ctx)
    })
    await expect(replayHistory(patched, seen())).resolves.toBeUndefined()
  })

  test('is IO in workflow code, told with the line', async () => {
    const { seen } = await shipping()
    const asks = order(async (ctx) => {
      await fetch('https://example.com')
      return deployed(ctx)
    })
    await expect(replayHistory(asks, seen())).rejects.toMatchObject({
      eventId: 1,
      actual: expect.stringMatching(/^fetch at .*difference\.test\.ts/),
    })
  })

  test('is the history of another workflow', async () => {
    const { seen } = await shipping()
    const [first, ...rest] = seen()
    const other = [{ ...first!, data: { ...(first!.data as object), workflowType: 'refund' } }, ...rest]
    await expect(replayHistory(order(deployed), other)).rejects.toMatchObject({
      eventId: 1,
      expected: 'workflow_started refund',
      actual: 'workflow_started order',
    })
  })
})

const numbered = async (ctx: Ctx, input: unknown): Promise<unknown> => {
  await ctx.sleep('1h')
  return ctx.activity(`${String(input)}-${ctx.random()}`)
}

describe('a replay', () => {
  test('runs the code of the workflow, and no step, activity, timer or log', async () => {
    const step = vi.fn<() => string>(() => 'looked up')
    const info = vi.spyOn(console, 'info').mockReturnValue(undefined)
    const code = async (ctx: Ctx): Promise<unknown> => {
      ctx.log.info('begun')
      await ctx.run('look up', step)
      await ctx.sleep('30d')
      return [Date.now() - ctx.startTime.getTime(), Math.random(), crypto.randomUUID()]
    }
    const { run, seen } = await begun(code)
    await run.complete(1, 'looked up')
    await run.fire(2)
    info.mockClear()
    await replayHistory(order(code), seen())
    expect(step).not.toHaveBeenCalled()
    expect(info).not.toHaveBeenCalled()
    info.mockRestore()
  })

  test('gives the code the time, the random numbers and the ids of the run', async () => {
    const told: unknown[] = []
    const code = async (ctx: Ctx): Promise<unknown> => {
      await ctx.sleep('1h')
      told.push([ctx.workflowId, ctx.runId, ctx.uuid(), ctx.random(), ctx.now()])
      return told.at(-1)
    }
    const { run, seen } = await begun(code)
    await run.fire(1)
    await replayHistory(order(code), seen())
    expect(told[1]).toEqual(told[0])
    expect(told[0]).toEqual(expect.arrayContaining(['order-7', '01SEVEN']))
    const globals: unknown[] = []
    const asked = order(async (ctx) => {
      globals.push(Date.now() - ctx.now().getTime(), crypto.randomUUID() === ctx.uuid())
      await ctx.sleep('1h')
      return globals.push(new Date())
    })
    await replayHistory(asked, seen())
    await replayHistory(asked, seen())
    expect(globals.slice(0, 3)).toEqual([0, false, new Date(run.now)])
    expect(globals.slice(3)).toEqual(globals.slice(0, 3))
  })

  test('of code that never looks at a call that failed is no unhandled rejection', async () => {
    const unhandled = vi.fn<(error: unknown) => void>()
    process.on('unhandledRejection', unhandled)
    const { run, seen } = await begun(async (ctx) => {
      void ctx.activity('notify')
      await ctx.waitForSignal('go')
    })
    await run.fail(1, new Error('no address'))
    await replayHistory(run.definition, seen())
    await drain()
    expect(unhandled).not.toHaveBeenCalled()
    process.off('unhandledRejection', unhandled)
  })

  test('is not held up by fake timers of the test', async () => {
    const { seen } = await shipping()
    vi.useFakeTimers()
    try {
      await expect(replayHistory(order(deployed), seen())).resolves.toBeUndefined()
    } finally {
      vi.useRealTimers()
    }
  })

  test('of many histories at once keeps them apart', async () => {
    const runs = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const { run, seen } = await begun(numbered, index)
        await run.fire(1)
        return seen()
      }),
    )
    const replays = runs.map((history) => replayHistory(order(numbered), history))
    await expect(Promise.all(replays)).resolves.toHaveLength(20)
  })
})
