import { createTestEnvironment, type TestEnvironment } from 'perdure/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { releaseStock, reserveStock, ship } from '../activities.ts'
import { order, payment, stage, workflows } from '../workflows.ts'

const lamp = { sku: 'lamp', quantity: 2, address: '1 Main Street' }

let env: TestEnvironment

beforeEach(async () => {
  env = await createTestEnvironment({ workflows, activities: [reserveStock, releaseStock, ship] })
})

afterEach(() => env.dispose())

test('an order that is paid is shipped', async () => {
  const handle = await env.client.start(order, { workflowId: 'order-1', input: lamp })
  await env.settle()
  expect(await handle.query(stage)).toBe('awaiting payment')
  await handle.signal(payment, { amount: 40 })
  expect(await handle.result()).toEqual({ status: 'shipped', tracking: 'track-order-1' })
})

test('an order that is not paid within a day gives its stock back', async () => {
  const released: string[] = []
  env.mockActivity(releaseStock, (reservation) => void released.push(reservation))
  const handle = await env.client.start(order, { workflowId: 'order-2', input: lamp })
  await env.advance('24h')
  expect(await handle.result()).toEqual({ status: 'cancelled', reason: 'not paid within a day' })
  expect(released).toHaveLength(1)
})
