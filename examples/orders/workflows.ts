/** The order workflow: reserve the stock line by line, wait for the payment, ship. */
import {
  ApplicationError,
  CancelledError,
  query,
  signal,
  workflow,
  type WorkflowContext,
} from '../../shared/index.ts'
import { cancelReservation, reserveInventory, shipOrder } from './activities.ts'
import type { Order, OrderLine, OrderOutcome, OrderStage, OrderStatus, Payment } from './order.ts'

/** Larger orders are reserved by children, each a group of lines, all at once. */
const LINES_WITHOUT_CHILDREN = 80
const LINES_PER_CHILD = 10

export const payment = signal<Payment>('payment')
export const status = query<OrderStatus>('status')

export const processOrder = workflow(
  'processOrder',
  { taskQueue: 'orders', messages: { payment, status } },
  async (ctx, order: Order): Promise<OrderOutcome> => {
    let stage: OrderStage = 'reserving'
    ctx.setQueryHandler('status', (): OrderStatus => {
      return { stage, step: ctx.currentStep, startedAt: ctx.startTime }
    })

    try {
      // Activity: Reserve inventory
      if (order.lines.length > LINES_WITHOUT_CHILDREN) await reserveInGroups(ctx, order)
      else await reserveOneByOne(ctx, order)

      // Timer: Wait for payment (with timeout)
      stage = 'awaiting_payment'
      const paid = await ctx.waitForSignal('payment', {
        timeout: order.paymentWindow ?? '24h',
        default: null,
      })

      if (!paid) {
        await ctx.activity(cancelReservation, { input: order.id })
        return { status: 'cancelled', reason: 'payment_timeout' }
      }

      // Activity: Ship order
      stage = 'shipping'
      const shipment = await ctx.activity(shipOrder, {
        input: { orderId: order.id, address: order.shipping },
      })
      return { status: 'completed', trackingNumber: shipment.tracking }
    } catch (error) {
      // Cancelled from outside, or a line that cannot be had: what was reserved goes back in either case
      if (!(error instanceof CancelledError) && !isOutOfStock(error)) throw error
      await ctx.shield(() => ctx.activity(cancelReservation, { input: order.id }))
      if (error instanceof CancelledError) throw error
      return { status: 'cancelled', reason: 'out_of_stock' }
    } finally {
      stage = 'closed'
    }
  },
)

export const reserveLines = workflow(
  'reserveLines',
  { taskQueue: 'orders' },
  async (ctx, part: { id: string; lines: readonly OrderLine[] }): Promise<number> => {
    await reserveOneByOne(ctx, part)
    return part.lines.length
  },
)

export const workflows = [processOrder, reserveLines]

async function reserveOneByOne(
  ctx: Pick<WorkflowContext, 'activity'>,
  { id, lines }: { id: string; lines: readonly OrderLine[] },
): Promise<void> {
  for (const line of lines) {
    await ctx.activity(reserveInventory, { input: { orderId: id, line } })
  }
}

/** Fan-out: one child workflow for each group of lines. */
async function reserveInGroups(
  ctx: Pick<WorkflowContext, 'startChild' | 'workflowId'>,
  { id, lines }: Order,
): Promise<void> {
  const groups = Array.from({ length: Math.ceil(lines.length / LINES_PER_CHILD) }, (_, group) =>
    lines.slice(group * LINES_PER_CHILD, (group + 1) * LINES_PER_CHILD),
  )
  const children = await Promise.all(
    groups.map((part, group) =>
      ctx.startChild(reserveLines, {
        workflowId: `${ctx.workflowId}-part-${group + 1}`,
        input: { id, lines: part },
      }),
    ),
  )
  await Promise.all(children.map((child) => child.result()))
}

/** Errors cross from the activity, and from a child, with their cause chain whole. */
function isOutOfStock(error: unknown): boolean {
  if (error instanceof ApplicationError && error.type === 'out_of_stock') return true
  return error instanceof Error && error.cause !== undefined && isOutOfStock(error.cause)
}
