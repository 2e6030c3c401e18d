/** Updates of runs in every state: archived, closing, blocked; and with payloads of every size. */
import { describe, expect, test } from 'vitest'
import { query, signal, update, WorkflowClient, workflow } from '../../shared/index.ts'
import type { WorkflowContext } from '../../shared/index.ts'
import { pass } from '../archiver/passes.ts'
import { register } from '../workers/registry.ts'
import { client, evict, recorded, rejection, seeded, typesOf, until, world } from './world.ts'

const MB = 1_000_000
const note = update<number, [text: string]>('note')
const echo = update<string, [text: string]>('echo')
const finish = signal('finish')
const notes = query<string[]>('notes')

const noting = async (ctx: WorkflowContext) => {
  const noted: string[] = []
  ctx.setQueryHandler(notes, () => noted)
  ctx.setUpdateHandler(note, async (text) => {
    if (text === 'wrong') throw new Error('not that')
    await ctx.run('look up', () => text)
    return noted.push(text)
  })
  ctx.setUpdateHandler(echo, (text) => text, {
    validate: (text) => {
      if (text.length < 2) throw new Error('too short')
    },
  })
  await ctx.waitForSignal(finish)
  return noted.length
}
const staysHot = workflow('updateNoting', noting)
const staysWarm = workflow('staysWarm', noting)
const goesCold = workflow('goesCold', noting)

let deployed: (ctx: WorkflowContext) => Promise<unknown> = noting
const changing = workflow('updateChanging', async (ctx) => deployed(ctx))
register(staysHot, staysWarm, goesCold, changing)

describe.each([
  ['warm', staysWarm],
  ['cold', goesCold],
] as const)('archived, %s', (tier, type) => {
  test('50 update/deduplication: an update is answered alike after its run was archived', async () => {
    const workflowId = `update-archived-${tier}`
    const handle = await client.start(type, { workflowId })
    const once = { args: ['a'] as [string], updateId: 'once' }
    const wrong = { args: ['wrong'] as [string], updateId: 'wrong' }
    expect(await handle.update(note, once)).toBe(1)
    await rejection(handle.update(note, wrong))
    await handle.signal(finish)
    await handle.result()
    await until(async () => {
      await pass()
      return (await client.list({ idPrefix: workflowId, tiers: [tier] })).length === 1
    })
    expect(await handle.update(note, once)).toBe(1)
    expect(await client.getHandle(workflowId).getUpdate('once').result()).toBe(1)
    expect(await rejection(handle.getUpdate('wrong').result())).toMatchObject({ message: 'not that' })
    expect(await rejection(handle.getUpdate('other').result())).toMatchObject({ code: 'update_not_found' })
    expect(await rejection(handle.update(note, { args: ['b'] }))).toMatchObject({ code: 'workflow_closed' })
    expect(await handle.query(notes)).toEqual(['a'])
  })
})

describe.each([
  ['a namespace connection', new WorkflowClient(world.SCHEDULER, { archive: world.ARCHIVE })],
  ['a service binding', new WorkflowClient(world.WORKFLOWS)],
] as const)('over %s', (_, by) => {
  test.each([1, 6])('an argument of %i MB goes to the handler and comes back as its result', async (size) => {
    const text = 'u'.repeat(size * MB)
    const handle = await by.start(staysHot, {})
    expect(await handle.update(echo, { args: [text], updateId: 'large' })).toBe(text)
    await evict(handle.workflowId)
    expect(await handle.getUpdate('large').result()).toBe(text)
    expect(await handle.update(echo, { args: ['short'] })).toBe('short')
    expect(await typesOf(handle)).toHaveLength(5)
  })

  test('arguments above 8 MiB are refused with their path, and nothing is recorded', async () => {
    const handle = await by.start(staysHot, {})
    const error = await rejection(handle.update(echo, { args: ['u'.repeat(9 * MB)] }))
    expect(error).toMatchObject({ code: 'payload_too_large', path: 'args' })
    expect(await typesOf(handle)).toEqual(['workflow_started'])
  })
})

test('an update accepted before the completion is applied keeps the run open until its handler has ended', async () => {
  let behind = 0
  for (const seed of Array.from({ length: 10 }, (_, i) => i + 1)) {
    const random = seeded(seed)
    const handle = await client.start(staysHot, {})
    const texts = Array.from({ length: 6 }, (_, i) => `note ${i}`)
    const order = texts.toSpliced(Math.floor(random() * 7), 0, 'finish')
    const sent = order.map(async (text) => {
      if (text === 'finish') return await handle.signal(finish)
      return await handle.update(note, { args: [text] }).catch(({ code }: { code: string }) => code)
    })
    const answers = await Promise.all(sent)
    await handle.result()
    const accepted = await recorded(handle, 'update_accepted')
    expect(await recorded(handle, 'update_completed'), `seed ${seed}`).toHaveLength(accepted.length)
    expect(answers.filter((answer) => typeof answer === 'number')).toHaveLength(accepted.length)
    expect(await handle.query(notes)).toHaveLength(accepted.length)
    const types = await typesOf(handle)
    expect(types.at(-1)).toBe('workflow_completed')
    behind += types
      .slice(types.indexOf('signal_received'))
      .filter((type) => type === 'update_accepted').length
  }
  expect(behind).toBeGreaterThan(0)
})

test('an update of a blocked run is refused; one in flight is done when the code is mended', async () => {
  const handle = await client.start(changing, {})
  deployed = async (ctx) => {
    ctx.setUpdateHandler(note, async () => {
      await ctx.waitForSignal('go')
      return 1
    })
    await ctx.waitForSignal(finish)
  }
  await evict(handle.workflowId)
  const accepted = await handle.startUpdate(note, { args: ['a'] })
  const mended = deployed
  deployed = async (ctx) => ctx.sleep('1h')
  await evict()
  await handle.signal('go')
  expect((await handle.describe()).blocked).toMatchObject({ code: 'nondeterminism' })
  expect(await rejection(handle.update(note, { args: ['b'] }))).toMatchObject({ code: 'blocked' })
  deployed = mended
  await evict()
  expect(await accepted.result()).toBe(1)
  expect(await recorded(handle, 'update_accepted')).toHaveLength(1)
})

test('an update whose handler breaks determinism blocks the run and leaves no trace', async () => {
  deployed = async (ctx) => {
    ctx.setUpdateHandler(note, async () => {
      await fetch('https://example.com')
      return 1
    })
    await ctx.waitForSignal(finish)
  }
  const handle = await client.start(changing, {})
  const refused = await rejection(handle.update(note, { args: ['a'] }))
  expect(refused).toMatchObject({
    code: 'blocked',
    message: expect.stringContaining('fetch in workflow code'),
  })
  expect(await typesOf(handle)).toEqual(['workflow_started'])
  deployed = noting
  await evict()
  expect(await handle.update(note, { args: ['a'] })).toBe(1)
})
