import { describe, expect, test, vi } from 'vitest'
import type { HistoryEvent } from '../../shared/core/events.ts'
import { workflow } from '../../shared/define.ts'
import { replay } from '../../shared/replay/replay.ts'
import { failure, noon, started } from '../core/runs.ts'
import { begun, coroutineOf, drain, replayed, signalled } from './driver.ts'
import type { Ctx } from './driver.ts'

const code = (fn: (ctx: Ctx) => Promise<unknown>) => workflow('test', fn)

/** started, a scheduled (1), a completed, b scheduled (2), b completed, timer (3), fired, completed. */
async function recorded() {
  const run = await begun(async (ctx: Ctx) => {
    await ctx.activity('a')
    await ctx.activity('b')
    await ctx.sleep('1s')
    return 'done'
  })
  await run.complete(1)
  await run.complete(2)
  await run.fire(3)
  return run
}

describe('code that asks for what history recorded', () => {
  test('is where it was, and goes on from there', async () => {
    const run = await begun(async (ctx: Ctx) => {
      await ctx.activity('a')
      return ctx.activity('b')
    })
    await run.complete(1, 'first')
    await run.evict()
    expect(run.coroutine).toMatchObject({ replaying: false, seq: 2, lastEventId: 3 })
    await run.complete(2, 'second')
    expect(run.history.at(-1)).toMatchObject({ type: 'workflow_completed', result: 'second' })
  })

  test('may ask with other options and inputs: the recorded ones are what was done', async () => {
    const run = await recorded()
    const tuned = code(async (ctx) => {
      await ctx.activity('a', { input: 1, retry: { maxAttempts: 9 } })
      await ctx.activity('b', { timeout: '1h', taskQueue: 'other' })
      await ctx.sleep('2h', { summary: 'longer' })
      return 'done'
    })
    await expect(replayed(tuned, run.history)).resolves.toBeDefined()
  })

  test('does not log a second time, and knows that it is replaying', async () => {
    const seen: boolean[] = []
    const info = vi.spyOn(console, 'info').mockImplementation(() => {})
    const run = await begun(async (ctx: Ctx) => {
      seen.push(ctx.isReplaying)
      ctx.log.info('begun')
      await ctx.activity('a')
      seen.push(ctx.isReplaying)
      ctx.log.info('done')
    })
    await run.evict()
    await run.complete(1)
    expect(seen).toEqual([false, true, false])
    expect(info.mock.calls).toEqual([['begun'], ['done']])
    info.mockRestore()
  })
})

/** What the changed code is told: the event it differs at, what it recorded, and what is asked now. */
const changes: [
  string,
  (ctx: Ctx) => Promise<unknown>,
  { eventId: number; expected: string; actual: string },
][] = [
  [
    'renamed',
    (ctx) => ctx.activity('x'),
    { eventId: 2, expected: 'activity_scheduled a (call 1)', actual: 'activity_scheduled x (call 1)' },
  ],
  [
    'of another kind',
    (ctx) => ctx.run('a', () => 1),
    { eventId: 2, expected: 'activity_scheduled a (call 1)', actual: 'step_scheduled a (call 1)' },
  ],
  [
    'reordered',
    async (ctx) => {
      await ctx.activity('b')
      await ctx.activity('a')
    },
    { eventId: 2, expected: 'activity_scheduled a (call 1)', actual: 'activity_scheduled b (call 1)' },
  ],
  [
    'added',
    async (ctx) => {
      await ctx.activity('a')
      await Promise.all([ctx.activity('b'), ctx.activity('more')])
    },
    { eventId: 5, expected: 'activity_completed', actual: 'activity_scheduled more (call 3)' },
  ],
  [
    'removed at the end',
    async (ctx) => {
      await ctx.activity('a')
      return 'done'
    },
    { eventId: 4, expected: 'activity_scheduled b (call 2)', actual: 'workflow_completed' },
  ],
  [
    'removed, so that the code waits for nothing recorded',
    async (ctx) => {
      await ctx.activity('a')
      await ctx.waitForSignal('never')
    },
    { eventId: 4, expected: 'activity_scheduled b (call 2)', actual: 'nothing (it waits)' },
  ],
  [
    'added after the recorded end',
    async (ctx) => {
      await ctx.activity('a')
      await ctx.activity('b')
      await ctx.sleep('1s')
      await ctx.activity('c')
    },
    { eventId: 8, expected: 'workflow_completed', actual: 'activity_scheduled c (call 4)' },
  ],
  [
    'ended otherwise',
    async (ctx) => {
      await ctx.activity('a')
      await ctx.activity('b')
      await ctx.sleep('1s')
      throw new Error('no')
    },
    { eventId: 8, expected: 'workflow_completed', actual: 'workflow_failed' },
  ],
]

describe('a command that is', () => {
  test.each(changes)(
    '%s is a difference, told with both sides and the event',
    async (_title, fn, difference) => {
      const { history } = await recorded()
      await expect(replayed(code(fn), history)).rejects.toMatchObject({
        code: 'nondeterminism',
        ...difference,
      })
    },
  )

  test('asked for beyond the recorded history is a difference', async () => {
    const run = await begun(async (ctx: Ctx) => ctx.activity('a'))
    const more = code(async (ctx) => Promise.all([ctx.activity('a'), ctx.activity('b')]))
    await expect(replayed(more, run.history)).rejects.toMatchObject({
      eventId: 2,
      expected: 'the end of the recorded history',
      actual: 'activity_scheduled b (call 2)',
    })
    const ends = code(async (ctx) => void ctx.activity('a'))
    await expect(replayed(ends, run.history)).rejects.toMatchObject({
      eventId: 2,
      actual: 'workflow_completed',
    })
  })

  test('a child under another type or id is a difference', async () => {
    const part = workflow('part', async () => {})
    const asks = (id: string) => code((ctx) => ctx.executeChild(part, { workflowId: id, input: undefined }))
    const { history } = await begun(asks('c-1'))
    await expect(replayed(asks('c-1'), history)).resolves.toBeDefined()
    await expect(replayed(asks('c-2'), history)).rejects.toMatchObject({
      expected: 'child_requested part c-1 (call 1)',
      actual: 'child_requested part c-2 (call 1)',
    })
  })
})

describe('the events that the code does not hear of', () => {
  test('are passed over: a termination after any command', async () => {
    const run = await begun(async (ctx: Ctx) => ctx.activity('a'))
    await run.give({ type: 'terminate_workflow' })
    await expect(replayed(run.definition, run.history)).resolves.toBeDefined()
  })

  test('a termination in the turn in which the function returned: the return was not recorded', async () => {
    const run = await begun(async (ctx: Ctx) => ctx.waitForSignal('go'))
    await run.give(signalled('go', 1), { type: 'terminate_workflow' })
    expect(run.types).toEqual(['workflow_started', 'signal_received', 'workflow_terminated'])
    await expect(replayed(run.definition, run.history)).resolves.toMatchObject({ closing: null })
  })

  test('signals discarded before the recorded end', async () => {
    const run = await begun(async (ctx: Ctx) => ctx.waitForSignal('go'))
    await run.signal('other')
    await run.signal('go', 1)
    const end = run.history.pop()!
    run.history.push({ type: 'signals_discarded', at: noon, signalIds: ['s'], names: ['other'] }, end)
    await expect(replayed(run.definition, run.history)).resolves.toBeDefined()
  })
})

test('a run blocked before its first commands takes them up, and they are left to be recorded', async () => {
  const coroutine = coroutineOf(code(async (ctx) => ctx.activity('a')))
  await replay(coroutine, [started], { drain, complete: false })
  expect(coroutine.takeCommands()).toMatchObject([{ type: 'activity_scheduled', activityType: 'a' }])
})

test('too many commands on replay say so, as a difference', async () => {
  const asks = code(async (ctx) => {
    for (let n = 0; n < 10_001; n += 1)
      ctx
        .external('other')
        .signal('again')
        .catch(() => {})
  })
  const difference = {
    code: 'nondeterminism',
    eventId: 1,
    actual: expect.stringContaining('more than 10000 calls'),
  }
  await expect(replayed(asks, [started])).rejects.toMatchObject(difference)
})

test('failures come back as what they were, with what caused them', async () => {
  const seen: unknown[] = []
  const run = await begun(async (ctx: Ctx) => {
    await ctx.activity('a').catch((error: unknown) => seen.push(error))
    await ctx.activity('b').catch((error: unknown) => seen.push(error))
    await ctx.run('c', () => 1).catch((error: unknown) => seen.push(error))
  })
  await run.fail(1, new RangeError('too far'))
  const timedOut = { kind: 'timed_out', timeout: 'heartbeat', lastFailure: failure } as const
  await run.give({ type: 'resolve_activity', seq: 2, attempt: 4, end: timedOut })
  await run.fail(3, new Error('step'))
  const expected = [
    {
      code: 'activity_failed',
      activityType: 'a',
      attempt: 1,
      cause: { type: 'RangeError', message: 'too far' },
    },
    { code: 'activity_failed', attempt: 4, cause: { kind: 'heartbeat', cause: { type: 'CardDeclined' } } },
    { code: 'activity_failed', activityType: 'c', cause: { message: 'step' } },
  ]
  expect(seen).toMatchObject(expected)
  await replayed(run.definition, run.history)
  expect(seen.slice(3)).toMatchObject(expected)
})

test('replay is one event, one drain, in order', async () => {
  const order: string[] = []
  const history: HistoryEvent[] = [
    started,
    { type: 'signal_received', at: noon, name: 'a', signalId: '1', payload: 1 },
    { type: 'signal_received', at: noon, name: 'b', signalId: '2', payload: 2 },
  ]
  const listens = code(async (ctx) => {
    void ctx.waitForSignal('b').then((n) => order.push(`b${String(n)}`))
    const n = await ctx.waitForSignal('a')
    for (let depth = 0; depth < 50; depth += 1) await Promise.resolve()
    order.push(`a${String(n)}`)
    await ctx.waitForSignal('never')
  })
  await replayed(listens, history)
  expect(order).toEqual(['a1', 'b2'])
})
