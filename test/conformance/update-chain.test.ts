import { expect, test } from 'vitest'
import { signal, update, workflow } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { advance, client, evict, historyOf, recorded, rejection, seeded, typesOf } from './world.ts'

const note = update<string, [text: string]>('note')
const slow = update<string, []>('slow')
const turn = signal('turn')
const go = signal('go')

/** Goes on as a new run each time it is told to, and says which run took a note. */
const turning = workflow(
  'update-turning',
  { messages: { note, slow, turn, go } },
  async (ctx, round: number) => {
    let went = false
    ctx.setUpdateHandler(note, (text) => `${text} in ${round}`)
    ctx.setUpdateHandler(slow, async () => {
      await ctx.condition(() => went)
      return `slow in ${round}`
    })
    ctx.setSignalHandler(go, () => {
      went = true
    })
    await ctx.waitForSignal(turn)
    if (round < 3) ctx.continueAsNew(round + 1)
    return 'the end'
  },
)
register(turning)

test('59 continue_as_new/updates_do_not_block_continue_as_new: an update in the closing turn is the new run’s', async () => {
  let behind = 0
  for (const seed of Array.from({ length: 12 }, (_, i) => i + 1)) {
    const random = seeded(seed)
    const handle = await client.start(turning, { input: 1 })
    const texts = Array.from({ length: 5 }, (_, i) => `${i}`)
    const order = texts.toSpliced(Math.floor(random() * 6), 0, 'turn')
    const answers = await Promise.all(
      order.map(async (text) =>
        text === 'turn' ? await handle.signal(turn) : await handle.update(note, { args: [text] }),
      ),
    )
    const first = client.getHandle(handle.workflowId, handle.runId)
    const types = await typesOf(first)
    expect(types.at(-1), `seed ${seed}`).toBe('workflow_continued_as_new')
    const late = answers.filter((answer) => answer?.endsWith('in 2')).length
    expect(answers.filter((answer) => answer?.endsWith('in 1'))).toHaveLength(5 - late)
    expect(
      types.filter((type) => type === 'update_accepted'),
      `seed ${seed}`,
    ).toHaveLength(5 - late)
    expect(await recorded(client.getHandle(handle.workflowId), 'update_accepted')).toHaveLength(late)
    behind += late
  }
  expect(behind).toBeGreaterThan(0)
})

test('58 continue_as_new/signals_block_continue_as_new: a handler under way ends before the run goes on as new', async () => {
  const handle = await client.start(turning, { input: 1 })
  const accepted = await handle.startUpdate(slow, { args: [] })
  await handle.signal(turn)
  await evict()
  expect((await handle.describe()).runId).toBe(handle.runId)
  await handle.signal(go)
  expect(await accepted.result()).toBe('slow in 1')
  expect(await handle.update(note, { args: ['then'] })).toBe('then in 2')
})

test('50 update/deduplication: an update of an earlier run of the chain is answered by that run', async () => {
  const handle = await client.start(turning, { input: 1 })
  const once = { args: ['a'] as [string], updateId: 'once' }
  expect(await handle.update(note, once)).toBe('a in 1')
  await handle.signal(turn)
  expect(await handle.update(note, { args: ['b'], updateId: 'second' })).toBe('b in 2')
  await handle.signal(turn)
  const latest = client.getHandle<typeof turning>(handle.workflowId)
  for (const lost of [false, true]) {
    if (lost) await evict()
    expect(await latest.update(note, once)).toBe('a in 1')
    expect(await handle.update(note, { args: ['c'], updateId: 'second' })).toBe('b in 2')
    if (lost) await evict()
    expect(await latest.getUpdate('once').result()).toBe('a in 1')
    expect(await rejection(latest.getUpdate('never').result())).toMatchObject({ code: 'update_not_found' })
  }
  expect((await historyOf(latest)).map(({ type }) => type)).toEqual(['workflow_started'])
  await handle.signal(turn)
  expect(await handle.result()).toBe('the end')
  expect(await latest.update(note, once)).toBe('a in 1')
})

test('an update of a run that has not begun is asked for again, and taken when the code has set its handler', async () => {
  const handle = await client.start(turning, { input: 1, startDelay: '1h' })
  const early = await rejection(handle.update(note, { args: ['early'], updateId: 'early' }))
  expect(early).toMatchObject({ code: 'workflow_not_begun', retryAfterMs: expect.closeTo(3_600_000, -5) })
  await advance(3_600_000)
  expect(await handle.update(note, { args: ['early'], updateId: 'early' })).toBe('early in 1')
})

test('57 continue_as_new/continue_as_same: what was upserted is the next run’s, too', async () => {
  const start = { memo: { note: 'first', gone: 1 }, searchAttributes: { stage: 'new', total: 1 } }
  const handle = await client.start(renewing, { input: 1, ...start })
  expect(await handle.result()).toBe('the end')
  expect(await client.getHandle(handle.workflowId).describe()).toMatchObject({
    memo: { note: 'second' },
    searchAttributes: { stage: 'renewed' },
  })
  expect((await client.describe(handle.workflowId)).memo).not.toHaveProperty('gone')
})

const renewing = workflow('update-renewing', async (ctx, round: number) => {
  if (round > 1) return 'the end'
  ctx.upsertMemo({ note: 'second', gone: null })
  ctx.upsertSearchAttributes({ stage: 'renewed', total: null })
  return ctx.continueAsNew(round + 1)
})
register(renewing)
