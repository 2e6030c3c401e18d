/** A scenario of a few orders, with a step, a timer, a signal, activities and a child on another shard. */
import { defineActivity, signal, workflow } from '../../shared/index.ts'
import { pause } from '../../shared/time.ts'
import type { Time } from '../../shared/time.ts'
import type { Code, SimulatedWorld } from './world.ts'

const paid = signal<number>('paid')

export function smallCode(time: Time): Code {
  const ship = defineActivity('ship', async ({ ms }: { ms: number }) => {
    await pause(time, ms)
    return ms
  })
  const parcel = workflow('parcel', async (ctx, ms: number) => {
    await ctx.sleep(500)
    return await ctx.activity(ship, { input: { ms } })
  })
  const order = workflow('order', { messages: { paid } }, async (ctx, parcels: number) => {
    const price = await ctx.run('price', () => parcels * 10)
    const payment = await ctx.waitForSignal(paid)
    const shipped = await Promise.all(
      Array.from({ length: parcels }, (_, index) =>
        ctx.executeChild(parcel, { workflowId: `${ctx.workflowId}-${index}`, input: 1_000 * index }),
      ),
    )
    return { price, payment, shipped: shipped.length }
  })
  return { workflows: [order, parcel], activities: [ship] }
}

export async function smallStory(world: SimulatedWorld, orders = 4): Promise<unknown[]> {
  const results: unknown[] = []
  for (let index = 0; index < orders; index += 1) {
    const workflowId = `order-${index}`
    const run = async (): Promise<void> => {
      const handle = await world.client.start('order', { workflowId, input: 2, requestId: workflowId })
      await pause(world.time, 3_000)
      await handle.signal(paid, index, { signalId: `paid-${index}` })
      results[index] = await handle.result()
    }
    world.time.after(
      index * 2_000,
      () => void run().catch((error: unknown) => (results[index] = String(error))),
    )
  }
  await world.advance(60_000)
  await world.calm()
  await world.advance(600_000)
  return results
}
