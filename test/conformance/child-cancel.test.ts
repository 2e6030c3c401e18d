import { describe, expect, test } from 'vitest'
import type { ChildOptions } from '../../shared/child.ts'
import { query, signal, workflow } from '../../shared/define.ts'
import { WorkflowError } from '../../shared/errors.ts'
import { register } from '../workers/registry.ts'
import { client, idOn, recorded, rejection, typesOf, until } from './world.ts'

/** The parent lives on shard 0; its child beside it or on the other shard. */
const places = [
  { place: 'the same shard', shard: 0 },
  { place: 'another shard', shard: 1 },
]

const go = signal<string>('go')
const outcome = query<string>('outcome')
const cancelChild = signal('cancel-child')
const close = signal('close')
const stubborn = workflow('child-stubborn', { messages: { go } }, async (ctx, obeys: boolean) => {
  try {
    return await ctx.waitForSignal(go)
  } catch (error) {
    if (obeys) throw error
    return ctx.shield(async () => `all the same: ${await ctx.waitForSignal(go)}`)
  }
})
interface Cancelling {
  childId: string
  cancellation: NonNullable<ChildOptions['cancellation']>
  obeys: boolean
  /** Cancelled in the turn that asks for it. */
  early?: boolean
}
const cancelling = workflow('child-cancelling', async (ctx, input: Cancelling) => {
  const { childId, cancellation, obeys, early = false } = input
  let seenBy = 'pending'
  ctx.setQueryHandler(outcome, () => seenBy)
  await ctx.scope(async (scope) => {
    const asked = ctx.waitForSignal(cancelChild)
    asked.then(
      () => scope.cancel('enough'),
      () => {}, // it was cancelled already
    )
    const options = { workflowId: childId, input: obeys, cancellation, parentClosePolicy: 'abandon' } as const
    const call = ctx.executeChild(stubborn, options)
    if (early) scope.cancel('enough')
    seenBy = await call.catch((error: unknown) => (error instanceof WorkflowError ? error.code : 'other'))
  })
  await ctx.sleep(0)
  await ctx.waitForSignal(close)
  return seenBy
})
const trusting = workflow('child-trusting', async (ctx, childId: string) =>
  ctx.executeChild(stubborn, { workflowId: childId, input: true }),
)
register(stubborn, cancelling, trusting)

describe.each(places)('a cancelled child on $place', ({ shard }) => {
  /** The child runs, and its parent has asked to cancel it. */
  async function cancelled(cancellation: Cancelling['cancellation'], obeys: boolean) {
    const childId = idOn(shard, `child-${cancellation}-${obeys}`)
    const workflowId = idOn(0, `parent-${cancellation}-${obeys}-${shard}`)
    const parent = await client.start(cancelling, { workflowId, input: { childId, cancellation, obeys } })
    await until(async () => (await typesOf(parent)).includes('child_started'))
    await parent.signal(cancelChild)
    return { parent, child: client.getHandle<typeof stubborn>(childId) }
  }

  test('31 child_workflow/cancel_abandon: the scope rejects at once, and the child never sees it', async () => {
    const { parent, child } = await cancelled('abandon', true)
    expect(await parent.query(outcome)).toBe('cancelled')
    await parent.signal(close)
    expect(await parent.result()).toBe('cancelled')
    await child.signal(go, 'on my own')
    expect(await child.result()).toBe('on my own')
    expect(await typesOf(child)).not.toContain('workflow_cancel_requested')
  })

  test('32 child_workflow/cancel_try_cancel: rejects at once, and the child gets a cancel request', async () => {
    const { parent, child } = await cancelled('try', true)
    expect(await parent.query(outcome)).toBe('cancelled')
    expect(await rejection(child.result())).toMatchObject({ status: 'cancelled' })
    expect(await recorded(child, 'workflow_cancel_requested')).toEqual([{ reason: 'enough' }])
    await parent.signal(close)
    expect(await parent.result()).toBe('cancelled')
  })

  test('33 child_workflow/cancel_wait_requested: rejects once the request is durably delivered', async () => {
    const { parent, child } = await cancelled('wait-requested', false)
    await until(async () => (await parent.query(outcome)) === 'cancelled')
    expect(await recorded(child, 'workflow_cancel_requested')).toEqual([{ reason: 'enough' }])
    expect((await child.describe()).status).toBe('running')
    const types = await typesOf(parent)
    expect(types.indexOf('external_cancel_delivered')).toBeGreaterThan(
      types.indexOf('external_cancel_requested'),
    )
    expect(types.indexOf('timer_started')).toBeGreaterThan(types.indexOf('external_cancel_delivered'))
    await child.signal(go, 'late')
    expect(await child.result()).toBe('all the same: late')
    await parent.signal(close)
    expect(await parent.result()).toBe('cancelled')
  })

  test('34 child_workflow/cancel_wait_completed: waits; a child that ignores the cancel completes, without error', async () => {
    const { parent, child } = await cancelled('wait', false)
    await until(async () => (await typesOf(child)).includes('workflow_cancel_requested'))
    expect(await parent.query(outcome)).toBe('pending')
    await child.signal(go, 'done')
    await parent.signal(close)
    expect(await parent.result()).toBe('all the same: done')
  })

  test('34 child_workflow/cancel_wait_completed: a child that obeys rejects as cancelled, once it has ended', async () => {
    const { parent, child } = await cancelled('wait', true)
    expect(await rejection(child.result())).toMatchObject({ status: 'cancelled' })
    await parent.signal(close)
    expect(await parent.result()).toBe('cancelled')
  })

  const early = [
    { row: '31 child_workflow/cancel_abandon', cancellation: 'abandon', atFirst: 'cancelled', told: false },
    { row: '32 child_workflow/cancel_try_cancel', cancellation: 'try', atFirst: 'cancelled', told: true },
    { row: '33 child_workflow/cancel_wait_requested', cancellation: 'wait-requested', told: true },
    { row: '34 child_workflow/cancel_wait_completed', cancellation: 'wait', atFirst: 'pending', told: true },
  ] as const
  for (const { row, cancellation, told, ...rest } of early) {
    test(`${row}: the same when the child has not started yet`, async () => {
      const childId = idOn(shard, `early-${cancellation}`)
      const workflowId = idOn(0, `early-parent-${cancellation}-${shard}`)
      const input = { childId, cancellation, obeys: false, early: true }
      const parent = await client.start(cancelling, { workflowId, input })
      const atFirst = await parent.query(outcome)
      expect(atFirst).toBe('atFirst' in rest ? rest.atFirst : atFirst)
      await until(async () => (await typesOf(parent)).includes('child_started'))
      const child = client.getHandle<typeof stubborn>(childId)
      if (told) await until(async () => (await typesOf(child)).includes('workflow_cancel_requested'))
      const settles = cancellation === 'wait' ? 'pending' : 'cancelled'
      await until(async () => (await parent.query(outcome)) === settles)
      await child.signal(go, 'done')
      expect(await child.result()).toBe(told ? 'all the same: done' : 'done')
      await parent.signal(close)
      expect(await parent.result()).toBe(cancellation === 'wait' ? 'all the same: done' : 'cancelled')
      expect((await typesOf(child)).includes('workflow_cancel_requested')).toBe(told)
    })
  }

  test('34 child_workflow/cancel_wait_completed: a cancel of the parent itself ends both as cancelled', async () => {
    const childId = idOn(shard, 'both')
    const parent = await client.start(trusting, { workflowId: idOn(0, `both-${shard}`), input: childId })
    await until(async () => (await typesOf(parent)).includes('child_started'))
    await parent.cancel('no more')
    const error = await rejection(parent.result())
    expect(error).toMatchObject({ status: 'cancelled', cause: { code: 'cancelled', reason: 'no more' } })
    expect(await rejection(client.getHandle(childId).result())).toMatchObject({ status: 'cancelled' })
  })

  test("34 child_workflow/cancel_wait_completed: someone else's cancel of the child is the child's failure", async () => {
    const childId = idOn(shard, 'not-ours')
    const parent = await client.start(trusting, { workflowId: idOn(0, `not-ours-${shard}`), input: childId })
    await until(async () => (await typesOf(parent)).includes('child_started'))
    await client.cancel(childId)
    const error = await rejection(parent.result())
    expect(error).toMatchObject({
      status: 'failed',
      cause: { code: 'child_failed', cause: { code: 'cancelled' } },
    })
  })
})
