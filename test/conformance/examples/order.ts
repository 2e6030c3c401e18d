/** The founding document's order workflow and its first activity, as written there. */
import { defineActivity, workflow } from '../../../shared/index.ts'

export interface Order {
  id: string
  items: string[]
  shipping: string
}

// Define a workflow
export const orderWorkflow = workflow('processOrder', async (ctx, order: Order) => {
  // Activity: Reserve inventory
  const reserved = await ctx.activity('reserveInventory', {
    input: order.items,
    retry: { maxAttempts: 3, backoff: 'exponential' },
  })

  // Timer: Wait for payment (with timeout)
  const payment = await ctx.waitForSignal('payment', {
    timeout: '24h',
    default: null,
  })

  if (!payment) {
    // Cancel reservation
    await ctx.activity('cancelReservation', { input: reserved.id })
    return { status: 'cancelled', reason: 'payment_timeout' }
  }

  // Activity: Ship order
  const shipment = await ctx.activity('shipOrder', {
    input: { orderId: order.id, address: order.shipping },
  })

  return { status: 'completed', trackingNumber: shipment.tracking }
})

// Define activity implementation
export const reserveInventory = defineActivity('reserveInventory', async (items) => {
  // Call external inventory service
  const response = await fetch('https://inventory.api/reserve', {
    method: 'POST',
    body: JSON.stringify(items),
  })
  return response.json()
})
