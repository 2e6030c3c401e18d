/**
 * An order as in `examples/orders`: reserve line by line, then ship. Its steps do nothing, so that runs come as fast as
 * the engine makes them; what history records of them has the shape and the values of the example's.
 */
import { type WorkflowContext, defineActivity, workflow } from '../../../shared/index.ts'
import type { Order, OrderLine } from '../../archive/figures.ts'

export const TASK_QUEUE = 'orders'

interface Purchase {
  lane: 'inline' | 'queue'
  order: Order
}

export const reserveInventory = defineActivity<{ orderId: string; line: OrderLine }, void>(
  'reserveInventory',
  () => {},
  { taskQueue: TASK_QUEUE },
)

export const shipOrder = defineActivity<{ orderId: string; address: Order['shipping'] }, Shipment>(
  'shipOrder',
  ({ orderId, address }) => shipped(orderId, address),
  { taskQueue: TASK_QUEUE },
)

interface Shipment {
  tracking: string
}

export const purchase = workflow(
  'processOrder',
  { taskQueue: TASK_QUEUE },
  async (ctx: WorkflowContext, { lane, order }: Purchase) => {
    const { id: orderId, shipping } = order
    for (const line of order.lines) {
      if (lane === 'inline') await ctx.run('reserveInventory', () => line)
      else await ctx.activity(reserveInventory, { input: { orderId, line } })
    }
    const { tracking } =
      lane === 'inline'
        ? await ctx.run('shipOrder', () => shipped(orderId, shipping))
        : await ctx.activity(shipOrder, { input: { orderId, address: shipping } })
    return { status: 'completed', trackingNumber: tracking }
  },
)

function shipped(orderId: string, { country }: Order['shipping']): Shipment {
  return { tracking: `${country.slice(0, 2).toUpperCase()}-${orderId}` }
}
