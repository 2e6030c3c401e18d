import { describe, expect, test } from 'vitest'
import { CancelledError, defineActivity, signal, workflow } from '../../shared/index.ts'
import type { WorkflowContext } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { client, evict, gate, recorded, rejection, typesOf, until } from './world.ts'

const never = signal('never')
const cleanedUp: string[] = []
const hanging = gate()

const release = defineActivity('release', async (name: string) => {
  cleanedUp.push(name)
  return name
})
const child = workflow('hangingChild', async (ctx) => ctx.waitForSignal(never))

/** Everything that can be awaited and cancelled. */
const AWAITS: Record<string, (ctx: WorkflowContext) => Promise<unknown>> = {
  sleep: async (ctx) => ctx.sleep('1d'),
  sleepUntil: async (ctx) => ctx.sleepUntil(new Date(ctx.now().getTime() + 86_400_000)),
  waitForSignal: async (ctx) => ctx.waitForSignal(never),
  'waitForSignal with a default': async (ctx) => ctx.waitForSignal(never, { timeout: '1d', default: 1 }),
  receiveSignal: async (ctx) => ctx.receiveSignal(never),
  condition: async (ctx) => ctx.condition(() => false),
  activity: async (ctx) => ctx.activity('hang', { taskQueue: 'nobody', cancellation: 'try' }),
  'activity that is waited for': async (ctx) => ctx.activity('hang', { taskQueue: 'nobody' }),
  step: async (ctx) => ctx.run('hang', () => hanging.passed),
  child: async (ctx) => ctx.executeChild(child, { workflowId: `${ctx.workflowId}/child` }),
  all: async (ctx) => Promise.all([ctx.sleep('1d'), ctx.waitForSignal(never)]),
  'within a scope': async (ctx) => ctx.scope(async () => ctx.sleep('1d')),
}
const cancellable = workflow('cancellable', async (ctx, what: string) => {
  const errors: unknown[] = []
  try {
    await AWAITS[what]!(ctx)
  } catch (error) {
    errors.push(error)
    await ctx.sleep('1s').catch((later: unknown) => errors.push(later)) // so does every later await
    throw error
  } finally {
    await ctx.shield(async () => {
      await ctx.activity(release, { input: `${ctx.workflowId}: ${errors.length} errors` })
      await ctx.run('note', () => cleanedUp.push('a step'))
    })
  }
})

const ENDS: Record<string, (ctx: WorkflowContext, error: unknown) => unknown> = {
  rethrown: (_ctx, error) => {
    throw error
  },
  'another cancelled error': () => {
    throw new CancelledError('my own')
  },
  swallowed: () => 'finished all the same',
  'another error': () => {
    throw new Error('clean-up failed')
  },
}
const ending = workflow('ending', async (ctx, how: string) => {
  try {
    return await ctx.waitForSignal(never)
  } catch (error) {
    return ENDS[how]!(ctx, error)
  }
})

const shielded = workflow('shielded', async (ctx) => {
  const inside = await ctx.shield(async () => ctx.waitForSignal(signal<string>('inside')))
  const aborted = ctx.cancellation.aborted
  const after = await ctx.sleep('1h').catch((error: unknown) => (error as Error).name)
  return { inside, aborted, after }
})
register(release, child, cancellable, ending, shielded)

describe('102 cancel/cleanup', () => {
  test.each(Object.keys(AWAITS))(
    '102 cancel/cleanup: a pending %s throws, so does every later await, and clean-up under shield runs',
    async (what) => {
      const run = await client.start(cancellable, { workflowId: what, input: what })
      await until(async () => (await run.describe()).waitingFor.length > 0)
      await evict(what)
      await run.cancel('changed my mind')
      await evict(what)
      const error = await rejection(run.result())
      expect(error).toMatchObject({ code: 'workflow_failed', status: 'cancelled' })
      expect(error.cause).toMatchObject({ code: 'cancelled', reason: 'changed my mind' })
      expect(cleanedUp).toContain(`${what}: 2 errors`)
      const types = await typesOf(run)
      expect(types).toContain('workflow_cancel_requested')
      expect(types.filter((type) => type === 'activity_completed')).toHaveLength(1)
      expect(types.at(-1)).toBe('workflow_cancelled')
    },
  )

  test.each([
    ['rethrown', 'cancelled'],
    ['another cancelled error', 'cancelled'],
    ['swallowed', 'completed'],
    ['another error', 'failed'],
  ])('102 cancel/cleanup: the error is %s: the run is %s', async (how, status) => {
    const run = await client.start(ending, { workflowId: how, input: how })
    await run.cancel()
    await until(async () => (await run.describe()).status !== 'running')
    expect((await run.describe()).status).toBe(status)
  })

  test('102 cancel/cleanup: what is shielded does not feel it, what comes after does', async () => {
    const run = await client.start(shielded, { workflowId: 'shielded' })
    await run.cancel()
    await evict('shielded')
    expect((await run.describe()).status).toBe('running')
    await run.signal('inside', 'heard')
    await expect(run.result()).resolves.toEqual({ inside: 'heard', aborted: true, after: 'CancelledError' })
  })

  test('102 cancel/cleanup: asked for twice it is recorded once', async () => {
    const run = await client.start(shielded, { workflowId: 'twice' })
    await run.cancel('first')
    await run.cancel('second')
    await run.signal('inside', 'heard')
    await run.result()
    expect(await recorded(run, 'workflow_cancel_requested')).toEqual([{ reason: 'first' }])
  })

  test('102 cancel/cleanup: before its first turn was answered, and after it has closed', async () => {
    const [run] = await Promise.all([
      client.start(ending, { workflowId: 'at once', input: 'rethrown' }),
      client.cancel('at once').catch(() => {}),
    ])
    await run.cancel().catch(() => {})
    expect((await rejection(run.result())).cause).toMatchObject({ code: 'cancelled' })
    expect(await rejection(run.cancel())).toMatchObject({ code: 'workflow_closed' })
  })
})
