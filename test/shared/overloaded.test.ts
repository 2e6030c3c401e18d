/** What a client makes of a shard that has no time for it. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WorkflowClient, workflow } from '../../shared/index.ts'
import { inTurn, Namespace, ok, refused, settled } from './namespace.ts'

const order = workflow('order', async (_, input: { id: string }) => input.id)
const options = { workflowId: 'order-1', input: { id: 'a' } }
const busy = (retryAfterMs: number) => refused('overloaded', { retryAfterMs })

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a start that a busy shard refuses', () => {
  test('is sent again after the pause that was asked for, with the same request id', async () => {
    const namespace = new Namespace({ start: inTurn(busy(3_000), busy(500), ok({ runId: 'R1' })) })
    const before = Date.now()
    const started = await settled(new WorkflowClient(namespace).start(order, options))
    expect(started).toMatchObject({ status: 'fulfilled', value: { runId: 'R1' } })
    expect(Date.now() - before).toBeGreaterThanOrEqual(3_500)
    const ids = namespace.made('start').map(({ request }) => request.requestId)
    expect(ids).toHaveLength(3)
    expect(new Set(ids).size).toBe(1)
  })

  test('is given up, with when to try again, once that is more than ten seconds after the first attempt', async () => {
    const namespace = new Namespace({ start: () => busy(4_000) })
    const before = Date.now()
    const started = await settled(new WorkflowClient(namespace).start(order, options))
    expect(started).toMatchObject({
      status: 'rejected',
      reason: { code: 'overloaded', retryAfterMs: 4_000 },
    })
    expect(Date.now() - before).toBeLessThan(11_000) // the pauses of any retry come on top
    expect(namespace.made('start').length).toBeGreaterThan(1)
  })

  test('is given up at once where the pause is beyond a client’s patience', async () => {
    const namespace = new Namespace({ start: () => busy(60_000) })
    const started = await settled(new WorkflowClient(namespace).execute(order, options))
    expect(started).toMatchObject({ reason: { code: 'overloaded', retryAfterMs: 60_000 } })
    expect(namespace.made('start')).toHaveLength(1)
  })
})

test('an update of a run that has not begun is sent again when it begins', async () => {
  const early = refused('workflow_not_begun', { retryAfterMs: 4_000 })
  const update = inTurn(early, ok({ status: 'completed', runId: 'R1', result: 'a' }))
  const namespace = new Namespace({ update })
  const before = Date.now()
  const handle = new WorkflowClient(namespace).getHandle('order-1')
  expect(await settled(handle.update('address', { args: [] }))).toEqual({ status: 'fulfilled', value: 'a' })
  expect(Date.now() - before).toBeGreaterThanOrEqual(4_000)
  expect(new Set(namespace.made('update').map(({ request }) => request.updateId)).size).toBe(1)
})

test('whoever waits for a result goes on waiting, however often there is no room to wait in', async () => {
  const full = Array.from({ length: 20 }, () => busy(5_000))
  const result = inTurn(...full, ok({ status: 'completed', runId: 'R1', result: 'a' }))
  const namespace = new Namespace({ start: () => ok({ runId: 'R1' }), result })
  const handle = await new WorkflowClient(namespace).start(order, options)
  expect(await settled(handle.result())).toEqual({ status: 'fulfilled', value: 'a' })
  expect(namespace.made('result')).toHaveLength(21)
})
