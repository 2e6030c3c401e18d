import { describe, expect, test } from 'vitest'
import { defineActivity, query, signal, update, workflow } from '../../shared/define.ts'
import { WorkflowClient } from '../../shared/client.ts'
import { register } from '../workers/registry.ts'
import { advance, client, evict, gate, recorded, rejection, typesOf, until, world } from './world.ts'

const note = signal<string>('note')
const finish = signal('finish')
const notes = query<string[]>('notes')
const add = update<number, [string]>('add')

const busy = workflow('pause-busy', { messages: { note, finish, notes, add } }, async (ctx) => {
  const taken: string[] = []
  ctx.setQueryHandler(notes, () => taken)
  ctx.setUpdateHandler(add, (text) => taken.push(text))
  const take = async (): Promise<never> => {
    for (;;) {
      const text = await ctx.waitForSignal(note)
      taken.push(await ctx.run('take', () => text.toUpperCase()))
    }
  }
  const wake = async (): Promise<never> => {
    await ctx.sleep('1h')
    taken.push('slept')
    return new Promise(() => {})
  }
  await Promise.race([take(), wake(), ctx.waitForSignal(finish)])
  return taken
})
const opened = gate()
const slow = defineActivity('pause-slow', async () => {
  await opened.passed
  return 'done'
})
const working = workflow('pause-working', async (ctx) => {
  const first = await ctx.activity(slow, {})
  return [first, await ctx.run('after', () => 'after')]
})
register(busy, slow, working)

const keeping = [
  { how: 'resident', lose: async () => {} },
  { how: 'evicted', lose: async () => evict() },
]

describe.each(keeping)('a paused run ($how)', ({ how, lose }) => {
  test('104 pause/resume: takes signals, issues no command until resumed; timers due meanwhile fire at once', async () => {
    const workflowId = `pause-104-${how}`
    const handle = await client.start(busy, { workflowId })
    await handle.pause('maintenance')
    await handle.pause('again')
    await lose()
    await handle.signal(note, 'a', { signalId: 'n-1' })
    await handle.signal(note, 'b')
    await lose()
    await advance(3_600_000)
    await handle.signal(note, 'a', { signalId: 'n-1' })
    expect(await handle.describe()).toMatchObject({ status: 'paused' })
    expect((await client.list({ status: 'paused', idPrefix: workflowId })).map((run) => run.runId)).toEqual([
      handle.runId,
    ])
    expect(await handle.query(notes)).toEqual([])
    expect(await typesOf(handle)).toEqual(['workflow_started', 'timer_started', 'workflow_paused'])
    expect(await recorded(handle, 'workflow_paused')).toEqual([{ reason: 'maintenance' }])
    await lose()
    await handle.resume()
    await until(async () => (await handle.query(notes)).length === 3)
    expect((await handle.query(notes)).toSorted()).toEqual(['A', 'B', 'slept'])
    expect(await handle.describe()).toMatchObject({ status: 'running' })
    await handle.resume()
    await lose()
    await handle.signal(finish)
    expect(await handle.result()).toHaveLength(3)
    expect(await recorded(handle, 'signal_received')).toHaveLength(3)
  })

  test('104 pause/resume: takes completions, of which its code hears when it is resumed', async () => {
    const handle = await client.start(working, { workflowId: `pause-working-${how}` })
    await handle.pause()
    await lose()
    opened.open()
    await until(async () => (await handle.describe()).pendingActivities.length === 0 || how === 'evicted')
    await lose()
    expect(await typesOf(handle)).toEqual(['workflow_started', 'activity_scheduled', 'workflow_paused'])
    await handle.resume()
    expect(await handle.result()).toEqual(['done', 'after'])
  })

  test('can be terminated, and a cancel waits for the resume', async () => {
    const terminated = await client.start(busy, { workflowId: `pause-terminated-${how}` })
    await terminated.pause()
    await lose()
    await terminated.terminate()
    expect(await rejection(terminated.result())).toMatchObject({ status: 'terminated' })
    expect(await rejection(terminated.pause())).toMatchObject({ code: 'workflow_closed' })
    const cancelled = await client.start(busy, { workflowId: `pause-cancelled-${how}` })
    await cancelled.pause()
    await cancelled.cancel()
    await lose()
    expect(await cancelled.describe()).toMatchObject({ status: 'paused' })
    await cancelled.resume()
    expect(await rejection(cancelled.result())).toMatchObject({ status: 'cancelled' })
  })

  test('times out with its execution timeout, and takes no updates', async () => {
    const options = { workflowId: `pause-timeout-${how}`, executionTimeout: '2h' } as const
    const handle = await client.start(busy, options)
    await handle.pause()
    await lose()
    const refused = await rejection(handle.update(add, { args: ['x'] }))
    expect(refused).toMatchObject({ code: 'workflow_paused' })
    await advance(7_200_000)
    expect(await rejection(handle.result())).toMatchObject({ status: 'timed_out' })
  })

  test('a large signal that came meanwhile is read on resume', async () => {
    const storing = new WorkflowClient(world.SCHEDULER, { archive: world.ARCHIVE })
    const handle = await storing.start(busy, { workflowId: `pause-large-${how}` })
    await handle.pause()
    await handle.signal(note, 'x'.repeat(200_000))
    await handle.signal(note, 'after')
    await lose()
    await handle.resume()
    await handle.signal(note, 'last')
    await until(async () => (await handle.query(notes)).length === 3)
    expect((await handle.query(notes)).map((text) => text.length)).toEqual([200_000, 5, 4])
    await handle.terminate()
  })
})
