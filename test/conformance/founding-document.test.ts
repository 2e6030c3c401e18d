/** Row 81: the examples in `examples/` are the founding document's, as written; here each of them runs. */
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { WorkflowWorker, defineActivity } from '../../shared/index.ts'
import type { WorkflowCdcEvent } from '../../shared/index.ts'
import { changeEvents, register } from '../workers/registry.ts'
import * as clientCode from './examples/client.ts'
import { orderWorkflow, reserveInventory } from './examples/order.ts'
import type { Order } from './examples/order.ts'
import {
  parentWorkflow,
  subscriptionWorkflow,
  withActivityOptions,
  withMessages,
  withTimers,
} from './examples/processes.ts'
import { advance, client, evict, rejection, recorded, typesOf, until, world } from './world.ts'

const env = { DO: world.SCHEDULER }
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const done: { activity: string; input: unknown }[] = []
const cancelReservation = defineActivity('cancelReservation', async (reservation) => {
  done.push({ activity: 'cancelReservation', input: reservation })
})
const shipOrder = defineActivity('shipOrder', async ({ orderId }) => ({ tracking: `track-${orderId}` }))
const processPayment = defineActivity('processPayment', async (customerId) => {
  done.push({ activity: 'processPayment', input: customerId })
})

register(orderWorkflow, subscriptionWorkflow, parentWorkflow, withActivityOptions, withTimers, withMessages)
register(reserveInventory, cancelReservation, shipOrder, processPayment)

const inventory: unknown[] = []
beforeAll(() => {
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    if (input !== 'https://inventory.api/reserve') throw new Error('it asks for something else')
    inventory.push(JSON.parse(init?.body as string))
    return Response.json({ id: `reservation-${inventory.length}` })
  })
})

beforeEach(() => {
  done.length = 0
  inventory.length = 0
})

const order = (id: string): Order => ({ id, items: [`item-${id}`], shipping: '1 Main St' })

/** Until the run waits for something of that kind and nothing else. */
async function waitsFor(workflowId: string, kind: string): Promise<void> {
  await until(async () => {
    const { waitingFor } = await client.describe(workflowId)
    return waitingFor.some((wait) => wait.kind === kind)
  })
}

describe('81 seed/every example', () => {
  test('81 seed/every example: processOrder, paid', async () => {
    const handle = await clientCode.startingAWorkflow(env, 'paid', order('paid'))
    await waitsFor('order-paid', 'signal')
    expect(inventory).toEqual([['item-paid']])
    await clientCode.sendingASignal(handle)
    const result = await clientCode.gettingTheResult(handle)
    expect(result).toEqual({ status: 'completed', trackingNumber: 'track-paid' })
    const [payment] = await recorded(handle, 'signal_received')
    expect(payment).toMatchObject({ name: 'payment', payload: { amount: 99.99, method: 'card' } })
    await expect(client.describe('order-paid')).resolves.toMatchObject({
      status: 'completed',
      taskQueue: 'orders',
      workflowType: 'processOrder',
    })
  })

  test('81 seed/every example: processOrder, not paid within 24h', async () => {
    const handle = await clientCode.startingAWorkflow(env, 'unpaid', order('unpaid'))
    const result = clientCode.gettingTheResult(handle)
    await waitsFor('order-unpaid', 'signal')
    await advance(DAY_MS - 60_000)
    await expect(client.describe('order-unpaid')).resolves.toMatchObject({ status: 'running' })
    await advance(60_000)
    await expect(result).resolves.toEqual({ status: 'cancelled', reason: 'payment_timeout' })
    expect(done).toEqual([{ activity: 'cancelReservation', input: 'reservation-1' }])
  })

  test('81 seed/every example: handle.cancel()', async () => {
    const handle = await clientCode.startingAWorkflow(env, 'cancelled', order('cancelled'))
    await waitsFor('order-cancelled', 'signal')
    await clientCode.cancelling(handle)
    const error = await rejection(clientCode.gettingTheResult(handle))
    expect(error).toMatchObject({ code: 'workflow_failed', status: 'cancelled' })
  })

  test('81 seed/every example: activity options', async () => {
    const items = ['a', 'b']
    const result = await client.execute(withActivityOptions, { workflowId: 'options', input: items })
    expect(result).toEqual({ id: 'reservation-1' })
    expect(inventory).toEqual([items])
    const [scheduled] = await recorded(client.getHandle('options'), 'activity_scheduled')
    expect(scheduled).toMatchObject({
      retry: { maxAttempts: 5, initialMs: 1_000, maxMs: 60_000, coefficient: 2 },
      timeouts: { startToCloseMs: 30_000, heartbeatMs: 10_000 },
    })
  })

  test('81 seed/every example: timers', async () => {
    const handle = await client.start(withTimers, { workflowId: 'timers' })
    await advance(HOUR_MS - 1_000)
    expect(await typesOf(handle)).toEqual(['workflow_started', 'timer_started'])
    await advance(1_000)
    await waitsFor('timers', 'timer') // the instant lies in the past: it fires in the next turn
    await until(async () => (await recorded(handle, 'timer_started')).length === 3)
    await advance(HOUR_MS)
    await handle.result()
    expect(await recorded(handle, 'timer_fired')).toHaveLength(3)
  })

  test('81 seed/every example: monthlyBilling for seven months', async () => {
    const handle = await client.start(subscriptionWorkflow, { workflowId: 'billing', input: 'customer-7' })
    for (let month = 1; month <= 7; month += 1) {
      await waitsFor('billing', 'timer')
      expect(done).toHaveLength(month)
      if (month % 2 === 0) await evict()
      await advance(30 * DAY_MS)
    }
    await until(() => done.length === 8)
    expect(done).toEqual(
      Array.from({ length: 8 }, () => ({ activity: 'processPayment', input: 'customer-7' })),
    )
    const months = (await recorded(handle, 'timer_started')).map(({ fireAt }) => Number(fireAt))
    const gaps = months.slice(1).map((at, index) => at - months[index]!)
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(30 * DAY_MS)
    await client.terminate('billing')
  })

  test('81 seed/every example: signals and queries', async () => {
    const handle = await client.start(withMessages, { workflowId: 'messages' })
    const status = await clientCode.queryingFromOutside(handle)
    const { startedAt } = await handle.describe()
    expect(status).toEqual({ step: 1, startedAt })
    await clientCode.sendingAnApproval(handle)
    await expect(handle.result()).resolves.toEqual({ approved: true, by: 'manager@co.com' })
  })

  test('81 seed/every example: waitForSignal with a timeout and no default', async () => {
    const handle = await client.start(withMessages, { workflowId: 'unapproved' })
    await advance(7 * DAY_MS)
    const error = await rejection(handle.result())
    expect(error.cause).toMatchObject({ code: 'timeout', kind: 'signal', signalName: 'managerApproval' })
  })

  test('81 seed/every example: processOrders with 100 children', async () => {
    const orders = Array.from({ length: 100 }, (_, index) => order(`child-${index}`))
    const parent = await client.start(parentWorkflow, { workflowId: 'orders', input: orders })
    await until(() => inventory.length === 100)
    for (const { id } of orders) {
      await waitsFor(`order-${id}`, 'signal')
      await clientCode.sendingASignal(client.getHandle(`order-${id}`))
    }
    await expect(parent.result()).resolves.toEqual({ processed: 100 })
    expect(await recorded(parent, 'child_started')).toHaveLength(100)
    expect(await recorded(parent, 'child_completed')).toHaveLength(100)
    expect(inventory).toHaveLength(100)
  })

  test('81 seed/every example: the worker, list, describe and terminate', async () => {
    // Start worker to execute workflows
    const worker = new WorkflowWorker({
      taskQueue: 'orders',
      workflows: [orderWorkflow, subscriptionWorkflow],
      activities: [reserveInventory, processPayment, shipOrder],
    })

    await worker.run()

    const handle = await clientCode.startingAWorkflow(env, '123', order('123'))
    const workflows = await clientCode.listing(env)
    expect(workflows.map(({ workflowId }) => workflowId)).toEqual(['order-123'])
    const info = await clientCode.describing(client)
    expect(info).toMatchObject({ workflowId: 'order-123', runId: handle.runId, status: 'running' })
    await clientCode.terminating(client)
    const error = await rejection(handle.result())
    expect(error.cause).toMatchObject({ code: 'terminated', reason: 'Admin cancellation' })
  })

  test('81 seed/every example: the change events', async () => {
    const handle = await clientCode.startingAWorkflow(env, 'cdc', order('cdc'))
    await clientCode.sendingASignal(handle)
    await handle.result()
    const written: WorkflowCdcEvent[] = [
      {
        type: 'workflow.started',
        workflowId: 'order-cdc',
        workflowType: 'processOrder',
        taskQueue: 'orders',
      },
      {
        type: 'workflow.activity_completed',
        workflowId: 'order-cdc',
        activityType: 'reserveInventory',
        attempt: 1,
      },
      {
        type: 'workflow.completed',
        workflowId: 'order-cdc',
        status: 'completed',
        durationMs: expect.any(Number),
      },
    ]
    await until(() =>
      changeEvents.some(
        ({ type, workflowId }) => type === 'workflow.completed' && workflowId === 'order-cdc',
      ),
    )
    const ofRun = changeEvents.filter(({ workflowId }) => workflowId === 'order-cdc')
    for (const event of written) expect(ofRun).toContainEqual(expect.objectContaining(event))
  })
})
