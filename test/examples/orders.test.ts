/** 02-orders in virtual time; `npm run demo` runs it on local workerd, with real invoices. */
import { beforeEach, expect, test } from 'vitest'
import {
  cancelReservation,
  connectInventory,
  reserveInventory,
  shipOrder,
} from '../../examples/orders/activities.ts'
import type { Order } from '../../examples/orders/order.ts'
import { payment, processOrder, reserveLines, status } from '../../examples/orders/workflows.ts'
import { ok, status as answer, worldOf } from './world.ts'

const world = worldOf({
  workflows: [processOrder, reserveLines],
  activities: [reserveInventory, cancelReservation, shipOrder],
})

beforeEach(() => {
  connectInventory({ fetch: (url, init) => fetch(url, init) })
  world.answer = ({ url }) => ok(url.endsWith('/ship') ? { trackingNumber: 'T-1' } : {})
})

test('an order that is paid is shipped', async () => {
  const run = await start(orderOf(2))
  await world.env.settle()
  expect(await run.query(status)).toMatchObject({ stage: 'awaiting_payment' })
  await run.signal(payment, { amount: 20, method: 'card' })
  expect(await run.result()).toEqual({ status: 'completed', trackingNumber: 'T-1' })
  expect(calls()).toEqual(['reserve', 'reserve', 'ship'])
})

test('one that is not paid within a day gives its stock back', async () => {
  const run = await start(orderOf(1))
  await world.env.advance('1d')
  expect(await run.result()).toEqual({ status: 'cancelled', reason: 'payment_timeout' })
  expect(calls()).toEqual(['reserve', 'release'])
})

test('an inventory that is down is asked again; what is out of stock is not', async () => {
  const answers = [
    answer(503),
    ok(),
    Response.json({ code: 'out_of_stock', message: 'none' }, { status: 409 }),
  ]
  world.answer = () => answers.shift() ?? ok()
  const run = await start(orderOf(2))
  await world.env.advance('1s')
  expect(await run.result()).toEqual({ status: 'cancelled', reason: 'out_of_stock' })
  expect(calls()).toEqual(['reserve', 'reserve', 'reserve', 'release'])
})

test('a large order is reserved by children, ten lines each', async () => {
  const run = await start(orderOf(85))
  await run.signal(payment, { amount: 850, method: 'invoice' })
  expect(await run.result()).toMatchObject({ status: 'completed' })
  expect(calls().filter((call) => call === 'reserve')).toHaveLength(85)
  expect(await world.env.client.count({ workflowType: 'reserveLines' })).toBe(9)
})

function orderOf(lines: number): Order {
  return {
    id: '536365',
    lines: Array.from({ length: lines }, (_, index) => ({ sku: `s-${index}`, quantity: 1, unitPrice: 10 })),
    shipping: { customer: '17850', country: 'United Kingdom' },
  }
}

function start(input: Order) {
  return world.env.client.start(processOrder, { workflowId: `order-${input.id}`, input })
}

function calls(): string[] {
  return world.requests.map((request) => request.replace(/.*\//, ''))
}
