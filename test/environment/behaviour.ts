/** What an environment shows of workflows, simulated or in workerd: the same tests of the same definitions. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { orderWorkflow, reserveInventory } from '../../examples/docs/order.ts'
import { cancelReservation, shipOrder } from '../../examples/docs/test-activities.ts'
import { workflow } from '../../shared/index.ts'
import type { HistoryEventType, WorkflowHandle } from '../../shared/index.ts'
import type { TestEnvironment } from '../../testing/index.ts'

const orders = workflow('orders', async (ctx, ids: string[]) => {
  const children = await Promise.all(
    ids.map((id) =>
      ctx.startChild(orderWorkflow, { workflowId: id, input: { id, items: [id], shipping: 'here' } }),
    ),
  )
  return await Promise.all(children.map((child) => child.result()))
})

export const workflows = [orderWorkflow, orders]
export const activities = [reserveInventory, cancelReservation, shipOrder]

const order = (id: string) => ({
  workflowId: id,
  input: { id, items: ['lamp'], shipping: 'Main Street 1' },
})

export function behavesAsDeployed(create: () => Promise<TestEnvironment> | TestEnvironment): void {
  let env: TestEnvironment

  beforeEach(async () => {
    env = await create()
    env.mockActivity(reserveInventory, (items) => ({ id: `reserved ${items.join()}` }))
  })
  afterEach(async () => {
    await env.dispose()
  })

  describe('an order', () => {
    test('that nobody pays is cancelled after a day', async () => {
      const handle = await env.client.start(orderWorkflow, order('unpaid'))
      await env.advance('23h')
      expect((await handle.describe()).status).toBe('running')
      await env.advance('61m')
      expect(await handle.result()).toEqual({ status: 'cancelled', reason: 'payment_timeout' })
    })

    test('that is paid is shipped, whatever was evicted meanwhile', async () => {
      const handle = await env.client.start(orderWorkflow, order('paid'))
      await env.settle()
      await env.evict('paid')
      await handle.signal('payment', { amount: 1 })
      await env.evict()
      expect(await handle.result()).toEqual({ status: 'completed', trackingNumber: 'track-paid' })
    })

    test('whose reservation fails twice is tried again after one second, then two', async () => {
      const attempts: number[] = []
      env.mockActivity(reserveInventory, (_, ctx) => {
        attempts.push(ctx.attempt)
        if (ctx.attempt < 3) throw new Error('the warehouse is closed')
        return { id: 'third' }
      })
      const handle = await env.client.start(orderWorkflow, order('retried'))
      await env.settle()
      await env.advance('1s')
      await env.advance('2s')
      expect(attempts).toEqual([1, 2, 3])
      expect(await recordedTypes(handle)).toEqual([
        'workflow_started',
        'activity_scheduled',
        'activity_completed',
        'timer_started',
      ])
    })

    test('of any size is one', async () => {
      const large = 'x'.repeat(200_000)
      env.mockActivity(reserveInventory, ([item = '']) => ({ id: item + item }))
      const handle = await env.client.start(orderWorkflow, {
        workflowId: 'large',
        input: { id: 'large', items: [large], shipping: large },
      })
      await env.settle()
      await handle.signal('payment', { amount: 1 })
      expect(await handle.result()).toEqual({ status: 'completed', trackingNumber: 'track-large' })
    })
  })

  test('children on several shards end in the order of their payments, or with their day', async () => {
    const ids = ['child-1', 'child-2', 'child-3']
    const parent = await env.client.start(orders, { workflowId: 'parent', input: ids })
    await env.settle()
    await env.client.getHandle('child-2').signal('payment', { amount: 1 })
    await env.advance('25h')
    const cancelled = { status: 'cancelled', reason: 'payment_timeout' }
    const shipped = { status: 'completed', trackingNumber: 'track-child-2' }
    expect(await parent.result()).toEqual([cancelled, shipped, cancelled])
  })
}

async function recordedTypes(handle: WorkflowHandle): Promise<HistoryEventType[]> {
  const types: HistoryEventType[] = []
  for await (const { type } of handle.history()) types.push(type)
  return types
}
