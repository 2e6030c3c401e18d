/** The founding document's other workflows, as written there; its loose statements stand in a workflow of their own. */
import { sleep, workflow } from '../../../shared/index.ts'
import { orderWorkflow } from './order.ts'
import type { Order } from './order.ts'

// Periodic execution (cron-like)
const subscription = workflow('monthlyBilling', async (ctx, customerId) => {
  while (true) {
    await ctx.activity('processPayment', { input: customerId })
    await ctx.sleep('30d')
  }
})
export const subscriptionWorkflow = subscription

// The one annotation added: under `strict` no callback of an untyped `orders.map(...)` compiles, whatever we declare.
export const parentWorkflow = workflow('processOrders', async (ctx, orders: Order[]) => {
  // Fan-out: Start child workflow for each order
  const handles = await Promise.all(
    orders.map((order) =>
      ctx.startChild(orderWorkflow, {
        workflowId: `order-${order.id}`,
        input: order,
      }),
    ),
  )

  // Wait for all children
  const results = await Promise.all(handles.map((h) => h.result()))

  return { processed: results.length }
})

export const withActivityOptions = workflow('withActivityOptions', async (ctx, items: string[]) =>
  // Activity options
  ctx.activity('reserveInventory', {
    input: items,
    retry: {
      maxAttempts: 5,
      initialInterval: '1s',
      maxInterval: '1m',
      backoffCoefficient: 2,
    },
    timeout: '30s',
    heartbeatTimeout: '10s',
  }),
)

export const withTimers = workflow('withTimers', async (ctx) => {
  // Durable sleep
  await ctx.sleep('1h')

  // Wait until specific time
  await ctx.sleepUntil('2024-02-01T00:00:00Z')

  await sleep('1h')
})

export const withMessages = workflow('withMessages', async (ctx) => {
  // Define query handler
  ctx.setQueryHandler('status', () => ({
    step: ctx.currentStep,
    startedAt: ctx.startTime,
  }))

  // Wait for signal
  const approval = await ctx.waitForSignal('managerApproval', {
    timeout: '7d',
  })
  return approval
})
