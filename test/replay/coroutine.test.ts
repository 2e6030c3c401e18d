import { describe, expect, test } from 'vitest'
import { workflow } from '../../shared/define.ts'
import { begun, completed, coroutineOf, drain, fed, noon, replayed, signalled } from './driver.ts'
import type { Ctx } from './driver.ts'
import { started } from '../core/runs.ts'

/** Two calls, one after the other. */
async function side(ctx: Ctx, name: string): Promise<void> {
  await ctx.activity(name)
  await ctx.sleep('1s')
}

const waits = (ctx: Ctx) => ctx.waitForSignal('never')

/** Asks for something as often as that without waiting for any of it. */
function asks(count: number) {
  return async (ctx: Ctx) => {
    for (let n = 0; n < count; n += 1)
      void ctx
        .external('other')
        .cancel()
        .catch(() => {})
    await ctx.waitForSignal('never')
  }
}

describe('C1: the code runs only between feed and rest', () => {
  test('a call made in answer to anything else is refused, and remembered though the code catches it', async () => {
    const elsewhere = Promise.withResolvers<void>()
    const caught: unknown[] = []
    const run = await begun(async (ctx: Ctx) => {
      await elsewhere.promise
      await ctx.sleep('1s').catch((error: unknown) => caught.push(error))
      await ctx.sleep('1s').catch(() => {})
    })
    elsewhere.resolve()
    await drain()
    expect(caught).toMatchObject([{ code: 'nondeterminism', eventId: 1 }])
    expect(run.coroutine.violation?.message).toMatch(/ctx\.sleep while nothing was fed .*coroutine\.test\.ts/)
    await expect(run.signal('any')).rejects.toBe(run.coroutine.violation)
  })

  test('a call after rest with nothing awaited in between is refused too', async () => {
    const later: (() => Promise<void>)[] = []
    const run = await begun(async (ctx: Ctx) => {
      later.push(() => ctx.sleep('1s'))
      await ctx.waitForSignal('never')
    })
    await expect(later[0]?.()).rejects.toMatchObject({ code: 'nondeterminism' })
    expect(run.coroutine.violation).not.toBeNull()
  })

  test('a microtask chain 5,000 deep is over when the drain is', async () => {
    const run = await begun(async (ctx: Ctx) => {
      for (let depth = 0; depth < 5_000; depth += 1) await Promise.resolve()
      await ctx.sleep('1s')
    })
    expect(run.types).toEqual(['workflow_started', 'timer_started'])
    await run.fire(1)
    expect(run.types.at(-1)).toBe('workflow_completed')
  })
})

describe('C2: commands are taken in the order issued', () => {
  test('and numbered by their calls, across everything that runs side by side', async () => {
    const run = await begun(async (ctx: Ctx) => {
      await Promise.all([side(ctx, 'a'), side(ctx, 'b'), ctx.run('c', () => 1)])
    })
    await run.give(completed(run.state, 2), completed(run.state, 1))
    const calls = run.history
      .filter((event) => 'seq' in event)
      .map((event) => [event.type, 'seq' in event && event.seq])
    expect(calls).toEqual([
      ['activity_scheduled', 1],
      ['activity_scheduled', 2],
      ['step_scheduled', 3],
      ['activity_completed', 2],
      ['timer_started', 4],
      ['activity_completed', 1],
      ['timer_started', 5],
    ])
  })

  test('a call is numbered only when it is made: one refused for its options takes no number', async () => {
    const run = await begun(async (ctx: Ctx) => {
      await ctx.activity('a', { retry: { maxAttempts: 0 } }).catch(() => {})
      await ctx.activity('b')
    })
    expect(run.history.at(-1)).toMatchObject({ type: 'activity_scheduled', seq: 1, activityType: 'b' })
  })
})

describe('C3: the closing command is held back', () => {
  test('until the other inputs of the turn have been fed, which may still record', async () => {
    const run = await begun(async (ctx: Ctx) => {
      void ctx.waitForSignal('late').then(() => ctx.activity('tidy'))
      return ctx.waitForSignal('end')
    })
    const events = await run.give(signalled('end', 1), signalled('late'))
    expect(events.map((event) => event.type)).toEqual([
      'signal_received',
      'signal_received',
      'activity_scheduled',
      'workflow_completed',
    ])
    const coroutine = await replayed(run.definition, run.history)
    expect(coroutine.closing).toBeNull()
  })

  test('and comes after the commands of its own drain', async () => {
    const run = await begun(async (ctx: Ctx) => {
      void ctx.activity('left behind').catch(() => {})
      throw new Error('no')
    })
    expect(run.types).toEqual(['workflow_started', 'activity_scheduled', 'workflow_failed'])
    await replayed(run.definition, run.history)
  })

  test('a result that cannot be recorded fails the run', async () => {
    const run = await begun(async () => ({ fn: () => 1 }))
    expect(run.history.at(-1)).toMatchObject({
      type: 'workflow_failed',
      error: { code: 'payload_unsupported' },
    })
  })
})

describe('C4: what breaks determinism cannot be caught', () => {
  test('a run that catches it is blocked on replay all the same', async () => {
    const run = await begun((ctx: Ctx) => ctx.sleep('1s'))
    const changed = workflow('test', async (ctx) => {
      try {
        await ctx.activity('new')
      } catch {
        // caught, and of no use
      }
    })
    await expect(replayed(changed, run.history)).rejects.toMatchObject({ code: 'nondeterminism', eventId: 2 })
  })
})

describe('a run ends', () => {
  test('as failed with what was thrown', async () => {
    const run = await begun(async () => {
      throw new TypeError('bad')
    })
    expect(run.history.at(-1)).toMatchObject({
      type: 'workflow_failed',
      error: { name: 'TypeError', message: 'bad' },
    })
  })

  test('as cancelled when its cancel was asked for and it lets the error through; else as it likes', async () => {
    const run = await begun(waits)
    await run.cancel('changed my mind')
    expect(run.history.at(-1)).toMatchObject({
      type: 'workflow_cancelled',
      error: { message: /changed my mind/ },
    })
    const calm = await begun(async (ctx: Ctx) => waits(ctx).catch(() => 'done'))
    await calm.cancel()
    expect(calm.history.at(-1)).toMatchObject({ type: 'workflow_completed', result: 'done' })
  })

  test('as failed when only a scope of its own was cancelled', async () => {
    const run = await begun(async (ctx: Ctx) =>
      ctx.scope(async (scope) => {
        scope.cancel('inside')
        await ctx.sleep('1s')
      }),
    )
    expect(run.history.at(-1)).toMatchObject({ type: 'workflow_failed', error: { code: 'cancelled' } })
  })
})

describe('limits', () => {
  test.each<[string, (ctx: Ctx, n: number) => Promise<unknown>]>([
    ['activity', (ctx, n) => ctx.activity(`a${n}`)],
    ['timer', (ctx) => ctx.sleep('1h')],
    ['step', (ctx, n) => ctx.run(`s${n}`, () => n)],
    [
      'child',
      (ctx, n) =>
        ctx.executeChild(
          { kind: 'workflow', name: 'part', messages: {} },
          { workflowId: `c${n}`, input: undefined },
        ),
    ],
  ])('the 2,001st pending %s is refused, and takes no number', async (kind, call) => {
    const refused: unknown[] = []
    const run = await begun(async (ctx: Ctx) => {
      for (let n = 0; n < 2_001; n += 1) call(ctx, n).catch((error: unknown) => refused.push(error))
      await ctx.waitForSignal('never')
    })
    expect(refused).toMatchObject([{ code: 'limit_pending', message: expect.stringContaining(kind) }])
    expect(run.history).toHaveLength(2_001)
  })

  test('a call that has ended makes room for another', async () => {
    const run = await begun(async (ctx: Ctx) => {
      const calls = Array.from({ length: 2_000 }, (_, n) => ctx.activity(`a${n}`))
      await calls[0]
      await ctx.activity('one more')
    })
    await run.complete(1)
    expect(run.history.at(-1)).toMatchObject({ type: 'activity_scheduled', seq: 2_001 })
  })

  test('more than 10,000 commands without waiting block the run, and 10,000 do not', async () => {
    const run = await begun(asks(10_000))
    expect(run.history).toHaveLength(10_001)
    await expect(begun(asks(10_001))).rejects.toMatchObject({ code: 'blocked', message: /10000 calls/ })
  })
})

test('what a run waits for is told with its name and its time', async () => {
  const run = await begun(async (ctx: Ctx) => {
    await Promise.all([
      ctx.activity('a'),
      ctx.sleep('1m'),
      ctx.waitForSignal('paid'),
      ctx.condition(() => false),
    ])
  })
  expect(run.coroutine.waitingFor()).toEqual([
    { kind: 'activity', name: 'a', since: noon },
    { kind: 'timer', name: 'sleep', since: noon, until: noon + 60_000 },
    { kind: 'signal', name: 'paid', since: noon },
    { kind: 'condition', name: 'condition', since: noon },
  ])
})

test('an outcome of a call that the code has let go of is heard by nobody', async () => {
  const coroutine = coroutineOf(workflow('test', async (ctx) => void (await ctx.waitForSignal('a'))))
  await fed(coroutine, started, 1)
  await fed(coroutine, { type: 'activity_completed', at: noon, seq: 9, attempt: 1 }, 2)
  await fed(coroutine, { type: 'child_completed', at: noon, seq: 9 }, 3)
  expect(coroutine.violation).toBeNull()
})
