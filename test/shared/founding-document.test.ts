/**
 * Every example of the founding document, as written there: that this file type-checks is the test. One annotation is
 * added, `orders: Order[]`: under `strict` no callback of an untyped `orders.map(...)` compiles, whatever we declare.
 */
import { describe, expect, expectTypeOf, test } from 'vitest'
import type {
  EngineNamespace,
  Page,
  WorkflowCdcEvent,
  WorkflowContext,
  WorkflowSummary,
} from '../../shared/index.ts'
import {
  WorkflowClient,
  WorkflowWorker,
  activity,
  defineActivity,
  signal,
  sleep,
  workflow,
} from '../../shared/index.ts'

interface Order {
  id: string
  items: string[]
  shipping: string
}

const orderWorkflow = workflow('processOrder', async (ctx, order: Order) => {
  const reserved = await ctx.activity('reserveInventory', {
    input: order.items,
    retry: { maxAttempts: 3, backoff: 'exponential' },
  })
  const payment = await ctx.waitForSignal('payment', {
    timeout: '24h',
    default: null,
  })
  if (!payment) {
    await ctx.activity('cancelReservation', { input: reserved.id })
    return { status: 'cancelled', reason: 'payment_timeout' }
  }
  const shipment = await ctx.activity('shipOrder', {
    input: { orderId: order.id, address: order.shipping },
  })
  return { status: 'completed', trackingNumber: shipment.tracking }
})

const reserveInventory = defineActivity('reserveInventory', async (items) => {
  const response = await fetch('https://inventory.api/reserve', {
    method: 'POST',
    body: JSON.stringify(items),
  })
  return response.json()
})

const subscriptionWorkflow = workflow('monthlyBilling', async (ctx, customerId) => {
  while (true) {
    await ctx.activity('processPayment', { input: customerId })
    await ctx.sleep('30d')
  }
})

const parentWorkflow = workflow('processOrders', async (ctx, orders: Order[]) => {
  const handles = await Promise.all(
    orders.map((order) =>
      ctx.startChild(orderWorkflow, {
        workflowId: `order-${order.id}`,
        input: order,
      }),
    ),
  )
  const results = await Promise.all(handles.map((h) => h.result()))
  return { processed: results.length }
})

async function inWorkflowCode(ctx: WorkflowContext, items: string[]): Promise<void> {
  await ctx.activity('reserveInventory', {
    input: items,
    retry: {
      maxAttempts: 5,
      initialInterval: '1s',
      maxInterval: '1m',
      backoffCoefficient: 2,
    },
    timeout: '30s',
    heartbeatTimeout: '10s',
  })
  await ctx.sleep('1h')
  await ctx.sleepUntil('2024-02-01T00:00:00Z')
  await sleep('1h')
  const approval = await ctx.waitForSignal('managerApproval', {
    timeout: '7d',
  })
  expect(approval.approved).toBe(true)
  ctx.setQueryHandler('status', () => ({
    step: ctx.currentStep,
    startedAt: ctx.startTime,
  }))
}

async function fromOutside(env: { DO: EngineNamespace }, orderId: string, order: Order): Promise<void> {
  const client = new WorkflowClient(env.DO)
  const handle = await client.start(orderWorkflow, {
    workflowId: `order-${orderId}`,
    input: order,
    taskQueue: 'orders',
  })
  const result = await handle.result()
  expect(result.trackingNumber ?? result.reason).toBeDefined()
  const status = await handle.query('status')
  expect(status.step).toBe(1)
  await handle.signal('payment', { amount: 99.99, method: 'card' })
  await handle.signal('managerApproval', { approved: true, by: 'manager@co.com' })
  await handle.cancel()
  const workflows = await client.list({
    status: 'running',
    taskQueue: 'orders',
  })
  expectTypeOf(workflows).toEqualTypeOf<Page<WorkflowSummary>>()
  const info = await client.describe('order-123')
  expectTypeOf(info.startedAt).toEqualTypeOf<Date>()
  await client.terminate('order-123', 'Admin cancellation')
}

const changeEvents: WorkflowCdcEvent[] = [
  { type: 'workflow.started', workflowId: 'order-123', workflowType: 'processOrder', taskQueue: 'orders' },
  {
    type: 'workflow.activity_completed',
    workflowId: 'order-123',
    activityType: 'reserveInventory',
    attempt: 1,
  },
  { type: 'workflow.completed', workflowId: 'order-123', status: 'completed', durationMs: 86400000 },
]

describe('the founding document', () => {
  test('its worker takes its definitions', async () => {
    const processPayment = activity('processPayment', async () => {})
    const shipOrder = activity('shipOrder', async () => ({ tracking: 't-1' }))
    const worker = new WorkflowWorker({
      taskQueue: 'orders',
      workflows: [orderWorkflow, subscriptionWorkflow, parentWorkflow],
      activities: [reserveInventory, processPayment, shipOrder],
    })
    await expect(worker.run()).resolves.toBeUndefined()
  })

  test('its other examples are code that compiles', () => {
    expect([inWorkflowCode, fromOutside]).toHaveLength(2)
    expect(changeEvents.map((event) => event.type)).toHaveLength(3)
    expect(signal('payment').name).toBe('payment')
  })
})
