/** What the compiler infers for those who write and start workflows. The functions are never run: that they compile is the test. */
import { expect, expectTypeOf, test } from 'vitest'
import type {
  ActivityContext,
  ActivityDefinition,
  ChildHandle,
  EngineNamespace,
  ServiceBinding,
  SignalResult,
  WorkflowClient,
  WorkflowContext,
  WorkflowHandle,
} from '../../shared/index.ts'
import { defineActivity, query, signal, workflow } from '../../shared/index.ts'

interface Payment {
  amount: number
}

const charge = defineActivity('charge', async (payment: Payment) => ({ receipt: `r-${payment.amount}` }))
const ping = defineActivity('ping', () => 7)
const registered = {
  registeredCharge: defineActivity('types.test/registered', async (payment: Payment) => payment.amount > 0),
}
declare module '../../shared/index.ts' {
  interface Register {
    activities: typeof registered
  }
}

const paid = signal<Payment>('paid')
const nudge = signal('nudge')
const total = query<number, [currency: string]>('total')
const messages = { paid, nudge, total }
type Messages = typeof messages

const order = workflow('order', { messages }, async (ctx, input: { id: string }) => {
  expectTypeOf(ctx).toEqualTypeOf<WorkflowContext<Messages>>()
  const payment = await ctx.waitForSignal(paid)
  return { id: input.id, amount: payment.amount }
})

/** An activity called by definition has its input and result. */
async function activityByDefinition(ctx: WorkflowContext): Promise<void> {
  expectTypeOf(await ctx.activity(charge, { input: { amount: 1 } })).toEqualTypeOf<{ receipt: string }>()
  expectTypeOf(await ctx.activity(ping, {})).toEqualTypeOf<number>()
  // @ts-expect-error -- the input is missing
  await ctx.activity(charge, {})
  // @ts-expect-error -- the input is not a payment
  await ctx.activity(charge, { input: { amount: '1' } })
}

/** An activity called by a registered name has them too, and any other name is free. */
async function activityByName(ctx: WorkflowContext): Promise<void> {
  expectTypeOf(await ctx.activity('types.test/registered', { input: { amount: 1 } })).toEqualTypeOf<boolean>()
  // @ts-expect-error -- the input is not a payment
  await ctx.activity('types.test/registered', { input: 'ten' })
  expectTypeOf(await ctx.activity('someOther', { input: 'ten' })).toBeAny()
  expectTypeOf(await ctx.activity<number>('someOther')).toEqualTypeOf<number>()
}

/** A back-off coefficient belongs to exponential back-off. */
async function backoff(ctx: WorkflowContext): Promise<void> {
  await ctx.activity(ping, { retry: { backoffCoefficient: 3 } })
  // @ts-expect-error -- linear has no coefficient
  await ctx.activity(ping, { retry: { backoff: 'linear', backoffCoefficient: 3 } })
}

/** A signal has its payload, by definition and by declared name, with its default. */
async function signals(ctx: WorkflowContext<Messages>): Promise<void> {
  expectTypeOf(await ctx.waitForSignal(paid)).toEqualTypeOf<Payment>()
  expectTypeOf(
    await ctx.waitForSignal(paid, { timeout: '1h', default: null }),
  ).toEqualTypeOf<Payment | null>()
  expectTypeOf(await ctx.waitForSignal('paid')).toEqualTypeOf<Payment>()
  expectTypeOf(await ctx.waitForSignal('paid', { timeout: '1h', default: 'no' })).toEqualTypeOf<
    Payment | 'no'
  >()
  expectTypeOf(await ctx.waitForSignal('undeclared')).toBeAny()
  expectTypeOf(await ctx.receiveSignal(paid, { timeout: '1h' })).toEqualTypeOf<SignalResult<Payment>>()
}

/** A query handler has the definition’s arguments and result. */
function queryHandlers(ctx: WorkflowContext): void {
  ctx.setQueryHandler(total, (currency) => currency.length)
  // @ts-expect-error -- a number is promised
  ctx.setQueryHandler(total, (currency) => currency)
}

/** A child has its input, result and messages. */
async function children(ctx: WorkflowContext): Promise<void> {
  const child = await ctx.startChild(order, { input: { id: 'a' } })
  expectTypeOf(child).toEqualTypeOf<ChildHandle<{ id: string; amount: number }, Messages>>()
  await child.signal(paid, { amount: 1 })
  expectTypeOf(await ctx.executeChild(order, { input: { id: 'a' } })).toEqualTypeOf<{
    id: string
    amount: number
  }>()
  // @ts-expect-error -- the input is missing
  await ctx.executeChild(order, {})
  // @ts-expect-error -- the result of another's workflow is not ours to wait for
  await ctx.external('other').result()
}
/** A handle has the workflow’s result and messages. */
async function fromOutside(client: WorkflowClient): Promise<void> {
  const handle = await client.start(order, { input: { id: 'a' } })
  expectTypeOf(handle).toEqualTypeOf<WorkflowHandle<{ id: string; amount: number }, Messages>>()
  expectTypeOf(await handle.result()).toEqualTypeOf<{ id: string; amount: number }>()
  expectTypeOf(await handle.query(total, 'EUR')).toEqualTypeOf<number>()
  expectTypeOf(await handle.query('total', 'EUR')).toEqualTypeOf<number>()
  expectTypeOf(await handle.query('undeclared', 1, 2)).toBeAny()
  await handle.signal(paid, { amount: 1 })
  await handle.signal('paid', { amount: 1 }, { signalId: 's-1' })
  await handle.signal(nudge)
  await handle.signal(nudge, undefined, { signalId: 's-2' })
  // @ts-expect-error -- the payload is missing
  await handle.signal(paid)
  // @ts-expect-error -- the payload is not a payment
  await handle.signal('paid', { amount: '1' })
  // @ts-expect-error -- the input is missing
  await client.start(order, {})
  // @ts-expect-error -- no option
  await client.start(order, { input: { id: 'a' }, cronSchedule: '* * * * *' })
  expectTypeOf(await client.execute(order, { input: { id: 'a' } })).toEqualTypeOf<{
    id: string
    amount: number
  }>()
  expectTypeOf(client.getHandle<typeof order>('a')).toEqualTypeOf(handle)
  expectTypeOf(await client.getHandle('a').result()).toBeAny()
  const byName = await client.start('order', { input: 1 })
  expectTypeOf(await byName.result()).toBeAny()
  await client.signalWithStart(order, { input: { id: 'a' }, signal: paid, payload: { amount: 1 } })
}

/** Heartbeat details have the type that the context is given. */
const copy = defineActivity('copy', async (_: string, ctx: ActivityContext<{ page: number }>) => {
  expectTypeOf(ctx.heartbeatDetails).toEqualTypeOf<{ page: number } | undefined>()
  return ctx.attempt
})
expectTypeOf(copy).toEqualTypeOf<ActivityDefinition<string, number, 'copy'>>()

expectTypeOf<{ idFromName(name: string): URL; get(id: URL): Date }>().toExtend<EngineNamespace>()
expectTypeOf<{ fetch(input: string): Promise<Response>; other(): void }>().toExtend<ServiceBinding>()

test('what this file says of types is true: it compiled', () => {
  const promises = [
    activityByDefinition,
    activityByName,
    backoff,
    signals,
    queryHandlers,
    children,
    fromOutside,
  ]
  expect(promises).toHaveLength(7)
})
