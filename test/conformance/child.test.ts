import { describe, expect, test } from 'vitest'
import { WorkflowClient } from '../../shared/client.ts'
import type { ChildHandle, ChildOptions } from '../../shared/child.ts'
import { defineActivity, signal, workflow } from '../../shared/define.ts'
import {
  ApplicationError,
  ChildWorkflowError,
  TerminatedError,
  WorkflowAlreadyStartedError,
} from '../../shared/errors.ts'
import { register } from '../workers/registry.ts'
import { advance, client, idOn, recorded, rejection, typesOf, until, world } from './world.ts'

/** The parent lives on shard 0; its child beside it or on the other shard. */
const places = [
  { place: 'the same shard', shard: 0 },
  { place: 'another shard', shard: 1 },
]

const go = signal<string>('go')
const waiting = workflow('child-waiting', { messages: { go } }, async (ctx) => ctx.waitForSignal(go))
const doubling = workflow('child-doubling', async (_ctx, n: number) => n * 2)
const throwing = workflow('child-throwing', async (_ctx, message: string) => {
  throw new ApplicationError(message, { type: 'OutOfStock', details: { sku: 'a1' } })
})

const seen = defineActivity('child-seen', async (workflowId: string) => {
  const { runId, status } = await new WorkflowClient(world.SCHEDULER).describe(workflowId)
  return { runId, status }
})
const starting = workflow('child-starting', async (ctx, childId: string) => {
  const child = await ctx.startChild(waiting, { workflowId: childId })
  const { workflowId, firstRunId } = child
  return { workflowId, firstRunId, seen: await ctx.activity(seen, { input: childId }) }
})
const executing = workflow('child-executing', async (ctx, childId: string) =>
  ctx.executeChild(doubling, { workflowId: childId, input: 21 }),
)
const failing = workflow('child-failing', async (ctx, childId: string) =>
  ctx.executeChild(throwing, { workflowId: childId, input: 'no more of it' }),
)
const watching = workflow('child-watching', async (ctx, childId: string) => {
  try {
    return await ctx.executeChild(waiting, { workflowId: childId })
  } catch (error) {
    if (!(error instanceof ChildWorkflowError)) throw error
    const terminated = error.cause instanceof TerminatedError ? error.cause.reason : 'not terminated'
    return `${error.workflowId}: ${terminated}`
  }
})
const limiting = workflow('child-limiting', async (ctx, childId: string) =>
  ctx.executeChild(waiting, { workflowId: childId, executionTimeout: '1h' }),
)
register(waiting, doubling, throwing, seen, starting, executing, failing, watching, limiting)

describe.each(places)('a child on $place', ({ place, shard }) => {
  const ids = (name: string) => ({
    workflowId: idOn(0, `parent-${name}-${shard}`),
    input: idOn(shard, `child-${name}`),
  })

  test('22 child_workflow/start: the id and first run id come once the child durably exists', async () => {
    const { workflowId, input: childId } = ids('start')
    const handle = await client.start(starting, { workflowId, input: childId })
    const result = await handle.result()
    expect(result.workflowId).toBe(childId)
    expect(result.seen).toEqual({ runId: result.firstRunId, status: 'running' })
    expect(await recorded(handle, 'child_started')).toEqual([{ seq: 1, runId: result.firstRunId, shard }])
  })

  test('23 child_workflow/result: the parent gets what the child returns', async () => {
    const handle = await client.start(executing, ids('result'))
    expect(await handle.result()).toBe(42)
    expect(await typesOf(handle)).toEqual([
      'workflow_started',
      'child_requested',
      'child_started',
      'child_completed',
      'workflow_completed',
    ])
  })

  test("26 child_workflow/throws_on_execute: the child's own failure is the cause of the parent's error", async () => {
    const { workflowId, input } = ids('throws')
    const error = await rejection(client.execute(failing, { workflowId, input }))
    expect(error.cause).toMatchObject({
      code: 'child_failed',
      workflowId: input,
      cause: {
        name: 'ApplicationError',
        message: 'no more of it',
        type: 'OutOfStock',
        details: { sku: 'a1' },
      },
    })
  })

  test('28 child_workflow/throws_on_termination: the parent is told that the child was terminated', async () => {
    const { workflowId, input } = ids('terminated')
    const handle = await client.start(watching, { workflowId, input })
    await until(async () => (await typesOf(handle)).includes('child_started'))
    await client.terminate(input, `by an operator of ${place}`)
    expect(await handle.result()).toBe(`${input}: by an operator of ${place}`)
  })

  test('29 child_workflow/throws_on_timeout: the parent is told that the child was out of time', async () => {
    const { workflowId, input } = ids('timeout')
    const handle = await client.start(limiting, { workflowId, input })
    await until(async () => (await typesOf(handle)).includes('child_started'))
    await advance(3_600_000)
    const error = await rejection(handle.result())
    expect(error.cause).toMatchObject({ code: 'child_failed', cause: { code: 'timeout', kind: 'execution' } })
    expect((await client.describe(input)).status).toBe('timed_out')
  })
})

const leak: { handle?: ChildHandle<string, { go: typeof go }> } = {}
const holding = workflow('child-holding', async (ctx, childId: string) => {
  const child = await ctx.startChild(waiting, { workflowId: childId })
  leak.handle = child
  const keys = Object.keys(child).toSorted()
  await child.signal(go, 'from the handle')
  return { keys, firstRunId: child.firstRunId, result: await child.result() }
})
register(holding)

test('24 child_workflow/handle: id, first run id, result, signal and cancel; nothing that history does not know', async () => {
  const childId = idOn(1, 'child-handle')
  const handle = await client.start(holding, { workflowId: idOn(0, 'parent-handle'), input: childId })
  const { keys, firstRunId, result } = await handle.result()
  expect(keys).toEqual(['cancel', 'firstRunId', 'result', 'signal', 'workflowId'])
  expect(firstRunId).toBe((await client.describe(childId)).runId)
  expect(result).toBe('from the handle')
  expect(await recorded(handle, 'external_signal_requested')).toMatchObject([
    { workflowId: childId, name: 'go' },
  ])
  const before = await typesOf(handle)
  expect(await rejection(leak.handle!.signal(go, 'from outside'))).toMatchObject({ code: 'nondeterminism' })
  expect(await typesOf(handle)).toEqual(before)
})

test('25 child_workflow/signal: a blocked child goes on when its parent signals it', async () => {
  const childId = idOn(0, 'child-signal')
  const handle = await client.start(holding, { workflowId: idOn(0, 'parent-signal'), input: childId })
  expect((await handle.result()).result).toBe('from the handle')
  expect(await typesOf(client.getHandle(childId))).toEqual([
    'workflow_started',
    'signal_received',
    'workflow_completed',
  ])
})

const twice = workflow('child-twice', async (ctx, childId: string) => {
  const refused = async (options: ChildOptions): Promise<unknown> => {
    const second = ctx.startChild(doubling, { workflowId: childId, input: 1, ...options })
    return second.catch((error: unknown) =>
      error instanceof WorkflowAlreadyStartedError ? error.runId : String(error),
    )
  }
  const first = await ctx.startChild(waiting, { workflowId: childId })
  const whileOpen = await refused({})
  await first.signal(go, 'end')
  await first.result()
  const onceClosed = await refused({ idReuse: 'reject' })
  return { firstRunId: first.firstRunId, whileOpen, onceClosed }
})
register(twice)

test.each(places)(
  '27 child_workflow/throws_on_start: a second child of the id is refused as already started, on $place',
  async ({ shard }) => {
    const childId = idOn(shard, 'child-twice')
    const handle = await client.start(twice, { workflowId: idOn(0, `parent-twice-${shard}`), input: childId })
    const { firstRunId, whileOpen, onceClosed } = await handle.result()
    expect(whileOpen).toBe(firstRunId)
    expect(onceClosed).toBe(firstRunId)
    expect(await recorded(handle, 'child_start_failed')).toMatchObject([
      { error: { code: 'workflow_already_started' } },
      { error: { code: 'workflow_already_started' } },
    ])
    expect(await client.count({ idPrefix: childId })).toBe(1)
  },
)
