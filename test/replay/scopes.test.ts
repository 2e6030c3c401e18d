import { describe, expect, test } from 'vitest'
import { workflow } from '../../shared/define.ts'
import { CancelledError } from '../../shared/errors.ts'
import { begun, replayed } from './driver.ts'
import type { Ctx, Run } from './driver.ts'

const part = workflow('part', async () => {})
const outcome = (promise: Promise<unknown>) =>
  promise.then(
    (value) => ['ok', value],
    (error: Error) => [error.name, error.message],
  )

/** Runs `call` in a scope that the signal `stop` cancels; the result is what became of it. */
function stoppable(call: (ctx: Ctx) => Promise<unknown>): Promise<Run> {
  return begun(async (ctx: Ctx) =>
    ctx.scope(async (scope) => {
      void ctx.waitForSignal('stop').then(() => scope.cancel('stopped'))
      return outcome(call(ctx))
    }),
  )
}

async function stop(
  call: (ctx: Ctx) => Promise<unknown>,
): Promise<{ run: Run; commands: string[]; result: unknown }> {
  const run = await stoppable(call)
  const events = await run.signal('stop')
  const commands = events.map((event) => event.type).slice(1)
  const last = run.history.at(-1)!
  await replayed(run.definition, run.history)
  return { run, commands, result: last.type === 'workflow_completed' ? last.result : 'still running' }
}

/** The last event of a run whose told activity or step has come to the end that `end` brings. */
async function ended(kind: 'activity' | 'step', end: (run: Run) => Promise<unknown>) {
  const { run, commands, result } = await stop((ctx) =>
    kind === 'activity' ? ctx.activity('a') : ctx.run('a', () => 1),
  )
  expect([commands, result]).toEqual([[`${kind}_cancel_requested`], 'still running'])
  await end(run)
  await replayed(run.definition, run.history)
  return run.history.at(-1)
}

const cancelled = ['CancelledError', expect.stringContaining('stopped')]

describe('a cancelled scope', () => {
  test.each<[string, (ctx: Ctx) => Promise<unknown>, string[]]>([
    ['a timer, which is cancelled', (ctx) => ctx.sleep('1h'), ['timer_cancelled']],
    ['a signal', (ctx) => ctx.waitForSignal('never'), []],
    [
      'a signal with a timeout, whose timer goes too',
      (ctx) => ctx.waitForSignal('never', { timeout: '1h' }),
      ['timer_cancelled'],
    ],
    ['a condition', (ctx) => ctx.condition(() => false), []],
    ['a condition with a timeout', (ctx) => ctx.condition(() => false, '1h'), ['timer_cancelled']],
    [
      'a step told to try',
      (ctx) => ctx.run('s', () => 1, { cancellation: 'try' }),
      ['step_cancel_requested'],
    ],
    ['an abandoned step, untold', (ctx) => ctx.run('s', () => 1, { cancellation: 'abandon' }), []],
    [
      'an activity told to try',
      (ctx) => ctx.activity('a', { cancellation: 'try' }),
      ['activity_cancel_requested'],
    ],
    ['an abandoned activity, untold', (ctx) => ctx.activity('a', { cancellation: 'abandon' }), []],
    [
      'a child told to try',
      (ctx) => ctx.executeChild(part, { workflowId: 'c', input: undefined, cancellation: 'try' }),
      ['child_cancel_requested'],
    ],
    [
      'an abandoned child, untold',
      (ctx) => ctx.executeChild(part, { workflowId: 'c', input: undefined, cancellation: 'abandon' }),
      [],
    ],
    ['a message to another workflow', (ctx) => ctx.external('other').signal('x'), []],
  ])('rejects at once what waits in it: %s', async (_title, call, commands) => {
    const stopped = await stop(call)
    expect(stopped).toMatchObject({ commands: [...commands, 'workflow_completed'], result: cancelled })
  })

  test.each(['activity', 'step'] as const)(
    'waits for the own end of a call that is told and waited for: %s',
    async (kind) => {
      expect(await ended(kind, (run) => run.complete(1, 'made it'))).toMatchObject({
        result: ['ok', 'made it'],
      })
      const cancel = { type: `resolve_${kind}`, seq: 1, attempt: 1, end: { kind: 'cancelled' } } as const
      expect(await ended(kind, (run) => run.give(cancel))).toMatchObject({
        result: ['CancelledError', expect.any(String)],
      })
    },
  )

  test('waits for the own end of a child that is told and waited for', async () => {
    const { run, commands } = await stop((ctx) =>
      ctx.executeChild(part, { workflowId: 'c', input: undefined }),
    )
    expect(commands).toEqual(['child_cancel_requested'])
    await run.give({ type: 'close_child', seq: 1, status: 'completed', result: 9 })
    expect(run.history.at(-1)).toMatchObject({ type: 'workflow_completed', result: ['ok', 9] })
  })

  test('waits only until a child that is told has heard of it', async () => {
    const cancellation = 'wait-requested'
    const call = (ctx: Ctx) => ctx.executeChild(part, { workflowId: 'c', input: undefined, cancellation })
    const { run, commands } = await stop(call)
    expect(commands).toEqual([])
    const started = await run.give({ type: 'confirm_child', seq: 1, runId: 'r', shard: 0 })
    expect(started[1]).toMatchObject({ type: 'external_cancel_requested', workflowId: 'c', runId: 'r' })
    await run.give({ type: 'resolve_external', seq: 2, what: 'cancel' })
    expect(run.history.at(-1)).toMatchObject({ type: 'workflow_completed', result: cancelled })
    await replayed(run.definition, run.history)
  })

  test('refuses further calls inside it, before they are numbered', async () => {
    const { commands, result } = await stop(async (ctx) => {
      await ctx.waitForSignal('never').catch(() => {})
      return ctx.activity('more')
    })
    expect([commands, result]).toEqual([['workflow_completed'], cancelled])
  })

  test('reaches the scopes within, and nothing outside', async () => {
    const run = await begun(async (ctx: Ctx) => {
      const outside = ctx.sleep('1h')
      const inside = ctx.scope(async (scope) => {
        const deep = ctx.scope(() => ctx.sleep('2h'))
        await ctx.waitForSignal('stop')
        scope.cancel()
        await outcome(deep)
      })
      await outcome(inside)
      await outside
    })
    const events = await run.signal('stop')
    expect(events.slice(1)).toMatchObject([{ type: 'timer_cancelled', seq: 2 }])
    await run.fire(1)
    expect(run.types.at(-1)).toBe('workflow_completed')
  })

  test('has its signal aborted, with the reason', async () => {
    const run = await begun(async (ctx: Ctx) =>
      ctx.scope(async (scope) => {
        const before = scope.cancellation.aborted
        scope.cancel('no more')
        const reason: unknown = scope.cancellation.reason
        return [before, scope.cancellation.aborted, reason instanceof CancelledError && reason.reason]
      }),
    )
    expect(run.history.at(-1)).toMatchObject({ result: [false, true, 'no more'] })
  })
})

describe('the cancel of a run', () => {
  test('is felt by everything it waits for, and by its signal', async () => {
    const run = await begun(async (ctx: Ctx) => {
      const seen: unknown[] = []
      ctx.cancellation.addEventListener('abort', () => seen.push('aborted'))
      await Promise.all([
        ctx.sleep('1h').catch(() => seen.push('slept')),
        ctx.scope(() => ctx.waitForSignal('x')).catch(() => seen.push('waited')),
      ])
      return seen
    })
    const events = await run.cancel()
    expect(events.map((event) => event.type).slice(1)).toEqual(['timer_cancelled', 'workflow_completed'])
    expect(run.history.at(-1)).toMatchObject({ result: ['aborted', 'slept', 'waited'] })
    await replayed(run.definition, run.history)
  })

  test('is not felt inside a shield, even begun afterwards, and felt again outside', async () => {
    const run = await begun(async (ctx: Ctx) => {
      await ctx.activity('work', { cancellation: 'try' }).catch(() => {})
      const undone = await ctx.shield(async () => {
        await ctx.sleep('1s')
        return ctx.scope(() => ctx.activity('undo'))
      })
      return [undone, ...(await outcome(ctx.sleep('1s')))]
    })
    await run.cancel('over')
    expect(run.types.at(-1)).toBe('timer_started')
    await run.fire(2)
    await run.complete(3, 'undone')
    expect(run.history.at(-1)).toMatchObject({
      result: ['undone', 'CancelledError', expect.stringContaining('over')],
    })
    await replayed(run.definition, run.history)
  })

  test('leaves a shield alone that was under way', async () => {
    const run = await begun(async (ctx: Ctx) => ctx.shield(() => ctx.activity('charge')))
    expect(await run.cancel()).toHaveLength(1)
    await run.complete(1, 'charged')
    expect(run.history.at(-1)).toMatchObject({ type: 'workflow_completed', result: 'charged' })
  })

  test('asks each child and activity only once', async () => {
    const run = await begun(async (ctx: Ctx) =>
      ctx.scope(async (scope) => {
        ctx.cancellation.addEventListener('abort', () => scope.cancel())
        await ctx.activity('a')
      }),
    )
    expect((await run.cancel()).map((event) => event.type).slice(1)).toEqual(['activity_cancel_requested'])
  })
})

describe('the end of a scope', () => {
  test('lets go of what lost the race inside it; work elsewhere goes on', async () => {
    const run = await begun(async (ctx: Ctx) => {
      const first = await ctx.scope(() =>
        Promise.race([
          ctx.waitForSignal('go'),
          ctx.sleep('1h'),
          ctx.activity('slow'),
          ctx.condition(() => false, '2h'),
        ]),
      )
      await ctx.waitForSignal('never')
      return first
    })
    const events = await run.signal('go', 1)
    expect(events.slice(1)).toMatchObject([
      { type: 'timer_cancelled', seq: 1 },
      { type: 'timer_cancelled', seq: 3 },
    ])
    expect(run.coroutine.waitingFor().map(({ kind }) => kind)).toEqual(['activity', 'signal'])
    await run.complete(2)
    await replayed(run.definition, run.history)
  })

  test('gives a signal that comes later to whoever still waits for it', async () => {
    const run = await begun(async (ctx: Ctx) => {
      await ctx.scope(() => Promise.race([ctx.waitForSignal('paid'), ctx.sleep('1m')]))
      return ctx.waitForSignal('paid')
    })
    await run.fire(1)
    await run.signal('paid', 'late')
    expect(run.history.at(-1)).toMatchObject({ type: 'workflow_completed', result: 'late' })
  })

  test('by an error does the same, and the error comes through', async () => {
    const run = await begun(async (ctx: Ctx) =>
      outcome(
        ctx.scope(async () => {
          void ctx.sleep('1h').catch(() => {})
          throw new Error('inside')
        }),
      ),
    )
    expect(run.types).toEqual(['workflow_started', 'timer_started', 'timer_cancelled', 'workflow_completed'])
    expect(run.history.at(-1)).toMatchObject({ result: ['Error', 'inside'] })
  })
})

describe('a child', () => {
  test('that was cancelled before it started has its start settle when it is answered', async () => {
    const { run } = await stop(async (ctx) => {
      const child = await ctx.startChild(part, { workflowId: 'c', input: undefined })
      return child.firstRunId
    })
    await run.give({ type: 'confirm_child', seq: 1, runId: 'r', shard: 0 })
    expect(run.history.at(-1)).toMatchObject({ type: 'workflow_completed', result: ['ok', 'r'] })
  })

  test('whose start is refused fails both its start and its result', async () => {
    const run = await begun(async (ctx: Ctx) =>
      outcome(ctx.startChild(part, { workflowId: 'c', input: undefined })),
    )
    const error = { name: 'WorkflowError', message: 'taken', code: 'workflow_already_started', facts: {} }
    await run.give({ type: 'refuse_child', seq: 1, error })
    expect(run.history.at(-1)).toMatchObject({ result: [expect.any(String), 'taken'] })
  })
})
