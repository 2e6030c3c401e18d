/** Row 88 on workerd; its 10,000 interleavings run on Node, in `test/replay/signal-race.test.ts`. */
import { describe, expect, test } from 'vitest'
import { query, signal, workflow } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { advance, client, evict, recorded, seeded } from './world.ts'

const item = signal<string>('item')
const end = signal('end')
const read = query<string[]>('read')
const TIMEOUT_MS = 1_000

const reading = workflow('reading', async (ctx, waits: number) => {
  const items: string[] = []
  ctx.setQueryHandler(read, () => items)
  for (let wait = 0; wait < waits; wait += 1) {
    const one = await ctx.waitForSignal(item, { timeout: TIMEOUT_MS, default: null })
    if (one !== null) items.push(one)
  }
  await ctx.waitForSignal(end)
  return items
})
register(reading)

describe('88 signal/not lost under timeout race', () => {
  test('88 signal/not lost under timeout race: sent as the wait runs out, a signal is read once or discarded unread', async () => {
    let [inTime, tooLate] = [0, 0]
    for (let seed = 1; seed <= 20; seed += 1) {
      const draw = seeded(seed)
      const run = await client.start(reading, { workflowId: `seed-${seed}`, input: 3 })
      const sent: string[] = []
      for (let time = 0; time < 4; time += 1) {
        const signalId = `${seed}-${time}`
        sent.push(signalId)
        const send = () => run.signal(item, signalId, { signalId })
        const pass = () => advance(Math.floor(draw() * 3) * (TIMEOUT_MS / 2))
        const racing = [send, pass, send].toSorted(() => draw() - 0.5)
        await Promise.all(racing.map((act) => act())) // the second send is a retry of the first
        if (draw() < 0.3) await evict(run.workflowId)
      }
      const reads = await run.query(read)
      await run.signal(end)
      await expect(run.result()).resolves.toEqual(reads)
      const discarded = (await recorded(run, 'signals_discarded')).flatMap(
        ({ signalIds }) => signalIds as string[], // the event's own
      )
      expect({ seed, signals: [...reads, ...discarded].toSorted() }).toEqual({ seed, signals: sent })
      inTime += reads.length
      tooLate += (await recorded(run, 'timer_fired')).length
    }
    expect(inTime).toBeGreaterThan(10)
    expect(tooLate).toBeGreaterThan(5)
  })
})
