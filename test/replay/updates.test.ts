import { describe, expect, test } from 'vitest'
import type { Input } from '../../shared/core/inputs.ts'
import { workflow } from '../../shared/define.ts'
import { NonDeterminismError } from '../../shared/errors.ts'
import { begun, drain, replayed, signalled } from './driver.ts'
import type { Ctx, Run } from './driver.ts'

function asked(run: Run, name: string, ...args: (string | number)[]): Input {
  const refusal = run.coroutine.updates.judge(name, args)
  return {
    type: 'update_workflow',
    updateId: `${name} ${args.join()}`,
    name,
    args,
    ...(refusal && { refusal }),
  }
}

let validated = 0
const counter = workflow('counter', async (ctx: Ctx) => {
  let sum = 0
  ctx.setUpdateHandler(
    'add',
    async (amount: number) => {
      sum += await ctx.activity<number>('double', { input: amount })
      return sum
    },
    {
      validate: (amount) => {
        validated += 1
        if (amount < 0) throw new RangeError('below zero')
      },
    },
  )
  ctx.setUpdateHandler('now', () => sum)
  await ctx.waitForSignal('finish')
  return sum
})

describe('an update', () => {
  test('runs its handler, whose end is a command; the validator is not asked again on replay', async () => {
    const run = await begun(counter)
    await run.give(asked(run, 'add', 3))
    await run.evict()
    await run.complete(1, 6)
    await run.give(asked(run, 'now'))
    expect(run.types.slice(1)).toEqual([
      'update_accepted',
      'activity_scheduled',
      'activity_completed',
      'update_completed',
      'update_accepted',
      'update_completed',
    ])
    expect(run.history.at(-1)).toEqual({ type: 'update_completed', updateId: 'now ', at: run.now, result: 6 })
    const before = validated
    await replayed(counter, run.history)
    expect(validated).toBe(before)
  })

  test('that the validator throws at, or that has no handler, is refused with the reason', async () => {
    const run = await begun(counter)
    expect(run.coroutine.updates.judge('add', [-1])).toMatchObject({
      code: 'update_rejected',
      message: 'update add was rejected: below zero',
      error: { name: 'RangeError' },
    })
    expect(run.coroutine.updates.judge('sub', [1])).toMatchObject({
      code: 'update_not_registered',
      known: ['add', 'now'],
    })
    expect(await run.give(asked(run, 'add', -1))).toEqual([])
  })

  test('keeps the run open until its handler has ended', async () => {
    const run = await begun(counter)
    await run.give(asked(run, 'add', 1), signalled('finish'))
    expect(run.coroutine.closing).toBeNull()
    await run.evict()
    await run.complete(1, 2)
    expect(run.types.slice(-3)).toEqual(['activity_completed', 'update_completed', 'workflow_completed'])
  })

  test('whose handler fails, by a throw or a cancel, does not fail the run', async () => {
    const run = await begun(counter)
    await run.give(asked(run, 'add', 1), asked(run, 'add', 2))
    await run.fail(1, new Error('no double'))
    expect(run.history.at(-1)).toMatchObject({ type: 'update_failed', error: { code: 'activity_failed' } })
    await run.cancel()
    await run.give({ type: 'resolve_activity', seq: 2, attempt: 1, end: { kind: 'cancelled' } })
    expect(run.types.slice(-2)).toEqual(['update_failed', 'workflow_cancelled'])
  })

  test('that the code has no handler for any more is a difference, and so is another end', async () => {
    const run = await begun(counter)
    await run.give(asked(run, 'now'))
    const without = workflow('counter', async (ctx: Ctx) => ctx.waitForSignal('finish'))
    await expect(replayed(without, run.history)).rejects.toMatchObject({
      code: 'nondeterminism',
      expected: 'update_accepted now',
    })
    const failing = workflow('counter', async (ctx: Ctx) => {
      ctx.setUpdateHandler('now', () => {
        throw new Error('not now')
      })
      await ctx.waitForSignal('finish')
    })
    await expect(replayed(failing, run.history)).rejects.toMatchObject({
      eventId: 3,
      expected: 'update_completed now ',
      actual: 'update_failed now ',
    })
  })

  test('that ends while nothing was fed to the run breaks determinism', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const run = await begun(async (ctx: Ctx) => {
      ctx.setUpdateHandler('foreign', () => promise)
      await ctx.waitForSignal('finish')
    })
    await run.give(asked(run, 'foreign'))
    resolve()
    await drain()
    await expect(run.signal('other')).rejects.toBeInstanceOf(NonDeterminismError)
  })
})
