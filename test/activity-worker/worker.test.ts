import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WorkflowWorker } from '../../activity-worker/index.ts'
import type { WorkerOptions } from '../../activity-worker/index.ts'
import { defineActivity, signal, workflow } from '../../shared/define.ts'
import { WorkerShutdownError } from '../../shared/errors.ts'
import { batchOf, RecordedScheduler, task } from './recorded-scheduler.ts'

const greet = defineActivity('greet', () => 'hello')

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(console, 'log').mockImplementation(() => {})
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('a WorkflowWorker', () => {
  test('keeps its queue handler when only its own properties are copied, as wrangler’s bundle does', async () => {
    const copy = Object.assign({}, new WorkflowWorker({ taskQueue: 'orders', activities: [greet] }))
    const scheduler = new RecordedScheduler()
    const batch = batchOf('orders', [task()])
    await copy.queue(batch, { WORKFLOWS: scheduler })
    expect(batch.fates).toEqual(['acked'])
    expect(scheduler.outcomes).toEqual([{ kind: 'completed', result: 'hello' }])
  })

  test('is a handler that the platform’s types take', () => {
    const worker = new WorkflowWorker({ taskQueue: 'orders' }) satisfies ExportedHandler<Cloudflare.Env>
    expect(Object.keys(worker)).toEqual(['queue'])
  })

  test('has nothing to wait for on Workers', async () => {
    const order = workflow('order', async () => 1)
    const worker = new WorkflowWorker({ taskQueue: 'orders', workflows: [order], activities: [greet] })
    await expect(worker.run()).resolves.toBeUndefined()
  })

  test('without its binding says what to write where', async () => {
    const worker = new WorkflowWorker({ taskQueue: 'orders', activities: [greet] })
    const refused = worker.queue(batchOf('orders', [task()]), {})
    await expect(refused).rejects.toMatchObject({ code: 'not_configured', path: 'env.WORKFLOWS' })
    await expect(refused).rejects.toThrow(
      /\[\[services\]\]\nbinding = "WORKFLOWS"\n.*\nentrypoint = "WorkflowService"/,
    )
  })
})

describe('options that cannot be are refused with their place', () => {
  test.each<[string, unknown, string]>([
    ['no task queue', {}, 'taskQueue'],
    ['an empty task queue', { taskQueue: '' }, 'taskQueue'],
    ['a plain function as activity', { activities: [greet, () => 1] }, 'activities[1]'],
    [
      'two activities of one name',
      { activities: [greet, defineActivity('greet', () => 2)] },
      'activities[1]',
    ],
    ['a signal as workflow', { workflows: [signal('paid')] }, 'workflows[0]'],
    ['an activity as workflow', { workflows: [greet] }, 'workflows[0]'],
    ['no room for any activity', { maxConcurrentActivities: 0 }, 'maxConcurrentActivities'],
    ['a grace that is no duration', { shutdownGrace: 'soon' }, 'shutdownGrace'],
    ['an empty build id', { buildId: '' }, 'buildId'],
  ])('%s', (title, options, path) => {
    const base = title === 'no task queue' ? {} : { taskQueue: 'orders' }
    const make = () => new WorkflowWorker({ ...base, ...(options as object) } as WorkerOptions)
    expect(make).toThrow(expect.objectContaining({ code: 'invalid_argument', path }))
  })
})

describe('a shutdown', () => {
  test('tells running activities by name and ends when they have', async () => {
    const scheduler = new RecordedScheduler()
    let reason: unknown
    const patient = defineActivity('greet', async (_: unknown, ctx) => {
      await new Promise((resolve) => {
        ctx.cancellation.addEventListener('abort', resolve)
      })
      reason = ctx.cancellation.reason
      return 'saved my work'
    })
    const worker = new WorkflowWorker({ taskQueue: 'orders', activities: [patient] })
    const batch = batchOf('orders', [task()])
    const consumed = worker.queue(batch, { WORKFLOWS: scheduler })
    await vi.advanceTimersByTimeAsync(10)
    await worker.shutdown()
    await consumed
    expect(reason).toBeInstanceOf(WorkerShutdownError)
    expect(scheduler.outcomes).toEqual([{ kind: 'completed', result: 'saved my work' }])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('leaves an activity that ignores it to its timeout, after the grace', async () => {
    const scheduler = new RecordedScheduler()
    const deaf = defineActivity('greet', () => new Promise(() => {}))
    const worker = new WorkflowWorker({ taskQueue: 'orders', activities: [deaf], shutdownGrace: '3s' })
    const consumed = worker.queue(batchOf('orders', [task()]), { WORKFLOWS: scheduler })
    await vi.advanceTimersByTimeAsync(10)
    let down = false
    const shutdown = worker.shutdown().then(() => (down = true))
    await vi.advanceTimersByTimeAsync(2_999)
    expect(down).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await Promise.all([shutdown, consumed])
    expect(scheduler.settlements).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('sends new batches, and what waits in a running one, back to the queue', async () => {
    const scheduler = new RecordedScheduler()
    const patient = defineActivity('greet', async (_: unknown, ctx) => {
      await new Promise((resolve) => {
        ctx.cancellation.addEventListener('abort', resolve)
      })
    })
    const options = { taskQueue: 'orders', activities: [patient], maxConcurrentActivities: 1 }
    const worker = new WorkflowWorker(options)
    const running = batchOf('orders', [task({ seq: 1 }), task({ seq: 2 })])
    const consumed = worker.queue(running, { WORKFLOWS: scheduler })
    await vi.advanceTimersByTimeAsync(10)
    await worker.shutdown()
    await consumed
    const late = batchOf('orders', [task({ seq: 3 })])
    await worker.queue(late, { WORKFLOWS: scheduler })
    expect([running.fates, late.fates]).toEqual([['acked', 0], [0]])
    expect(scheduler.claims).toHaveLength(1)
    await expect(worker.run()).rejects.toMatchObject({ code: 'worker_shutdown' })
  })

  test('aborts an activity whose claim was granted after it', async () => {
    const scheduler = new RecordedScheduler()
    const claim = Promise.withResolvers<void>()
    scheduler.onTheWay = async (verb) => (verb === 'claim' ? await claim.promise : undefined)
    const checking = defineActivity('greet', (_: unknown, ctx) => ctx.cancellation.throwIfAborted())
    const worker = new WorkflowWorker({ taskQueue: 'orders', activities: [checking] })
    const consumed = worker.queue(batchOf('orders', [task()]), { WORKFLOWS: scheduler })
    await vi.advanceTimersByTimeAsync(10)
    const shutdown = worker.shutdown()
    claim.resolve()
    await Promise.all([shutdown, consumed])
    expect(scheduler.outcomes).toEqual([{ kind: 'given_back' }])
  })
})
