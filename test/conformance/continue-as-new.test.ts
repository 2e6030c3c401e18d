import { describe, expect, test } from 'vitest'
import { WorkflowClient } from '../../shared/client.ts'
import { query, signal, update, workflow } from '../../shared/define.ts'
import { WorkflowFailedError } from '../../shared/errors.ts'
import { register } from '../workers/registry.ts'
import { client, evict, idOn, recorded, rejection, typesOf, until, world } from './world.ts'

const note = signal<string>('note')
const finish = signal('finish')
const read = query<string[]>('read')

/** Counts down, a run each. */
const counting = workflow('can-counting', async (ctx, left: number) => {
  if (left === 2) ctx.upsertMemo({ half: 'way' })
  if (left > 0) ctx.continueAsNew(left - 1)
  return { runId: ctx.runId, left }
})

/** Each run takes notes until it is told to finish; the first of them goes on as a second one. */
const noting = workflow('can-noting', { messages: { note, finish, read } }, async (ctx, run: number) => {
  const notes: string[] = []
  ctx.setQueryHandler(read, () => notes)
  const take = async (): Promise<never> => {
    for (;;) notes.push(await ctx.waitForSignal(note))
  }
  await Promise.race([take(), ctx.waitForSignal(finish)])
  if (run === 1) ctx.continueAsNew(2)
  return notes
})
/** Does not look at notes in its first run. */
const deaf = workflow('can-deaf', { messages: { note, finish } }, async (ctx, run: number) => {
  if (run === 1) {
    await ctx.waitForSignal(finish)
    ctx.continueAsNew(2)
  }
  return [await ctx.waitForSignal(note), await ctx.waitForSignal(note)]
})
register(counting, noting, deaf)

test('57 continue_as_new/continue_as_same: same id, new run ids, memo and search attributes kept, result follows', async () => {
  const workflowId = 'can-57'
  const kept = { memo: { by: 'ann' }, searchAttributes: { region: 'eu' } }
  const handle = await client.start(counting, { workflowId, input: 3, ...kept })
  const result = await handle.result()
  expect(result).toMatchObject({ left: 0 })
  const runs = await client.list({ idPrefix: workflowId, orderBy: 'startedAt' })
  expect(runs.map(({ status }) => status)).toEqual([
    'continued_as_new',
    'continued_as_new',
    'continued_as_new',
    'completed',
  ])
  const runIds = runs.map(({ runId }) => runId)
  expect(new Set(runIds).size).toBe(4)
  expect([runIds[0], runIds[3]]).toEqual([handle.runId, result.runId])
  for (const run of runs) expect(run).toMatchObject(kept)
  const memo = { by: 'ann', half: 'way' }
  expect(await handle.describe()).toMatchObject({ runId: result.runId, status: 'completed', memo })
  const first = client.getHandle<typeof counting>(workflowId, handle.runId)
  expect(await recorded(first, 'workflow_continued_as_new')).toEqual([{ input: 2, nextRunId: runIds[1] }])
  expect(await first.result({ followRuns: true })).toEqual(result)
  const pinned = await rejection<WorkflowFailedError>(first.result())
  expect(pinned).toBeInstanceOf(WorkflowFailedError)
  expect(pinned).toMatchObject({ status: 'continued_as_new', runId: handle.runId })
  expect(await rejection(handle.result({ followRuns: false }))).toMatchObject({ status: 'continued_as_new' })
  const again = await client.execute(counting, { workflowId, input: 1 })
  expect(again.runId).not.toBe(result.runId)
  expect(await handle.result(), 'the id has a new chain').toEqual(result)
})

test('58 continue_as_new/signals_block_continue_as_new: a signal of the closing turn is handled by the old run', async () => {
  let inClosingTurn = 0
  for (const attempt of Array.from({ length: 20 }, (_, i) => i)) {
    const workflowId = `can-58-${attempt}`
    const handle = await client.start(noting, { workflowId, input: 1 })
    await handle.signal(note, 'before')
    await Promise.all([handle.signal(finish), handle.signal(note, 'beside')])
    const first = client.getHandle<typeof noting>(workflowId, handle.runId)
    const types = await typesOf(first)
    expect(types.at(-1)).toBe('workflow_continued_as_new')
    const received = (await recorded(first, 'signal_received')).map(({ payload }) => payload ?? 'finish')
    const behind = received.indexOf('beside') > received.indexOf('finish')
    expect(await first.query(read)).toEqual(received.filter((text) => text !== 'finish'))
    await handle.signal(note, 'after')
    await handle.signal(finish)
    const texts = received.includes('beside') ? ['after'] : ['beside', 'after']
    expect(await handle.result(), `attempt ${attempt}`).toEqual(texts)
    if (behind) inClosingTurn += 1
  }
  expect(inClosingTurn).toBeGreaterThan(0)
})

test.each(['resident', 'evicted'])(
  '89 signal/unread at close: continue-as-new carries unread signals over with their ids, once each (%s)',
  async (how) => {
    const handle = await client.start(deaf, { workflowId: `can-89-${how}`, input: 1 })
    const twice = { signalId: 'n-1' }
    await handle.signal(note, 'one', twice)
    if (how === 'evicted') await evict()
    await handle.signal(finish, undefined, { signalId: 'f-1' })
    await until(async () => (await handle.describe()).runId !== handle.runId)
    if (how === 'evicted') await evict()
    await handle.signal(note, 'one', twice)
    await handle.signal(finish, undefined, { signalId: 'f-1' })
    await handle.signal(note, 'two')
    expect(await handle.result()).toEqual(['one', 'two'])
    expect(await recorded(handle, 'signal_received')).toEqual([
      { name: 'note', signalId: 'n-1', payload: 'one' },
      expect.objectContaining({ payload: 'two' }),
    ])
    expect(await typesOf(handle)).not.toContain('signals_discarded')
  },
)

const looping = workflow('can-looping', async (ctx, run: number) => ctx.continueAsNew(run + 1))
const swallowing = workflow('can-swallowing', async (ctx, run: number) => {
  if (run === 2) return 'the second run'
  try {
    ctx.continueAsNew(2)
  } catch {
    await ctx.sleep(1)
  }
  return 'swallowed'
})
const misusing = workflow('can-misusing', async (ctx, options: object) => ctx.continueAsNew(1, options))
register(looping, swallowing, misusing)

describe('the edges of continue-as-new', () => {
  test('a workflow that does nothing else does not keep its shard from others', async () => {
    const workflowId = 'can-looping'
    const handle = await client.start(looping, { workflowId, input: 1 })
    expect(await client.count({ idPrefix: workflowId })).toBeLessThan(50)
    await handle.terminate('enough')
    expect(await handle.describe()).toMatchObject({ status: 'terminated' })
  })

  test('code that catches it goes on as new all the same, once its function has ended', async () => {
    const handle = await client.start(swallowing, { workflowId: 'can-swallowing', input: 1 })
    expect(await handle.result()).toBe('the second run')
    expect(await typesOf(client.getHandle('can-swallowing', handle.runId))).toEqual([
      'workflow_started',
      'timer_started',
      'timer_fired',
      'workflow_continued_as_new',
    ])
  })

  test.each([
    [{ taskQueue: 'unheard-of' }, 'unknown_task_queue'],
    [{ workflowId: 'another' }, 'invalid_argument'],
    [{ runTimeout: '-1s' }, 'invalid_argument'],
  ])('%j is refused as %s, and fails the run', async (input, code) => {
    const failed = await rejection<WorkflowFailedError>(client.execute(misusing, { input }))
    expect(failed).toMatchObject({ status: 'failed', cause: { code } })
  })
})

const big = workflow('can-big', async (ctx, state: { left: number; text: string }) => {
  if (state.left > 0)
    ctx.continueAsNew({ left: state.left - 1, text: `${state.text}${state.text.slice(0, 1)}` })
  return state.text.length
})
register(big)

test('93 payload/large: a large input of the next run is its own object, also once the old run is deleted', async () => {
  const workflowId = 'can-big'
  const storing = new WorkflowClient(world.SCHEDULER, { archive: world.ARCHIVE })
  const handle = await storing.start(big, { workflowId, input: { left: 2, text: 'x'.repeat(300_000) } })
  expect(await handle.result()).toBe(300_002)
  await storing.delete(workflowId, handle.runId)
  expect((await handle.describe()).input).toMatchObject({ left: 0 })
})

const outliving = workflow('can-outliving', { messages: { finish } }, async (ctx, childId: string) => {
  if (ctx.history.events === 1 && !childId.startsWith('again:')) {
    await ctx.startChild(noting, { workflowId: childId, input: 2 })
    await ctx.startChild(noting, { workflowId: `${childId}-done`, input: 2 })
    await ctx.waitForSignal(finish)
    ctx.continueAsNew(`again:${childId}`)
  }
  await ctx.waitForSignal(finish)
})
register(outliving)

test.each([0, 1])(
  'children outlive continue-as-new, and end with the chain (child on shard %i)',
  async (shard) => {
    const childId = idOn(shard, `can-child-${shard}`)
    const handle = await client.start(outliving, {
      workflowId: idOn(0, `can-outliving-${shard}`),
      input: childId,
    })
    await until(async () => (await recorded(handle, 'child_started')).length === 2)
    await handle.signal(finish)
    await until(async () => (await handle.describe()).runId !== handle.runId)
    await evict()
    await client.getHandle(`${childId}-done`).signal(finish)
    await until(async () => (await recorded(handle, 'carried_child_closed')).length === 1)
    expect(await client.describe(childId)).toMatchObject({ status: 'running' })
    await handle.signal(finish)
    await handle.result()
    await until(async () => (await client.describe(childId)).status === 'terminated')
  },
)

const rename = update<string, [string]>('rename')
const renaming = workflow('can-renaming', { messages: { finish, rename } }, async (ctx, run: number) => {
  ctx.setUpdateHandler(rename, (name) => `${name} in run ${run}`)
  await ctx.waitForSignal(finish)
  if (run === 1) ctx.continueAsNew(2)
  return run
})
register(renaming)

test('59 continue_as_new/updates_do_not_block_continue_as_new: an update of the closing turn is handled by the new run', async () => {
  let byTheNext = 0
  for (const attempt of Array.from({ length: 20 }, (_, i) => i)) {
    const handle = await client.start(renaming, { workflowId: `can-59-${attempt}`, input: 1 })
    const options = { args: ['ann'] as [string], updateId: `u-${attempt}` }
    const [, name] = await Promise.all([handle.signal(finish), handle.update(rename, options)])
    const first = client.getHandle(`can-59-${attempt}`, handle.runId)
    const types = await typesOf(first)
    expect(types.at(-1)).toBe('workflow_continued_as_new')
    expect(name).toBe(types.includes('update_accepted') ? 'ann in run 1' : 'ann in run 2')
    if (name === 'ann in run 2') byTheNext += 1
    await handle.signal(finish)
    expect(await handle.result()).toBe(2)
  }
  expect(byTheNext).toBeGreaterThan(0)
})
