import { expect, test } from 'vitest'
import { signal, workflow } from '../../shared/define.ts'
import { WorkflowError } from '../../shared/errors.ts'
import { register } from '../workers/registry.ts'
import { advance, client, evict, recorded, seeded } from './world.ts'

interface Fired {
  timer: number
  dueAt: number
  at: number
}
const cancelTimer = signal<number>('cancel-timer')
/** Sleeps of the lengths given, all at once; each is in a scope of its own, which a signal cancels. */
const sleeping = workflow('timer-sleeping', { messages: { cancelTimer } }, async (ctx, lengths: number[]) => {
  const fired: Fired[] = []
  const cancels: ((reason?: string) => void)[] = []
  const sleepFor = async (ms: number, timer: number): Promise<void> => {
    const dueAt = ctx.now().getTime() + ms
    await ctx.scope(async (scope) => {
      cancels[timer] = (reason) => scope.cancel(reason)
      await ctx.sleep(ms)
      fired.push({ timer, dueAt, at: ctx.now().getTime() })
    })
  }
  const listen = async (): Promise<never> => {
    for (;;) cancels[await ctx.waitForSignal(cancelTimer)]?.('not needed')
  }
  await Promise.race([listen(), Promise.all(lengths.map((ms, i) => sleepFor(ms, i).catch(ignoreCancel)))])
  return fired
})
function ignoreCancel(error: unknown): void {
  if (!(error instanceof WorkflowError && error.code === 'cancelled')) throw error
}

const napping = workflow('timer-napping', async (ctx) => {
  await ctx.sleep(20)
  await ctx.sleep(0)
  await ctx.sleep(-5)
  return 'awake'
})
register(sleeping, napping)

test('77 timer (spec): fires once, at or after its time, in order and whatever is evicted; a cancelled one never', async () => {
  expect(await client.execute(napping, {})).toBe('awake')
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const random = seeded(seed)
    const lengths = Array.from({ length: 12 }, () => Math.floor(random() * 100_000_000))
    const handle = await client.start(sleeping, { workflowId: `timer-77-${seed}`, input: lengths })
    const cancelled = new Set<number>()
    for (const timer of [0, 3, 7]) {
      await handle.signal(cancelTimer, timer)
      cancelled.add(timer)
      if (random() < 0.5) await evict()
      await advance(Math.floor(random() * 20_000_000))
      if (random() < 0.5) await evict(handle.workflowId)
    }
    const before = (await recorded(handle, 'timer_fired')).length
    await advance(100_000_000)
    const fired = await handle.result()
    const stopped = await recorded(handle, 'timer_cancelled')
    expect(before, `seed ${seed}`).toBeLessThan(fired.length)
    expect(fired.length + stopped.length, `seed ${seed}`).toBe(lengths.length)
    expect(new Set(fired.map(({ timer }) => timer)).size).toBe(fired.length)
    for (const { dueAt, at } of fired) expect(at).toBeGreaterThanOrEqual(dueAt)
    expect(fired).toEqual(fired.toSorted((one, other) => one.dueAt - other.dueAt))
    const firedSeqs = (await recorded(handle, 'timer_fired')).map(({ seq }) => seq)
    expect(new Set(firedSeqs).size).toBe(firedSeqs.length)
    for (const { seq } of stopped) expect(firedSeqs).not.toContain(seq)
    expect(stopped.length).toBeGreaterThan(0)
    expect(stopped.length).toBeLessThanOrEqual(cancelled.size)
  }
})
