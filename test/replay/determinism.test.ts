import { describe, expect, test } from 'vitest'
import { installDeterminism } from '../../shared/replay/determinism.ts'
import { asyncContext, begun, drain, noon, replayed, stepContext } from './driver.ts'
import type { Ctx } from './driver.ts'

/** A global object of its own, whose originals can be told from the run's. */
function patched() {
  class OwnDate extends Date {}
  class Socket {
    url: string
    constructor(url: string) {
      this.url = url
    }
  }
  const calls: unknown[] = []
  const target = {
    Date: OwnDate as DateConstructor,
    Math: { random: () => 0.25 },
    performance: { now: () => 5 },
    crypto: {
      randomUUID: () => 'real',
      getRandomValues: (array: Uint8Array) => array.fill(1),
      subtle: { real: true },
    },
    setTimeout: (...args: unknown[]): unknown => calls.push(['setTimeout', ...args]),
    clearTimeout: (handle: unknown): void => void calls.push(['clearTimeout', handle]),
    setInterval: (...args: unknown[]): unknown => calls.push(['setInterval', ...args]),
    clearInterval: (handle: unknown): void => void calls.push(['clearInterval', handle]),
    scheduler: { wait: async (ms: number) => `waited ${ms}` as unknown },
    AbortSignal: Object.assign(() => {}, { timeout: (ms: number): AbortSignal => AbortSignal.timeout(ms) }),
    fetch: (url: string) => `fetched ${url}`,
    WebSocket: Socket,
    ReadableStream: Socket,
    caches: { real: true },
  }
  installDeterminism(target, asyncContext)
  return { target, calls, OwnDate }
}

describe('G1: outside workflow code', () => {
  test('everything is as it was', async () => {
    const { target, calls, OwnDate } = patched()
    const before = Date.now()
    expect(target.Date.now()).toBeGreaterThanOrEqual(before)
    expect(new target.Date()).toBeInstanceOf(OwnDate)
    expect(new target.Date(5).getTime()).toBe(5)
    expect(target.Date.UTC(2026, 0)).toBe(Date.UTC(2026, 0))
    expect([target.Math.random(), target.performance.now(), target.crypto.randomUUID()]).toEqual([
      0.25,
      5,
      'real',
    ])
    expect(target.crypto.getRandomValues(new Uint8Array(2))).toEqual(new Uint8Array([1, 1]))
    target.setTimeout(1, 2, 3)
    target.clearTimeout('h')
    expect(calls).toEqual([
      ['setTimeout', 1, 2, 3],
      ['clearTimeout', 'h'],
    ])
    expect([target.fetch('x'), await target.scheduler.wait(3)]).toEqual(['fetched x', 'waited 3'])
    expect([target.caches, target.crypto.subtle]).toEqual([{ real: true }, { real: true }])
    const socket = new target.WebSocket('wss://x')
    expect([socket.url, socket instanceof target.WebSocket]).toEqual(['wss://x', true])
  })

  test('a second installation changes nothing, and is given the async context of the first', () => {
    const { target } = patched()
    const { fetch, Date: date } = target
    expect(installDeterminism(target, { ...asyncContext })).toBe(asyncContext)
    expect([target.fetch, target.Date]).toEqual([fetch, date])
  })

  test('an inline step and a query have the real world', async () => {
    const { target } = patched()
    const run = await begun(async (ctx: Ctx) => {
      ctx.setQueryHandler('draw', () => target.Math.random())
      await ctx.run('s', () => [target.Math.random(), target.fetch('x')])
    })
    expect(run.coroutine.queries.answer('draw', [])).toBe(0.25)
    const frame = { mode: 'step' } as const
    const step = run.coroutine.steps.get(1)!
    expect(asyncContext.run(frame, () => step(stepContext))).toEqual([0.25, 'fetched x'])
  })
})

describe('G2: inside workflow code', () => {
  test('time is that of the last event', async () => {
    const { target } = patched()
    const run = await begun(async (ctx: Ctx) => {
      const at = () => [
        target.Date.now(),
        new target.Date().getTime(),
        target.performance.now(),
        ctx.now().getTime(),
      ]
      const first = at()
      await ctx.sleep('1s')
      return [first, at(), new target.Date(7).getTime(), typeof target.Date() === 'string']
    })
    await run.fire(1)
    const result = [[noon, noon, 0, noon], [noon + 1_000, noon + 1_000, 1_000, noon + 1_000], 7, true]
    expect(run.history.at(-1)).toMatchObject({ result })
  })

  test('time is that of the last event in a condition too, which is asked between drains', async () => {
    const { target } = patched()
    const seen: number[] = []
    const run = await begun(async (ctx: Ctx) => {
      await ctx.condition(() => {
        seen.push(target.Date.now())
        return false
      })
    })
    run.now += 7
    await run.signal('any')
    expect(new Set(seen)).toEqual(new Set([noon, noon + 7]))
  })

  test('randomness is the run’s own, and the same on replay', async () => {
    const { target } = patched()
    const drawn: unknown[] = []
    const draws = async (ctx: Ctx) => {
      const bytes = [...target.crypto.getRandomValues(new Uint8Array(4))]
      drawn.push([target.Math.random(), target.crypto.randomUUID(), bytes, ctx.random(), ctx.uuid()])
      await ctx.waitForSignal('never')
    }
    const run = await begun(draws)
    await replayed(run.definition, run.history)
    await begun(draws, undefined, { workflowId: 'order-1', runId: '02RUN' })
    expect(drawn[1]).toEqual(drawn[0])
    expect(drawn[2]).not.toEqual(drawn[0])
  })

  test('timers are durable', async () => {
    const { target, calls } = patched()
    const run = await begun(async () => {
      const { promise, resolve } = Promise.withResolvers<unknown>()
      target.setTimeout((value: string) => resolve(value), 2_000, 'rang')
      const dropped = target.setTimeout(() => {}, 9_000)
      target.clearTimeout(dropped)
      return [await promise, await target.scheduler.wait(500)]
    })
    expect(run.types.slice(1)).toEqual(['timer_started', 'timer_started', 'timer_cancelled'])
    await run.fire(1)
    await run.fire(3)
    expect(run.now).toBe(noon + 2_500)
    expect(run.history.at(-1)).toMatchObject({
      type: 'workflow_completed',
      result: ['rang', expect.anything()],
    })
    expect(calls).toEqual([])
    await replayed(run.definition, run.history)
  })

  test('an interval starts its next timer each time, until it is cleared', async () => {
    const { target } = patched()
    const run = await begun(async (ctx: Ctx) => {
      let rang = 0
      const handle = target.setInterval(() => (rang += 1), 1_000)
      await ctx.condition(() => rang === 2)
      target.clearInterval(handle)
      return rang
    })
    await run.fire(1)
    const events = await run.fire(2)
    expect(events.map((event) => event.type)).toEqual([
      'timer_fired',
      'timer_started',
      'timer_cancelled',
      'workflow_completed',
    ])
    await replayed(run.definition, run.history)
  })

  test('AbortSignal.timeout is a durable timer', async () => {
    const { target } = patched()
    const run = await begun(async (ctx: Ctx) => {
      const signal = target.AbortSignal.timeout(1_000)
      await ctx.condition(() => signal.aborted)
      return (signal.reason as Error).name
    })
    await run.fire(1)
    expect(run.history.at(-1)).toMatchObject({ result: 'TimeoutError' })
  })

  test.each<[string, (target: ReturnType<typeof patched>['target']) => unknown]>([
    ['fetch', (target) => target.fetch('https://x')],
    ['new WebSocket', (target) => new target.WebSocket('wss://x')],
    ['new ReadableStream', (target) => new target.ReadableStream('')],
    ['caches', (target) => target.caches],
    ['subtle', (target) => target.crypto.subtle],
  ])('%s is refused with its place, even when the code catches the refusal', async (name, io) => {
    const { target } = patched()
    const refused = begun(async () => {
      try {
        io(target)
      } catch {
        // caught, and of no use
      }
    })
    await expect(refused).rejects.toMatchObject({
      code: 'nondeterminism',
      message: expect.stringMatching(
        new RegExp(`^${name} in workflow code .*determinism\\.test\\.ts:\\d+.*ctx\\.run`),
      ),
    })
  })

  test('two runs side by side each have their own', async () => {
    const { target } = patched()
    const now = async (ctx: Ctx) => {
      await ctx.waitForSignal('go')
      await Promise.resolve()
      return target.Date.now()
    }
    const [one, other] = [await begun(now), await begun(now)]
    one.now += 1
    other.now += 2
    await Promise.all([one.signal('go'), other.signal('go')])
    await drain()
    expect([one.history.at(-1), other.history.at(-1)]).toMatchObject([
      { result: noon + 1 },
      { result: noon + 2 },
    ])
  })
})
