import { expect, test } from 'vitest'
import { WorkflowClient } from '../../shared/client.ts'
import { query, signal, update, workflow } from '../../shared/define.ts'
import type { ClientInterceptor } from '../../shared/interceptor.ts'
import { register } from '../workers/registry.ts'
import { rejection, world } from './world.ts'

const add = update<number, [amount: number]>('add')
const note = signal<string>('note')
const notes = query<string[], [prefix?: string]>('notes')
const messages = { add, note, notes }
const account = workflow('intercepted-account', { messages }, async (ctx, start: number) => {
  let total = start
  const noted: string[] = []
  ctx.setUpdateHandler(add, (amount) => (total += amount))
  ctx.setSignalHandler(note, (text) => void noted.push(text))
  ctx.setQueryHandler(notes, (prefix = '') => noted.map((text) => `${prefix}${text}`))
  await ctx.condition(() => total >= 100)
  return total
})
register(account)

function intercepted(...interceptors: ClientInterceptor[]): WorkflowClient {
  return new WorkflowClient(world.SCHEDULER, { interceptors })
}

test('56 update/client_interceptor: an interceptor may change the arguments of an update', async () => {
  const doubled: ClientInterceptor = {
    update: (call, next) => next({ ...call, args: call.args.map((amount) => Number(amount) * 2) }),
  }
  const run = await intercepted(doubled).start(account, { workflowId: 'intercepted-update', input: 0 })
  expect(await run.update(add, { args: [5] })).toBe(10)
  const accepted = await run.startUpdate(add, { args: [20], updateId: 'second' })
  expect(accepted.updateId).toBe('second')
  expect(await accepted.result()).toBe(50)
  expect(
    await new WorkflowClient(world.SCHEDULER)
      .getHandle<typeof account>(run.workflowId)
      .update(add, { args: [5] }),
  ).toBe(55)
})

test('56 update/client_interceptor: starts, signals and queries too, the first of the list outermost', async () => {
  const order: string[] = []
  const named = (name: string): ClientInterceptor => ({
    async start({ workflow: type, options }, next) {
      order.push(`${name} before ${type}`)
      const handle = await next({
        workflow: type,
        options: { ...options, memo: { ...options.memo, [name]: true } },
      })
      order.push(`${name} after`)
      return handle
    },
    signal: (call, next) => next({ ...call, payload: `${String(call.payload)} by ${name}` }),
    query: async (call, next) => {
      const answer = await next({ ...call, args: ['> '] })
      return [...(answer as string[]), name]
    },
  })
  const client = intercepted(named('outer'), {}, named('inner'))
  const run = await client.start(account, { workflowId: 'intercepted-all', input: 0 })
  expect(order).toEqual([
    'outer before intercepted-account',
    'inner before intercepted-account',
    'inner after',
    'outer after',
  ])
  expect((await run.describe()).memo).toEqual({ outer: true, inner: true })
  await run.signal(note, 'hello')
  expect(await run.query(notes)).toEqual(['> hello by outer by inner', 'inner', 'outer'])
})

test('56 update/client_interceptor: every way to start goes through it', async () => {
  const seen: (string | undefined)[] = []
  const client = intercepted({
    start: ({ workflow: type, options }, next) => {
      seen.push(options.workflowId)
      if (options.workflowId === 'intercepted-refused') throw new Error('not for you')
      return next({ workflow: type, options: { ...options, input: 100 } })
    },
  })
  expect(await client.execute(account, { workflowId: 'intercepted-execute', input: 0 })).toBe(100)
  const signalled = { workflowId: 'intercepted-signal', input: 0, signal: note, payload: 'first' }
  expect(await (await client.signalWithStart(account, signalled)).result()).toBe(100)
  const { started, errors } = await client.startBatch(account, [
    { workflowId: 'intercepted-batch', input: 0 },
    { workflowId: 'intercepted-refused', input: 0 },
  ])
  expect(await started[0]?.result()).toBe(100)
  expect(errors).toMatchObject([{ index: 1, error: { code: 'internal', cause: { message: 'not for you' } } }])
  const refused = client.start(account, { workflowId: 'intercepted-refused', input: 0 })
  expect((await rejection(refused)).message).toBe('not for you')
  expect(seen).toEqual([
    'intercepted-execute',
    'intercepted-signal',
    'intercepted-batch',
    'intercepted-refused',
    'intercepted-refused',
  ])
})
