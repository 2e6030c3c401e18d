import { describe, expect, test } from 'vitest'
import { signal } from '../../shared/define.ts'
import { SignalInbox } from '../../shared/replay/signals.ts'
import type { ReceivedSignal } from '../../shared/replay/signals.ts'
import { begun, noon, replayed, signalled } from './driver.ts'
import type { Ctx } from './driver.ts'

const received = (name: string, signalId: string): ReceivedSignal => ({
  name,
  signalId,
  payload: signalId,
  content: signalId,
  at: noon,
})

describe('the inbox', () => {
  test('gives a signal to whoever has waited longest for its name', () => {
    const inbox = new SignalInbox()
    const got: string[] = []
    for (const who of ['first', 'second'])
      inbox.wait({ name: 'paid', receive: ({ signalId }) => got.push(`${who} ${signalId}`) })
    for (const id of ['1', '2', '3']) inbox.deliver(received('paid', id))
    expect(got).toEqual(['first 1', 'second 2'])
    expect(inbox.unread().map(({ signalId }) => signalId)).toEqual(['3'])
  })

  test('keeps what nobody waits for, in order and by name', () => {
    const inbox = new SignalInbox()
    for (const [name, id] of [
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ] as const)
      inbox.deliver(received(name, id))
    expect([inbox.take('a')?.signalId, inbox.take('a')?.signalId, inbox.take('a')]).toEqual([
      '1',
      '3',
      undefined,
    ])
    expect(inbox.unread()).toEqual([received('b', '2')])
  })

  test('forgets who has stopped waiting, and nobody else', () => {
    const inbox = new SignalInbox()
    const got: string[] = []
    const waiter = (name: string) => ({ name: 'a', receive: () => got.push(name) })
    const gone = waiter('gone')
    inbox.wait(gone)
    inbox.wait(waiter('there'))
    inbox.forget(gone)
    inbox.forget(gone)
    inbox.deliver(received('a', '1'))
    expect(got).toEqual(['there'])
  })
})

describe('waitForSignal', () => {
  test('takes signals in the order received, from before and after it was asked', async () => {
    const paid = signal<number>('paid')
    const run = await begun(async (ctx: Ctx) => {
      await ctx.sleep('1s')
      return [await ctx.waitForSignal(paid), await ctx.waitForSignal(paid), await ctx.waitForSignal('paid')]
    })
    await run.give(signalled('paid', 1), signalled('other', 0), signalled('paid', 2))
    await run.fire(1)
    await run.signal('paid', 3)
    expect(run.history.at(-1)).toMatchObject({ type: 'workflow_completed', result: [1, 2, 3] })
    await replayed(run.definition, run.history)
  })

  test('within its time gives the payload and drops the timer', async () => {
    const run = await begun(async (ctx: Ctx) => ctx.waitForSignal('paid', { timeout: '1h' }))
    expect(run.history.at(-1)).toMatchObject({ type: 'timer_started', fireAt: noon + 3_600_000 })
    const events = await run.signal('paid', 7)
    expect(events.map((event) => event.type)).toEqual([
      'signal_received',
      'timer_cancelled',
      'workflow_completed',
    ])
  })

  test('out of time gives the default, or says which signal did not come', async () => {
    const run = await begun(async (ctx: Ctx) => {
      const first = await ctx.waitForSignal('paid', { timeout: '1h', default: null })
      const second = await ctx.waitForSignal('paid', { timeout: '1h' }).catch((error: unknown) => error)
      return [first, second instanceof Error && [second.name, Reflect.get(second, 'signalName')]]
    })
    await run.fire(1)
    await run.fire(2)
    expect(run.history.at(-1)).toMatchObject({ result: [null, ['SignalTimeoutError', 'paid']] })
  })

  test('and its timer in one turn: what comes first counts, the signal is kept for the next', async () => {
    const run = await begun(async (ctx: Ctx) => {
      const first = await ctx.waitForSignal('paid', { timeout: '1h', default: 'late' })
      return [first, await ctx.waitForSignal('paid')]
    })
    await run.give({ type: 'fire_timer', seq: 1 }, signalled('paid', 'after'))
    expect(run.history.at(-1)).toMatchObject({ result: ['late', 'after'] })
    await replayed(run.definition, run.history)
  })

  test('that took the signal ignores its timer, even when both come in one turn', async () => {
    const run = await begun(async (ctx: Ctx) => ctx.waitForSignal('paid', { timeout: '1h', default: 'late' }))
    await run.give(signalled('paid', 'in time'), { type: 'fire_timer', seq: 1 })
    expect(run.history.at(-1)).toMatchObject({ result: 'in time' })
    expect(run.types).not.toContain('timer_fired')
  })

  test('with no time at all gives the default in the next turn', async () => {
    const run = await begun(async (ctx: Ctx) => ctx.waitForSignal('paid', { timeout: 0, default: 'none' }))
    expect(run.history.at(-1)).toMatchObject({ type: 'timer_started', fireAt: noon })
    await run.fire(1)
    expect(run.history.at(-1)).toMatchObject({ result: 'none' })
  })
})

describe('receiveSignal', () => {
  test('tells an answer from a timeout, and when it came', async () => {
    const run = await begun(async (ctx: Ctx) => [
      await ctx.receiveSignal('paid'),
      await ctx.receiveSignal('paid', { timeout: '1m' }),
    ])
    run.now += 5_000
    await run.signal('paid')
    await run.fire(1)
    const receivedAt = { $type: 'Date', value: new Date(noon + 5_000).toISOString() }
    const [first, second] = (run.history.at(-1) as { result: unknown[] }).result
    expect(first).toMatchObject({ received: true })
    expect(JSON.stringify(first)).toContain(receivedAt.value)
    expect(second).toEqual({ received: false })
  })
})

async function doneInTime(ctx: Ctx): Promise<boolean> {
  let done = false
  void ctx.waitForSignal('done').then(() => (done = true))
  return ctx.condition(() => done, '1m')
}

describe('a condition', () => {
  test('that holds already is no wait', async () => {
    const run = await begun(async (ctx: Ctx) => ctx.condition(() => true))
    expect(run.types).toEqual(['workflow_started', 'workflow_completed'])
  })

  test('comes true by what happens to the run, and wakes others that it makes true', async () => {
    const run = await begun(async (ctx: Ctx) => {
      let count = 0
      void (async () => {
        for (;;) {
          await ctx.waitForSignal('one')
          count += 1
        }
      })()
      const chain = ctx.condition(() => count > 10)
      await ctx.condition(() => count === 2)
      count = 11
      return chain
    })
    await run.signal('one')
    expect(run.state.closed).toBeNull()
    await run.signal('one')
    expect(run.history.at(-1)).toMatchObject({ type: 'workflow_completed', result: true })
    await replayed(run.definition, run.history)
  })

  test('out of time is false; in time it drops its timer', async () => {
    const late = await begun(doneInTime)
    await late.fire(1)
    expect(late.history.at(-1)).toMatchObject({ result: false })
    const early = await begun(doneInTime)
    const events = await early.signal('done')
    expect(events.map((event) => event.type)).toEqual([
      'signal_received',
      'timer_cancelled',
      'workflow_completed',
    ])
  })

  test('that throws rejects its own wait', async () => {
    const run = await begun(async (ctx: Ctx) => {
      let broken = false
      void ctx.waitForSignal('break').then(() => (broken = true))
      const held = ctx.condition(() => {
        if (broken) throw new RangeError('broken')
        return false
      })
      return held.catch((error: Error) => error.message)
    })
    await run.signal('break')
    expect(run.history.at(-1)).toMatchObject({ result: 'broken' })
  })

  test('is asked again after everything, whatever its name', async () => {
    let asked = 0
    const run = await begun(async (ctx: Ctx) => {
      await ctx.condition(() => {
        asked += 1
        return false
      })
    })
    const before = asked
    await run.signal('unheard')
    expect(asked).toBe(before + 1)
  })
})
