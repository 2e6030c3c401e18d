import { describe, expect, test } from 'vitest'
import { signal } from '../../shared/define.ts'
import { begun, completed, replayed, signalled } from './driver.ts'
import type { Ctx } from './driver.ts'

const add = signal<number>('add')

describe('a signal handler', () => {
  test('takes what came before it was set, in order, then what comes, and pending waits come first', async () => {
    const run = await begun(async (ctx: Ctx) => {
      const taken: unknown[] = []
      await ctx.sleep('1s')
      ctx.setSignalHandler(add, (amount) => {
        taken.push(amount)
      })
      taken.push('set')
      await ctx.sleep('1s')
      taken.push(`waited for ${await ctx.waitForSignal(add)}`)
      return taken
    })
    await run.give(signalled('add', 1), signalled('add', 2), signalled('other', 0))
    await run.fire(1)
    await run.signal('add', 3)
    await run.fire(2)
    await run.evict()
    await run.signal('add', 4)
    expect(run.history.at(-1)).toMatchObject({ result: ['set', 1, 2, 3, 'waited for 4'] })
  })

  test('may call activities, and the run stays open until it has ended', async () => {
    const run = await begun(async (ctx: Ctx) => {
      let sum = 0
      ctx.setSignalHandler(add, async (amount) => {
        sum += await ctx.activity<number>('double', { input: amount })
      })
      await ctx.sleep('1s')
      return sum
    })
    await run.signal('add', 1)
    await run.give({ type: 'fire_timer', seq: 1 }, signalled('add', 2))
    expect(run.coroutine.closing).toBeNull()
    await run.evict()
    await run.complete(2, 2)
    expect(run.coroutine.closing).toBeNull()
    await run.complete(3, 4)
    expect(run.types.slice(-3)).toEqual(['activity_completed', 'activity_completed', 'workflow_completed'])
    await replayed(run.definition, run.history)
  })

  test('that throws fails the run, even one whose function has returned, and the function may clean up', async () => {
    const run = await begun(async (ctx: Ctx) => {
      ctx.setSignalHandler(add, () => {
        throw new TypeError('no more')
      })
      try {
        await ctx.sleep('1d')
      } finally {
        await ctx.shield(() => ctx.activity('tidy'))
      }
    })
    await run.signal('add')
    expect(run.types.slice(-3)).toEqual(['signal_received', 'timer_cancelled', 'activity_scheduled'])
    await run.evict()
    await run.complete(2)
    expect(run.history.at(-1)).toMatchObject({ type: 'workflow_failed', error: { name: 'TypeError' } })

    const late = await begun(async (ctx: Ctx) => {
      ctx.setSignalHandler(add, async () => {
        await ctx.activity('check')
      })
      await ctx.sleep('1s')
      return 'returned'
    })
    await late.signal('add')
    await late.fire(1)
    await late.fail(2, new Error('unfit'))
    expect(late.history.at(-1)).toMatchObject({ type: 'workflow_failed', error: { code: 'activity_failed' } })
  })

  test('that throws ends a run whose function hears of nothing', async () => {
    const run = await begun(async (ctx: Ctx) => {
      ctx.setSignalHandler(add, () => {
        throw new Error('enough')
      })
      await new Promise(() => {})
    })
    await run.signal('add')
    expect(run.types).toEqual(['workflow_started', 'signal_received', 'workflow_failed'])
  })

  test('that a cancel stops leaves the end to the function', async () => {
    const run = await begun(async (ctx: Ctx) => {
      ctx.setSignalHandler(add, () => ctx.sleep('1d'))
      await ctx.waitForSignal('stop').catch(() => {})
      return 'cancelled in good order'
    })
    await run.signal('add')
    await run.cancel()
    expect(run.history.at(-1)).toMatchObject({
      type: 'workflow_completed',
      result: 'cancelled in good order',
    })
  })

  test('lets go of the waits that it leaves behind', async () => {
    const run = await begun(async (ctx: Ctx) => {
      ctx.setSignalHandler(add, async () => {
        await Promise.race([ctx.sleep('1s'), ctx.sleep('1d'), ctx.waitForSignal('other')])
      })
      return [await ctx.waitForSignal('go'), await ctx.waitForSignal('other')]
    })
    await run.signal('add')
    await run.fire(1)
    expect(run.types.slice(-2)).toEqual(['timer_fired', 'timer_cancelled'])
    await run.give(signalled('other', 'mine'), signalled('go', 'go'))
    expect(run.history.at(-1)).toMatchObject({ result: ['go', 'mine'] })
  })
})

test('ctx.signals gives each signal of its name, and break ends it', async () => {
  const run = await begun(async (ctx: Ctx) => {
    let sum = 0
    for await (const amount of ctx.signals(add)) {
      if (amount === 0) break
      sum += await ctx.activity<number>('double', { input: amount })
    }
    return [sum, await ctx.waitForSignal(add)]
  })
  await run.give(signalled('add', 1), signalled('add', 2))
  await run.give(completed(run.state, 1, 2))
  await run.evict()
  await run.complete(2, 4)
  await run.give(signalled('add', 0), signalled('add', 9))
  expect(run.history.at(-1)).toMatchObject({ result: [6, 9] })
})
