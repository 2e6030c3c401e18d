/**
 * What touches the world. An activity may run more than once for the same call: what it asks of others, it asks with
 * `ctx.idempotencyKey`, so that they do it once.
 */
import { defineActivity } from 'perdure'
import type { Order } from './order.ts'

export const reserveStock = defineActivity('reserveStock', async (order: Order, ctx): Promise<string> => {
  console.log(`reserving ${order.quantity} of ${order.sku}, attempt ${ctx.attempt}`)
  return `reservation-${ctx.idempotencyKey}`
})

export const releaseStock = defineActivity('releaseStock', async (reservation: string): Promise<void> => {
  console.log(`releasing ${reservation}`)
})

export const ship = defineActivity(
  'ship',
  async (order: Order, ctx): Promise<string> => {
    console.log(`shipping to ${order.address}`)
    return `track-${ctx.workflowId}`
  },
  { retry: { maxAttempts: 5, initialInterval: '1s' }, timeout: '30s' },
)
