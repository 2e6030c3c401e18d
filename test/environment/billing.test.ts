/** The founding document's workflows over months of virtual time. */
import { expect, test } from 'vitest'
import { defineActivity } from '../../shared/index.ts'
import { orderWorkflow, reserveInventory } from '../conformance/examples/order.ts'
import { parentWorkflow, subscriptionWorkflow } from '../conformance/examples/processes.ts'
import { environments } from './environments.ts'

const create = environments()

const DAY_MS = 86_400_000
const startTime = new Date('2026-01-01T00:00:00Z')

test('monthlyBilling charges twenty-four times in twenty-four months of thirty days', async () => {
  const paidAt: number[] = []
  const processPayment = defineActivity('processPayment', async (_customer: string, ctx) => {
    paidAt.push(ctx.deadline.getTime())
  })
  const env = await create({
    workflows: [subscriptionWorkflow],
    activities: [processPayment],
    startTime,
  })
  const handle = await env.client.start(subscriptionWorkflow, { workflowId: 'billing', input: 'customer-7' })
  await env.advance(`${24 * 30 - 1}d`)

  const [first = 0] = paidAt
  expect(paidAt.map((at) => (at - first) / DAY_MS)).toEqual(
    Array.from({ length: 24 }, (_, month) => month * 30),
  )
  const { status, pendingActivities, waitingFor } = await handle.describe()
  expect({ status, pendingActivities }).toEqual({ status: 'running', pendingActivities: [] })
  expect(waitingFor).toMatchObject([{ kind: 'timer', until: new Date(startTime.getTime() + 720 * DAY_MS) }])
})

test('processOrders: children on both shards, paid and not', async () => {
  const released: string[] = []
  const activities = [
    reserveInventory,
    defineActivity('cancelReservation', async (id: string) => void released.push(id)),
    defineActivity('shipOrder', async ({ orderId }: { orderId: string }) => ({
      tracking: `track-${orderId}`,
    })),
  ]
  const env = await create({ workflows: [parentWorkflow, orderWorkflow], activities })
  env.mockActivity(reserveInventory, (items) => ({ id: `reservation-${items.join()}` }))
  const orders = Array.from({ length: 6 }, (_, i) => ({
    id: `${i}`,
    items: [`sku-${i}`],
    shipping: 'Main St 1',
  }))
  const parent = await env.client.start(parentWorkflow, { workflowId: 'orders', input: orders })
  await env.settle()
  await env.client.getHandle('order-2').signal('payment', { amount: 1 })
  await env.advance('24h')

  expect(await parent.result()).toEqual({ processed: 6 })
  expect(await env.client.getHandle('order-2').result()).toEqual({
    status: 'completed',
    trackingNumber: 'track-2',
  })
  expect(released.toSorted()).toEqual([0, 1, 3, 4, 5].map((i) => `reservation-sku-${i}`))
})
