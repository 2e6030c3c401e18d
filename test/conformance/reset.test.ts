import { describe, expect, test } from 'vitest'
import { WorkflowClient } from '../../shared/client.ts'
import { defineActivity, signal, workflow } from '../../shared/define.ts'
import { ChildWorkflowError } from '../../shared/errors.ts'
import { register } from '../workers/registry.ts'
import { client, evict, historyOf, idOn, recorded, rejection, typesOf, until, world } from './world.ts'

const approve = signal<string>('approve')
const go = signal('go')

/** What each order has charged: the activity's keys. */
const charged: string[] = []
const charge = defineActivity('reset-charge', async (card: string, ctx) => {
  charged.push(ctx.idempotencyKey)
  return `${card} charged`
})
const ordering = workflow('reset-ordering', { messages: { approve } }, async (ctx, card: string) => {
  const id = ctx.uuid()
  const receipt = await ctx.activity(charge, { input: card })
  const by = await ctx.waitForSignal(approve)
  const later = ctx.uuid()
  const step = await ctx.run('book', () => `booked ${card}`)
  return { id, later, receipt, by, step }
})
register(charge, ordering)

async function completed(workflowId: string) {
  const handle = await client.start(ordering, { workflowId, input: 'visa' })
  await until(async () => (await recorded(handle, 'activity_completed')).length === 1)
  await handle.signal(approve, 'ann')
  return { handle, result: await handle.result() }
}

test.each(['resident', 'evicted'])(
  '70 reset/reset_and_delete: a new run from an earlier point; deleting it leaves the original intact (%s)',
  async (how) => {
    const workflowId = `reset-70-${how}`
    const { handle, result } = await completed(workflowId)
    const before = charged.length
    const again = await handle.reset({ toEvent: 3, reason: 'approved by the wrong person' })
    if (how === 'evicted') await evict()
    expect(again.runId).not.toBe(handle.runId)
    const redone = await again.result()
    expect(redone).toEqual({ ...result, later: redone.later })
    expect(redone.later, 'the random numbers behind the point are the new run’s own').not.toBe(result.later)
    expect(charged.length, 'what was done before the point is not done again').toBe(before)
    const run = client.getHandle<typeof ordering>(workflowId, again.runId)
    expect(await typesOf(run)).toEqual([
      'workflow_started',
      'activity_scheduled',
      'activity_completed',
      'workflow_reset',
      'signal_received',
      'step_scheduled',
      'step_completed',
      'workflow_completed',
    ])
    expect(await recorded(run, 'workflow_reset')).toMatchObject([
      { runId: handle.runId, toEvent: 3, reason: 'approved by the wrong person' },
    ])
    expect((await handle.describe()).runId).toBe(again.runId)
    await client.delete(workflowId, again.runId)
    expect(await handle.result()).toEqual(result)
    expect((await handle.describe()).runId).toBe(handle.runId)
    expect(await typesOf(handle)).toHaveLength(7)
  },
)

const reading = workflow('reset-reading', { messages: { approve, go } }, async (ctx) => {
  await ctx.waitForSignal(go)
  return [
    await ctx.waitForSignal(approve),
    await ctx.waitForSignal(approve),
    await ctx.waitForSignal(approve),
  ]
})
register(reading)

describe('a reset', () => {
  test('of an open run terminates it, and does pending work anew under keys of its own', async () => {
    const handle = await client.start(ordering, { workflowId: 'reset-open', input: 'amex' })
    await until(async () => (await recorded(handle, 'activity_completed')).length === 1)
    const before = charged.length
    const again = await handle.reset({ toActivity: 'reset-charge', reason: 'once more' })
    const first = client.getHandle('reset-open', handle.runId)
    expect(await recorded(first, 'workflow_terminated')).toEqual([
      { reason: 'reset: once more', nextRunId: again.runId },
    ])
    await until(async () => (await recorded(again, 'activity_completed')).length === 1)
    expect(charged.slice(before)).toEqual([`reset-open/${again.runId}/1`])
    await handle.signal(approve, 'bob')
    expect((await handle.result()).by).toBe('bob')
    expect(await rejection(first.result())).toMatchObject({ status: 'terminated' })
  })

  test('applies again what was signalled behind the point, in order, once each', async () => {
    const handle = await client.start(reading, { workflowId: 'reset-reading' })
    await handle.signal(go)
    for (const text of ['one', 'two', 'three']) await handle.signal(approve, text, { signalId: text })
    expect(await handle.result()).toEqual(['one', 'two', 'three'])
    const again = await handle.reset({ toEvent: 2, reason: 'again' })
    expect(await again.result()).toEqual(['one', 'two', 'three'])
    expect(await recorded(again, 'signal_received')).toHaveLength(4)
  })

  test('to where no event is, or to an activity that never was, is refused, and nothing is written', async () => {
    const { handle } = await completed('reset-refused')
    const events = (await typesOf(handle)).length
    for (const toEvent of [events, 99])
      expect(await rejection(handle.reset({ toEvent, reason: 'r' }))).toMatchObject({
        code: 'invalid_argument',
        path: 'toEvent',
      })
    expect(await rejection(handle.reset({ toActivity: 'no such', reason: 'r' }))).toMatchObject({
      path: 'toActivity',
    })
    expect(await rejection(handle.reset({ toEvent: 0, reason: 'r' }))).toMatchObject({ path: 'toEvent' })
    expect(await client.count({ idPrefix: 'reset-refused' })).toBe(1)
  })

  test('is refused while another run of the id is open', async () => {
    const { handle } = await completed('reset-other')
    const other = await client.start(ordering, { workflowId: 'reset-other', input: 'x' })
    const refused = await rejection(
      client.getHandle('reset-other', handle.runId).reset({ toEvent: 1, reason: 'r' }),
    )
    expect(refused).toMatchObject({ code: 'workflow_already_started' })
    await other.terminate()
  })
})

const child = workflow('reset-child', { messages: { go } }, async (ctx, text: string) => {
  await ctx.waitForSignal(go)
  return text
})
const parent = workflow('reset-parent', { messages: { approve, go } }, async (ctx, ids: string[]) => {
  const first = await ctx.startChild(child, { workflowId: ids[0]!, input: 'one' })
  const by = await ctx.waitForSignal(approve)
  if (by === 'ann') await ctx.startChild(child, { workflowId: ids[1]!, input: 'two' })
  return [by, await first.result()]
})
register(child, parent)

test.each([0, 1])(
  'children from before the point answer the new run; later ones end (on shard %i)',
  async (shard) => {
    const ids = [idOn(shard, `reset-one-${shard}`), idOn(shard, `reset-two-${shard}`)]
    const handle = await client.start(parent, { workflowId: idOn(0, `reset-parent-${shard}`), input: ids })
    await handle.signal(approve, 'ann')
    await until(async () => (await recorded(handle, 'child_started')).length === 2)
    await evict()
    const again = await handle.reset({ toEvent: 3, reason: 'again' })
    const later = async () => await client.list({ idPrefix: ids[1]! })
    await until(async () => (await later()).some(({ status }) => status === 'terminated'))
    expect(await client.describe(ids[0]!)).toMatchObject({ status: 'running' })
    await until(async () => (await recorded(again, 'child_started')).length === 2)
    await client.getHandle(ids[0]!).signal(go)
    expect(await again.result()).toEqual(['ann', 'one'])
    expect(await recorded(again, 'child_completed')).toEqual([{ seq: 1, result: 'one' }])
  },
)

const texts = workflow('reset-texts', { messages: { go } }, async (ctx, text: string) => {
  await ctx.waitForSignal(go)
  if (text === '') ctx.continueAsNew('x'.repeat(200_000))
  return text
})
const waiting = workflow('reset-waiting', { messages: { approve } }, async (ctx, ids: string[]) => {
  const ended = await ctx.startChild(texts, { workflowId: ids[0]!, input: 'ended by policy' })
  const abandoned = { parentClosePolicy: 'abandon', input: '' } as const
  const left = await ctx.startChild(texts, { workflowId: ids[1]!, ...abandoned })
  const open = await ctx.startChild(texts, { workflowId: ids[2]!, ...abandoned, input: 'open' })
  const gone = await ctx.startChild(texts, { workflowId: ids[3]!, input: 'deleted' })
  await ctx.waitForSignal(approve)
  const causes: unknown[] = []
  for (const begun of [ended, gone]) {
    const error: unknown = await begun.result().catch((failed: unknown) => failed)
    causes.push(error instanceof ChildWorkflowError && error.cause?.name)
  }
  const { length } = await left.result()
  return [...causes, length, await open.result()]
})
register(texts, waiting)

test.each([0, 1])(
  'children that ended while their parent was closed are heard by the run that a reset makes (on shard %i)',
  async (shard) => {
    const storing = new WorkflowClient(world.SCHEDULER, { archive: world.ARCHIVE })
    const ids = ['ended', 'left', 'open', 'gone'].map((name) => idOn(shard, `reset-${name}-${shard}`))
    const [ended, left, open, gone] = ids
    const handle = await storing.start(waiting, {
      workflowId: idOn(0, `reset-waiting-${shard}`),
      input: ids,
    })
    await until(async () => (await recorded(handle, 'child_started')).length === 4)
    const { length: toEvent } = await historyOf(handle)
    await handle.terminate('too early')
    for (const id of [ended!, gone!])
      await until(async () => (await client.describe(id)).status === 'terminated')
    await client.delete(gone!, (await client.describe(gone!)).runId)
    await client.getHandle(left!).signal(go)
    await until(async () => (await client.list({ idPrefix: left! })).length === 2)
    await client.getHandle(left!).signal(go)
    await storing.getHandle(left!).result()
    const again = await handle.reset({ toEvent, reason: 'again' })
    await evict()
    await again.signal(approve, 'ann')
    await client.getHandle(open!).signal(go)
    expect(await again.result()).toEqual(['TerminatedError', 'WorkflowNotFoundError', 200_000, 'open'])
    expect(await recorded(again, 'child_terminated')).toHaveLength(1)
  },
)

const large = workflow('reset-large', { messages: { approve } }, async (ctx, text: string) => {
  const by = await ctx.waitForSignal(approve)
  return [text.length, by.length]
})
register(large)

test('an archived run is reset from the archive, its large payloads the new run’s own', async () => {
  const storing = new WorkflowClient(world.SCHEDULER, { archive: world.ARCHIVE })
  const workflowId = 'reset-archived'
  const handle = await storing.start(large, { workflowId, input: 'x'.repeat(200_000) })
  await handle.signal(approve, 'y'.repeat(150_000))
  await handle.result()
  const again = await handle.reset({ toEvent: 1, reason: 'again' })
  expect(await again.result()).toEqual([200_000, 150_000])
  await storing.delete(workflowId, handle.runId)
  expect((await again.describe()).input).toHaveLength(200_000)
})
