import { describe, expect, test } from 'vitest'
import { signal, workflow } from '../../shared/define.ts'
import { ApplicationError } from '../../shared/errors.ts'
import type { WorkflowFailedError } from '../../shared/errors.ts'
import { register } from '../workers/registry.ts'
import { advance, client, evict, idOn, recorded, rejection, typesOf, until } from './world.ts'

const go = signal<string>('go')
const quick = { maxAttempts: 3, initialInterval: 1, jitter: 0 }

const failing = workflow('life-failing', async (ctx) => {
  throw new ApplicationError(`attempt ${ctx.attempt}`, { type: 'Broken' })
})
const parent = workflow('life-parent', async (ctx, childId: string) =>
  ctx.executeChild(failing, { workflowId: childId, retry: quick }),
)
register(failing, parent)

test.each([0, 1])(
  '30 child_workflow/retry: a child with 3 attempts runs exactly 3 times, same id, new run ids (on shard %i)',
  async (shard) => {
    const childId = idOn(shard, `life-30-child-${shard}`)
    const handle = await client.start(parent, { workflowId: idOn(0, `life-30-${shard}`), input: childId })
    await until(async () => {
      await advance(10)
      return (await handle.describe()).status !== 'running'
    })
    const failed = await rejection<WorkflowFailedError>(handle.result())
    expect(failed.cause).toMatchObject({ code: 'child_failed', cause: { message: 'attempt 3' } })
    const runs = await client.list({ idPrefix: childId, orderBy: 'startedAt' })
    expect(runs.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed'])
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(3)
    expect(await recorded(handle, 'child_failed')).toHaveLength(1)
    expect(await recorded(client.getHandle(childId), 'workflow_started')).toMatchObject([
      { attempt: 3, firstRunId: runs[0]?.runId, previousRunId: runs[1]?.runId },
    ])
  },
)

const flaky = workflow(
  'life-flaky',
  { retry: { initialInterval: '1h', maxInterval: '1d' } },
  async (ctx, fails: number) => {
    if (ctx.attempt <= fails) throw new ApplicationError('not yet')
    return ctx.attempt
  },
)
const hopeless = workflow('life-hopeless', async (_ctx, nonRetryable: boolean) => {
  throw new ApplicationError('no', { type: 'Fatal', nonRetryable })
})
const patient = workflow('life-patient', { messages: { go } }, async (ctx) => {
  return { attempt: ctx.attempt, now: ctx.now(), said: await ctx.waitForSignal(go) }
})
const once = workflow(
  'life-once',
  { messages: { go }, retry: { initialInterval: '1h', maxInterval: '1d' } },
  async (ctx) => {
    if (ctx.attempt === 1) throw new Error('first')
    return [await ctx.waitForSignal(go), await ctx.receiveSignal(go, { timeout: 0 })]
  },
)
register(flaky, hopeless, patient, once)

describe('workflow retry', () => {
  test('the back-off is kept through evictions, and result follows', async () => {
    const handle = await client.start(flaky, { workflowId: 'life-flaky', input: 2 })
    await evict()
    await advance(3_540_000)
    expect(await handle.describe()).toMatchObject({ status: 'running', waitingFor: [{ kind: 'timer' }] })
    await advance(60_000)
    await evict()
    await advance(7_200_000)
    expect(await handle.result()).toBe(3)
    expect(await typesOf(handle)).toEqual(['workflow_started', 'start_delay_elapsed', 'workflow_completed'])
  })

  test('a signal received in the back-off is read by the next attempt; one sent twice counts once', async () => {
    const handle = await client.start(once, { workflowId: 'life-once' })
    await handle.signal(go, 'meanwhile', { signalId: 'g-1' })
    await evict()
    await handle.signal(go, 'meanwhile', { signalId: 'g-1' })
    await advance(3_600_000)
    expect(await handle.result()).toEqual(['meanwhile', { received: false }])
  })

  test.each([
    [true, { initialInterval: 1 }],
    [false, { initialInterval: 1, nonRetryableErrors: ['Fatal'] }],
  ])('a failure that must not be retried is not (flagged: %s)', async (input, retry) => {
    const workflowId = `life-hopeless-${input}`
    await rejection(client.execute(hopeless, { workflowId, input, retry }))
    expect(await client.count({ idPrefix: workflowId })).toBe(1)
  })

  test('a run that passes its runTimeout is tried again, until the execution timeout ends the chain', async () => {
    const timeouts = { runTimeout: '1h', executionTimeout: '150m' } as const
    const retry = { initialInterval: '10m', backoff: 'constant' } as const
    const handle = await client.start(patient, { workflowId: 'life-timeouts', retry, ...timeouts })
    for (const minutes of [60, 10]) await advance(minutes * 60_000)
    expect(await handle.describe()).toMatchObject({ status: 'running' })
    await evict()
    for (const minutes of [60, 10]) await advance(minutes * 60_000)
    expect(await recorded(handle, 'workflow_started')).toMatchObject([{ attempt: 3 }])
    await advance(10 * 60_000)
    const failed = await rejection<WorkflowFailedError>(handle.result())
    expect(failed).toMatchObject({ status: 'timed_out', cause: { kind: 'execution' } })
    const runs = await client.list({ idPrefix: 'life-timeouts', orderBy: 'startedAt' })
    expect(runs.map(({ status }) => status)).toEqual(['timed_out', 'timed_out', 'timed_out'])
    const first = client.getHandle('life-timeouts', handle.runId)
    expect(await recorded(first, 'workflow_timed_out')).toMatchObject([
      { kind: 'run', nextRunId: runs[1]?.runId },
    ])
  })

  test('a cancel in the back-off ends the chain at once, a terminate too', async () => {
    const cancelled = await client.start(flaky, { workflowId: 'life-cancelled', input: 9 })
    await cancelled.cancel('no more')
    expect(await rejection(cancelled.result())).toMatchObject({
      status: 'cancelled',
      cause: { reason: 'no more' },
    })
    const terminated = await client.start(flaky, { workflowId: 'life-terminated', input: 9 })
    await evict()
    await terminated.terminate()
    expect(await rejection(terminated.result())).toMatchObject({ status: 'terminated' })
    expect(await client.count({ idPrefix: 'life-terminated' })).toBe(2)
  })

  test('a start with the same request id finds its chain', async () => {
    const options = { workflowId: 'life-request', input: 1, requestId: 'r-1' }
    const first = await client.start(flaky, options)
    const second = await client.start(flaky, options)
    expect(second.runId).toBe(first.runId)
    await advance(3_600_000)
    expect(await second.result()).toBe(2)
  })
})

describe('startDelay', () => {
  test('the first turn waits, through evictions; signals received meanwhile are kept', async () => {
    const handle = await client.start(patient, { workflowId: 'life-delay', startDelay: '2h' })
    const { startedAt } = await handle.describe()
    await handle.signal(go, 'early')
    await evict()
    await advance(7_140_000)
    expect(await handle.describe()).toMatchObject({ status: 'running' })
    await advance(60_000)
    const { now, said } = await handle.result()
    expect(said).toBe('early')
    expect(now.getTime()).toBeGreaterThanOrEqual(startedAt.getTime() + 7_200_000)
  })

  test('a signalWithStart of the same id begins it at once; a first one waits like any start', async () => {
    const options = { workflowId: 'life-begun', startDelay: '2h', signal: go } as const
    const handle = await client.signalWithStart(patient, { ...options, payload: 'first' })
    expect(await typesOf(handle)).toEqual(['workflow_started', 'signal_received'])
    await client.signalWithStart(patient, { ...options, payload: 'second' })
    expect((await handle.result()).said).toBe('first')
  })

  test('the execution timeout counts from the first turn', async () => {
    const timeouts = { startDelay: '2h', executionTimeout: '1h' } as const
    const handle = await client.start(patient, { workflowId: 'life-delay-timeout', ...timeouts })
    await advance(7_200_000)
    expect(await handle.describe()).toMatchObject({ status: 'running' })
    await advance(3_600_000)
    expect(await rejection(handle.result())).toMatchObject({ status: 'timed_out' })
  })
})
