import { describe, expect, test } from 'vitest'
import { WorkflowClient } from '../../shared/client.ts'
import { query, signal, workflow } from '../../shared/define.ts'
import { WorkflowError } from '../../shared/errors.ts'
import type { WorkflowHandle } from '../../shared/workflow-handle.ts'
import { register } from '../workers/registry.ts'
import { client, evict, idOn, recorded, rejection, seeded, typesOf, world } from './world.ts'

const note = signal<string>('note')
const finish = signal('finish')
const notes = query<string[]>('notes')

/** Collects notes until it is told to finish. */
const collecting = workflow('signal-collecting', { messages: { note, finish, notes } }, async (ctx) => {
  const collected: string[] = []
  ctx.setQueryHandler(notes, () => collected)
  const collect = async (): Promise<never> => {
    for (;;) collected.push(await ctx.waitForSignal(note))
  }
  await Promise.race([collect(), ctx.waitForSignal(finish)])
  return collected
})
const sending = workflow('signal-sending', async (ctx, to: { workflowId: string; runId?: string }) => {
  const target = ctx.external(to.workflowId, to.runId)
  try {
    await target.signal(note, `from ${ctx.workflowId}`)
    return 'delivered'
  } catch (error) {
    return error instanceof WorkflowError ? error.code : 'other'
  }
})
register(collecting, sending)

test('36 signal/external: a send that returned is delivered, whatever is lost then; an unknown run is an error', async () => {
  const workflowId = 'signal-36'
  const handle = await client.start(collecting, { workflowId })
  for (const text of ['a', 'b', 'c']) {
    await handle.signal(note, text)
    await evict()
  }
  const twice = { signalId: 'sent-twice' }
  await handle.signal(note, 'd', twice)
  await handle.signal(note, 'd', twice)
  await handle.signal(finish)
  expect(await handle.result()).toEqual(['a', 'b', 'c', 'd'])
  await handle.signal(note, 'd', twice)
  const unknown = client.getHandle<typeof collecting>('signal-36-unknown')
  expect(await rejection(unknown.signal(note, 'd'))).toMatchObject({
    name: 'WorkflowNotFoundError',
    code: 'workflow_not_found',
    workflowId: 'signal-36-unknown',
  })
  const otherRun = client.getHandle<typeof collecting>(workflowId, 'no-such-run')
  expect(await rejection(otherRun.signal(note, 'd'))).toMatchObject({
    code: 'workflow_not_found',
    message: expect.stringContaining('no-such-run'),
  })
})

describe.each([
  { place: 'the same shard', shard: 0 },
  { place: 'another shard', shard: 1 },
])('a workflow on $place', ({ shard }) => {
  test('38 signal/child_workflow: a signal through the child handle takes effect in the child', async () => {
    const input = idOn(shard, 'signal-38-child')
    const handle = await client.start(parent, { workflowId: idOn(0, `signal-38-${shard}`), input })
    expect(await handle.result()).toEqual(['one', 'two'])
    expect(await typesOf(client.getHandle(input))).toEqual([
      'workflow_started',
      'signal_received',
      'signal_received',
      'signal_received',
      'workflow_completed',
    ])
  })

  test('39 signal/workflow_to_workflow: by id, recorded in both histories; an unknown one is an error', async () => {
    const workflowId = idOn(0, `signal-39-${shard}`)
    const to = idOn(shard, 'signal-39-to')
    const receiver = await client.start(collecting, { workflowId: to })
    const sender = await client.start(sending, { workflowId, input: { workflowId: to } })
    expect(await sender.result()).toBe('delivered')
    await receiver.signal(finish)
    expect(await receiver.result()).toEqual([`from ${workflowId}`])
    expect(await typesOf(sender)).toEqual([
      'workflow_started',
      'external_signal_requested',
      'external_signal_delivered',
      'workflow_completed',
    ])
    expect(await recorded(receiver, 'signal_received')).toMatchObject([
      { name: 'note', payload: `from ${workflowId}` },
      { name: 'finish' },
    ])
    const input = { workflowId: idOn(shard, 'signal-39-unknown') }
    expect(await client.execute(sending, { input })).toBe('workflow_not_found')
    expect(await client.execute(sending, { input: { workflowId: to } })).toBe('workflow_closed')
    const wrongRun = { workflowId: to, runId: 'no-such-run' }
    expect(await client.execute(sending, { input: wrongRun })).toBe('workflow_not_found')
  })
})

const parent = workflow('signal-parent', async (ctx, childId: string) => {
  const child = await ctx.startChild(collecting, { workflowId: childId })
  await child.signal(note, 'one')
  await child.signal(note, 'two')
  await child.signal(finish)
  return child.result()
})
register(parent)

test('40 signal/signal_with_start: starts when there is no run, only signals when there is; never two runs', async () => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const random = seeded(seed)
    const workflowId = `signal-40-${seed}`
    const senders = Array.from({ length: 2 + Math.floor(random() * 8) }, (_, i) => `note ${i}`)
    const send = (payload: string) =>
      new WorkflowClient(random() < 0.5 ? world.SCHEDULER : world.WORKFLOWS).signalWithStart(collecting, {
        workflowId,
        signal: note,
        payload,
      })
    const handles = await Promise.all(senders.map(send))
    expect(new Set(handles.map(({ runId }) => runId)).size, `seed ${seed}`).toBe(1)
    const handle = client.getHandle<typeof collecting>(workflowId)
    expect((await typesOf(handle)).slice(0, 2)).toEqual(['workflow_started', 'signal_received'])
    if (random() < 0.5) await evict()
    await send('again')
    await handle.signal(finish)
    expect((await handle.result()).toSorted(), `seed ${seed}`).toEqual(['again', ...senders])
    expect(await client.count({ idPrefix: workflowId })).toBe(1)
  }
})

test('41 signal/prevent_close: what was accepted before the completion is applied is delivered before the close', async () => {
  let behind = 0
  for (const seed of Array.from({ length: 20 }, (_, i) => i + 1)) {
    const random = seeded(seed)
    const handle = await client.start(collecting, { workflowId: `signal-41-${seed}` })
    const texts = Array.from({ length: 6 }, (_, i) => `note ${i}`)
    const order = texts.toSpliced(Math.floor(random() * 7), 0, 'finish')
    const answers = await Promise.all(order.map((text) => sent(handle, text)))
    await handle.result()
    const received = (await recorded(handle, 'signal_received')).map(({ payload }) => payload ?? 'finish')
    expect(received, `seed ${seed}`).toEqual(answers.filter((answer) => answer !== 'workflow_closed'))
    const types = await typesOf(handle)
    expect(types.at(-1)).toBe('workflow_completed')
    expect(types).not.toContain('signals_discarded')
    expect(await handle.query(notes)).toEqual(received.filter((text) => text !== 'finish'))
    behind += received.length - 1 - received.indexOf('finish')
  }
  expect(behind).toBeGreaterThan(0)
})

/** The text of an accepted message, or why it was refused. */
async function sent(handle: WorkflowHandle<string[], typeof collecting.messages>, text: string) {
  const answer = text === 'finish' ? handle.signal(finish) : handle.signal(note, text)
  return answer.then(
    () => text,
    (error: unknown) => (error instanceof WorkflowError ? error.code : 'other'),
  )
}
