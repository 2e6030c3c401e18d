/** What must not be lost: it goes on where it was after a crash, an eviction or a deploy. */
import { query, signal, workflow } from 'perdure'
import { releaseStock, reserveStock, ship } from './activities.ts'
import type { Order, Outcome } from './order.ts'

export const payment = signal<{ amount: number }>('payment')
export const stage = query<string>('stage')

export const order = workflow(
  'order',
  { messages: { payment, stage } },
  async (ctx, input: Order): Promise<Outcome> => {
    let now = 'reserving'
    ctx.setQueryHandler('stage', () => now)
    const reservation = await ctx.activity(reserveStock, { input })

    now = 'awaiting payment'
    const paid = await ctx.waitForSignal('payment', { timeout: '24h', default: null })
    if (paid === null) {
      await ctx.activity(releaseStock, { input: reservation })
      return { status: 'cancelled', reason: 'not paid within a day' }
    }

    now = 'shipping'
    return { status: 'shipped', tracking: await ctx.activity(ship, { input }) }
  },
)

export const workflows = [order]
