/** What was sent to a run that then ended without its code: blocked by a deploy, or paused. */
import { describe, expect, test } from 'vitest'
import { signal, workflow } from '../../shared/index.ts'
import type { HistoryEvent, WorkflowContext, WorkflowHandle } from '../../shared/index.ts'
import { environments } from './environments.ts'

const create = environments()
const go = signal<string>('go')
const words = signal<string>('words')
const messages = { go, words }
type Context = WorkflowContext<typeof messages>

const reading = async (ctx: Context): Promise<string[]> => {
  await ctx.waitForSignal(go)
  return [await ctx.waitForSignal(words), await ctx.waitForSignal(words)]
}
const changed = async (ctx: Context): Promise<string[]> => [await ctx.run('first', () => 'x')]

let deployed = reading
const changing = workflow('unheard', { messages }, async (ctx) => await deployed(ctx))
const RETRIED = { runTimeout: '1h', retry: { initialInterval: '10m', maxAttempts: 2 } } as const

async function begun(options: object = {}) {
  deployed = reading
  const env = await create({ workflows: [changing], startTime: 0 })
  const handle = await env.client.start(changing, { workflowId: 'w', ...options })
  await handle.signal(words, 'one')
  return { env, handle }
}

async function blocked(options: object = {}) {
  const { env, handle } = await begun(options)
  deployed = changed
  await env.evict()
  await handle.signal(words, 'two')
  await handle.signal(go, 'now', { signalId: 'go-1' })
  expect(await handle.describe()).toMatchObject({ status: 'running', blocked: {} })
  return { env, handle }
}

async function eventsOf(handle: Pick<WorkflowHandle, 'history'>): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = []
  for await (const event of handle.history()) events.push(event)
  return events
}
const typesOf = async (handle: Pick<WorkflowHandle, 'history'>) =>
  (await eventsOf(handle)).map(({ type }) => type)

describe('a run that ends without its code leaves', () => {
  test('to the next attempt what it had not read, and what it had yet to hear, in order', async () => {
    const { env, handle } = await blocked(RETRIED)
    await env.advance('1h')
    deployed = reading
    await handle.signal(go, 'now', { signalId: 'go-1' }) // sent again by its sender
    await env.advance('10m')
    expect(await handle.result()).toEqual(['one', 'two'])
    const next = await typesOf(env.client.getHandle('w'))
    expect(next.filter((type) => type === 'signal_received')).toHaveLength(3)
  })

  test('to the next attempt what came while it was paused, a cancel too', async () => {
    const { env, handle } = await begun(RETRIED)
    await handle.pause('wait')
    await handle.signal(words, 'two')
    await handle.cancel('enough')
    await env.advance('1h')
    await expect(handle.result()).rejects.toMatchObject({ status: 'cancelled' })
    expect(await typesOf(env.client.getHandle('w'))).toEqual([
      'workflow_started',
      'signal_received',
      'signal_received',
      'workflow_cancel_requested',
      'signals_discarded',
      'workflow_cancelled',
    ])
  })

  test('to the run that it is reset to what it had yet to hear', async () => {
    const { env, handle } = await blocked()
    deployed = reading
    await handle.reset({ toEvent: 1, reason: 'the code is repaired' })
    await env.settle()
    expect(await handle.result()).toEqual(['one', 'two'])
  })

  test.each(['paused', 'blocked'])(
    'to nobody when it is terminated while %s: history says so',
    async (how) => {
      const { handle } = how === 'blocked' ? await blocked() : await begun()
      if (how === 'paused') {
        await handle.pause()
        await handle.signal(words, 'two')
        await handle.signal(go, 'now', { signalId: 'go-1' })
      }
      await handle.terminate()
      const events = await eventsOf(handle)
      expect(events.find(({ type }) => type === 'signals_discarded')).toMatchObject({
        data: { names: ['words', 'words', 'go'] },
      })
      expect(events.at(-1)).toMatchObject({ type: 'workflow_terminated' })
    },
  )
})
