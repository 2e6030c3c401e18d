import { describe, expect, test } from 'vitest'
import type { BulkProgress } from '../../shared/bulk.ts'
import { WorkflowClient } from '../../shared/client.ts'
import { signal, workflow } from '../../shared/define.ts'
import type { StartOptions } from '../../shared/start.ts'
import { shardOf } from '../../shared/shard.ts'
import { register } from '../workers/registry.ts'
import { client, recorded, SHARDS, turnsOf, world } from './world.ts'

const end = signal<string>('end')
const waiting = workflow('bulk-waiting', { messages: { end } }, async (ctx, _input?: { n: number }) =>
  ctx.waitForSignal(end),
)
register(waiting)

const items = (prefix: string, count: number): (StartOptions & { input: { n: number } })[] =>
  Array.from({ length: count }, (_, n) => ({ workflowId: `${prefix}-${n}`, input: { n } }))

async function progressOf(iteration: AsyncIterable<BulkProgress>): Promise<BulkProgress[]> {
  const seen: BulkProgress[] = []
  for await (const progress of iteration) seen.push(progress)
  return seen
}

describe('startBatch', () => {
  test('starts all of them in a few turns of each shard, in the order of the items', async () => {
    const ids = items('batch', 300)
    const [onZero] = ids.filter(({ workflowId = '' }) => shardOf(workflowId, SHARDS) === 0)
    const before = await turnsOf(onZero?.workflowId ?? '')
    const { started, errors } = await client.startBatch(waiting, ids)
    expect((await turnsOf(onZero?.workflowId ?? '')) - before).toBeLessThanOrEqual(3)
    expect(errors).toEqual([])
    expect(started.map(({ workflowId }) => workflowId)).toEqual(ids.map(({ workflowId }) => workflowId))
    const { runId, input } = await client.describe('batch-250')
    expect(started[250]).toMatchObject({ workflowId: 'batch-250', runId })
    expect(input).toEqual({ n: 250 })
    expect(await client.count({ idPrefix: 'batch-', status: 'running' })).toBe(300)
  })

  test('says by index which could not be started, and why; the others are', async () => {
    const large = 'x'.repeat(200_000)
    const overService = new WorkflowClient(world.WORKFLOWS)
    const { started, errors } = await overService.startBatch(waiting, [
      { workflowId: 'mixed-0', input: { n: 0 } },
      { workflowId: '', input: { n: 1 } },
      { workflowId: 'batch-0', input: { n: 2 } },
      { workflowId: 'mixed-3', input: { n: 3 }, searchAttributes: { customerId: 5 } },
      { workflowId: 'mixed-0', input: { n: 4 } },
      { workflowId: 'mixed-5', input: { n: large as unknown as number } },
      { workflowId: 'mixed-6', input: { n: 6 } },
    ])
    expect(started.map(({ workflowId }) => workflowId)).toEqual(['mixed-0', 'mixed-5', 'mixed-6'])
    expect(errors.map(({ index, error }) => [index, error.code, error.path])).toEqual([
      [1, 'invalid_argument', 'workflowId'],
      [2, 'workflow_already_started', undefined],
      [3, 'invalid_argument', 'searchAttributes.customerId'],
      [4, 'workflow_already_started', undefined],
    ])
    expect((await overService.describe('mixed-5')).input).toEqual({ n: large })
  })

  test('made again with the same request ids starts nothing twice', async () => {
    const again = items('again', 5).map((item, n) => ({ ...item, requestId: `again-request-${n}` }))
    const first = await client.startBatch(waiting, again)
    const second = await client.startBatch(waiting, again)
    expect(second.errors).toEqual([])
    expect(second.started.map(({ runId }) => runId)).toEqual(first.started.map(({ runId }) => runId))
  })
})

describe('bulk', () => {
  test('pauses what runs and resumes what is paused, and cancels both', async () => {
    await client.startBatch(waiting, items('paused', 5))
    const filter = { idPrefix: 'paused-' }
    await progressOf(client.bulk(filter, 'pause', 'maintenance'))
    expect(await client.count({ ...filter, status: 'paused' })).toBe(5)
    const [resumed] = await progressOf(client.bulk({ ...filter, limit: 2 }, 'resume'))
    expect(resumed).toMatchObject({ matched: 5, done: 2, failed: 0 })
    await progressOf(client.bulk({ idPrefix: 'paused-0' }, 'pause'))
    const cancelled = await progressOf(client.bulk(filter, 'cancel'))
    expect(cancelled.at(-1)).toMatchObject({ matched: 5, done: 5, failed: 0 })
  })

  test('cancels every open run that matches, page by page, and none that does not', async () => {
    await client.startBatch(waiting, [...items('cancelled', 25), ...items('kept', 3)])
    await client.terminate('cancelled-7')
    const seen = await progressOf(client.bulk({ idPrefix: 'cancelled-', limit: 10 }, 'cancel', 'recalled'))
    expect(seen.map(({ matched, done, failed }) => [matched, done, failed])).toEqual([
      [24, 10, 0],
      [24, 20, 0],
      [24, 24, 0],
    ])
    expect(seen.at(-1)).not.toHaveProperty('cursor')
    expect(await client.count({ idPrefix: 'cancelled-' }, { groupBy: 'status' })).toEqual({
      cancelled: 24,
      terminated: 1,
    })
    expect(await recorded(client.getHandle('cancelled-3'), 'workflow_cancel_requested')).toEqual([
      { reason: 'recalled' },
    ])
    expect(await client.count({ idPrefix: 'kept-', status: 'running' })).toBe(3)
  })

  test('is resumed where it was broken off, and a signal of the same id counts once', async () => {
    await client.startBatch(waiting, items('resumed', 30))
    const action = { signal: 'end', payload: 'all of you', signalId: 'bulk-1' }
    const filter = { idPrefix: 'resumed-', limit: 10 }
    let cursor: string | undefined
    for await (const progress of client.bulk(filter, action)) {
      cursor = progress.cursor
      if (progress.done === 10) break
    }
    expect(await client.count({ idPrefix: 'resumed-', status: 'running' })).toBe(20)
    const rest = await progressOf(client.bulk({ ...filter, ...(cursor !== undefined && { cursor }) }, action))
    expect(rest.at(-1)).toMatchObject({ done: 20, failed: 0 })
    expect(await client.count({ idPrefix: 'resumed-', status: 'completed' })).toBe(30)
    const closed = await progressOf(client.bulk({ ...filter, status: 'completed' }, action))
    expect(closed.at(-1)).toMatchObject({ done: 30, failed: 0 })
    const other = { ...action, signalId: 'bulk-2' }
    const [refused] = await progressOf(client.bulk({ ...filter, status: 'completed' }, other))
    expect(refused).toMatchObject({ done: 0, failed: 10 })
    expect(refused?.errors[0]?.error.code).toBe('workflow_closed')
  })

  test('does nothing when what it is asked for is wrong', async () => {
    const bad = progressOf(client.bulk({ idPrefix: 'kept-' }, 'delete' as 'cancel'))
    await expect(bad).rejects.toMatchObject({ code: 'invalid_argument', path: 'action' })
    expect(await client.count({ idPrefix: 'kept-', status: 'running' })).toBe(3)
  })
})

test('a prefix of ids may be longer than a pattern of the database', async () => {
  const prefix = `${'a-long-way-'.repeat(10)}%_`
  await client.start(waiting, { workflowId: `${prefix}home` })
  expect(await client.count({ idPrefix: prefix })).toBe(1)
  expect(await client.count({ idPrefix: prefix.toUpperCase() })).toBe(0)
})
