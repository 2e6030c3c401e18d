/** Virtual time: it stands still, and what is due comes in order. */
import { expect, test } from 'vitest'
import { ApplicationError, defineActivity, signal, TimeoutError, workflow } from '../../shared/index.ts'
import { environments } from './environments.ts'

const create = environments()
const startTime = '2026-01-01T00:00:00Z'
const noon = new Date(startTime).getTime()

test('time stands still until it is advanced, and is the same everywhere', async () => {
  const sleeps = workflow('sleeps', async (ctx) => {
    const before = ctx.now().getTime()
    await ctx.sleep('90d')
    return [before, Date.now()]
  })
  const env = await create({ workflows: [sleeps], startTime })
  const handle = await env.client.start(sleeps, { workflowId: 'sleeps' })
  await env.settle()
  expect(await handle.describe()).toMatchObject({ status: 'running', startedAt: new Date(startTime) })
  await env.advance('89d')
  expect((await handle.describe()).status).toBe('running')
  await env.advance('1d')
  expect(await handle.result()).toEqual([noon, noon + 90 * 86_400_000])
})

test('what falls due in one advance happens in the order of its time, over all runs', async () => {
  const seen: string[] = []
  const note = defineActivity('note', async (text: string) => void seen.push(text))
  const naps = workflow('naps', async (ctx, minutes: number) => {
    for (let nap = 1; nap <= 3; nap += 1) {
      await ctx.sleep(minutes * 60_000)
      await ctx.activity(note, { input: `${minutes * nap}` })
    }
  })
  const env = await create({ workflows: [naps], activities: [note] })
  for (const minutes of [7, 2, 5])
    await env.client.start(naps, { workflowId: `naps-${minutes}`, input: minutes })
  await env.advance('1h')
  expect(seen).toEqual(['2', '4', '5', '6', '7', '10', '14', '15', '21'])
})

test('a failed activity is tried again after each pause of its policy, and no sooner', async () => {
  let attempts: number[] = []
  const fails = defineActivity('fails', async (_: undefined, ctx) => {
    attempts.push(ctx.attempt)
    if (ctx.attempt < 4) throw new Error('not yet')
    return 'at last'
  })
  const retries = workflow('retries', async (ctx) => {
    const retry = { initialInterval: '10s', maxInterval: '1m', backoffCoefficient: 4 } as const
    const result = await ctx.activity(fails, { retry })
    return { result, after: ctx.now().getTime() - ctx.startTime.getTime() }
  })
  const env = await create({ workflows: [retries], activities: [fails] })
  const handle = await env.client.start(retries, { workflowId: 'retries' })
  const during = async (by: `${number}s`): Promise<number[]> => {
    attempts = []
    await env.advance(by)
    return attempts
  }
  expect(await during('9s')).toEqual([1])
  expect(await during('1s')).toEqual([2])
  expect(await during('39s')).toEqual([])
  expect(await during('1s')).toEqual([3])
  expect(await during('60s')).toEqual([4])
  expect(await handle.result()).toEqual({ result: 'at last', after: 110_000 })
})

test('an activity that hangs runs into its timeout, is told so, and the next attempt succeeds', async () => {
  const reasons: unknown[] = []
  const hangs = defineActivity('hangs', (_: undefined, ctx): Promise<string> => {
    if (ctx.attempt === 2) return Promise.resolve('second')
    return new Promise((_resolve, reject) => {
      ctx.cancellation.addEventListener('abort', () => {
        reasons.push(ctx.cancellation.reason)
        reject(ctx.cancellation.reason)
      })
    })
  })
  const waits = workflow('waits', async (ctx) => ctx.activity(hangs, { startToCloseTimeout: '5m' }))
  const env = await create({ workflows: [waits], activities: [hangs] })
  const handle = await env.client.start(waits, { workflowId: 'waits' })
  await env.advance('4m')
  expect(reasons).toEqual([])
  await env.advance('2m')
  expect(reasons).toEqual([expect.any(TimeoutError)])
  expect(await handle.result()).toBe('second')
})

test('an activity without a heartbeat is given up, one that beats is not', async () => {
  const silent = defineActivity('silent', () => new Promise<never>(() => {}))
  const watched = workflow('watched', async (ctx) =>
    ctx.activity(silent, { heartbeatTimeout: '30s', retry: { maxAttempts: 1 } }),
  )
  const env = await create({ workflows: [watched], activities: [silent] })
  const handle = await env.client.start(watched, { workflowId: 'watched' })
  await env.advance('29s')
  expect((await handle.describe()).status).toBe('running')
  await env.advance('2s')
  await expect(handle.result()).rejects.toMatchObject({ cause: { cause: { kind: 'heartbeat' } } })
})

test('a wait for a signal ends with the signal, or when its time is over', async () => {
  const approval = signal<string>('approval')
  const approves = workflow('approves', async (ctx) =>
    ctx.waitForSignal(approval, { timeout: '7d', default: 'nobody' }),
  )
  const env = await create({ workflows: [approves] })
  const [one, other] = [
    await env.client.start(approves, { workflowId: 'one' }),
    await env.client.start(approves, { workflowId: 'other' }),
  ]
  await env.advance('6d')
  await one.signal(approval, 'Ada')
  await env.advance('1d')
  expect(await one.result()).toBe('Ada')
  expect(await other.result()).toBe('nobody')
})

test('a result that is waited for costs nothing while years pass', async () => {
  const sleeps = workflow('sleeps', async (ctx) => ctx.sleep('3650d'))
  const env = await create({ workflows: [sleeps] })
  const handle = await env.client.start(sleeps, { workflowId: 'sleeps' })
  const result = handle.result()
  await env.advance('3650d')
  expect(await result).toBeUndefined()
})

test('inline steps are tried again in virtual time too', async () => {
  let tries = 0
  const steps = workflow('steps', async (ctx) =>
    ctx.run('third', () => {
      tries += 1
      if (tries < 3) throw new ApplicationError('not yet', { retryAfter: '1h' })
      return ctx.workflowId
    }),
  )
  const env = await create({ workflows: [steps] })
  const handle = await env.client.start(steps, { workflowId: 'steps' })
  await env.advance('1h')
  expect(tries).toBe(2)
  await env.advance('1h')
  expect(await handle.result()).toBe('steps')
})

test('settle waits for real IO of an activity', async () => {
  const { setTimeout: pause } = await import('node:timers/promises')
  const slow = defineActivity('slow', async () => {
    await pause(20)
    return 'read'
  })
  const reads = workflow('reads', async (ctx) => ctx.activity(slow, {}))
  const env = await create({ workflows: [reads], activities: [slow] })
  const handle = await env.client.start(reads, { workflowId: 'reads' })
  await env.settle()
  expect(await handle.describe()).toMatchObject({ status: 'completed', result: 'read' })
})

test('an activity is made once, whatever else the process computes meanwhile', async () => {
  const { pbkdf2 } = await import('node:crypto')
  let made = 0
  const once = defineActivity('once', () => void (made += 1))
  const calls = workflow('calls', async (ctx) => ctx.activity(once, {}))
  const env = await create({ workflows: [calls], activities: [once] })
  const handle = await env.client.start(calls, { workflowId: 'calls' })
  for (let thread = 1; thread <= 4; thread += 1) pbkdf2('a', 'b', 500_000, 64, 'sha512', () => {})
  await env.advance('1d')
  expect(await handle.describe()).toMatchObject({ status: 'completed' })
  expect(made).toBe(1)
})
