/** As the guide to the test environment shows it. */
import { afterEach, beforeEach, expect, test } from 'vitest'
// Loaded ahead, so that no test's own time pays for it on a busy machine.
import '../../testing/simulated/platform.ts'
import { orderWorkflow, reserveInventory } from '../../examples/docs/order.ts'
import { cancelReservation, shipOrder } from '../../examples/docs/test-activities.ts'
import { createTestEnvironment, historySnapshot } from '../../testing/index.ts'
import type { TestEnvironment } from '../../testing/index.ts'

let env: TestEnvironment

beforeEach(async () => {
  env = await createTestEnvironment({
    workflows: [orderWorkflow],
    activities: [reserveInventory, cancelReservation, shipOrder],
    startTime: '2026-01-01T09:00:00Z',
  })
  env.mockActivity(reserveInventory, (items) => ({ id: `reserved ${items.join()}` }))
})

afterEach(async () => {
  await env.dispose()
})

const order = { id: '7', items: ['lamp'], shipping: 'Main Street 1' }

test('an order that is not paid within a day is cancelled', async () => {
  const handle = await env.client.start(orderWorkflow, { workflowId: 'order-7', input: order })
  await env.advance('23h')
  expect((await handle.describe()).status).toBe('running')
  await env.advance('1h')
  expect(await handle.result()).toEqual({ status: 'cancelled', reason: 'payment_timeout' })
})

test('an order that is paid is shipped', async () => {
  const handle = await env.client.start(orderWorkflow, { workflowId: 'order-7', input: order })
  await env.settle()
  await handle.signal('payment', { amount: 99.99 })
  expect(await handle.result()).toEqual({ status: 'completed', trackingNumber: 'track-7' })
})

test('nothing is reserved twice when the process is lost after the reservation', async () => {
  let reservations = 0
  env.mockActivity(reserveInventory, () => ({ id: `reservation ${(reservations += 1)}` }))
  env.crashAfter('activity_completed')
  const handle = await env.client.start(orderWorkflow, { workflowId: 'order-7', input: order })
  await env.advance('24h')
  expect(await handle.result()).toMatchObject({ status: 'cancelled' })
  expect(reservations).toBe(1)
})

test('the history of an order stays as it is', async () => {
  const handle = await env.client.start(orderWorkflow, { workflowId: 'order-7', input: order })
  await env.advance('24h')
  await expect(await historySnapshot(handle)).toMatchFileSnapshot('snapshots/order-unpaid.jsonl')
})
