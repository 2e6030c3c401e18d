/** What the compiler infers for those who write and start workflows. The functions are never run: that they compile is the test. */
import { expect, expectTypeOf, test } from 'vitest'
import type {
  ActivityContext,
  ActivityDefinition,
  ChildHandle,
  ChildWorkflowError,
  ClientInterceptor,
  EngineNamespace,
  ServiceBinding,
  SignalResult,
  WorkflowClient,
  WorkflowContext,
  WorkflowError,
  WorkflowHandle,
} from '../../shared/index.ts'
import {
  ApplicationError,
  defineActivity,
  duration,
  query,
  signal,
  update,
  workflow,
} from '../../shared/index.ts'

interface Payment {
  amount: number
}

const charge = defineActivity('charge', async (payment: Payment) => ({ receipt: `r-${payment.amount}` }))
const ping = defineActivity('ping', () => 7)
const registered = {
  registeredCharge: defineActivity('types.test/registered', async (payment: Payment) => payment.amount > 0),
  ofAnyName: defineActivity(['types.test', 'any'].join('/'), () => 7),
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

/** A failure asks for a delay that can be read; text from elsewhere is read first. */
function asksForDelay(text: string): ApplicationError[] {
  // @ts-expect-error -- no duration
  const misspelt = new ApplicationError('busy', { retryAfter: '5 minuets' })
  return [misspelt, new ApplicationError('busy', { retryAfter: duration(text) })]
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

const setTotal = update<number, [amount: number]>('setTotal')

/** An update has the definition's arguments and result, for its handler and its caller, by definition and by name. */
async function updates(
  ctx: WorkflowContext,
  handle: WorkflowHandle<void, { setTotal: typeof setTotal }>,
): Promise<void> {
  ctx.setUpdateHandler(setTotal, (amount) => amount + 1, { validate: (amount) => void amount.toFixed() })
  // @ts-expect-error -- a number is promised
  ctx.setUpdateHandler(setTotal, (amount) => String(amount))
  expectTypeOf(await handle.update(setTotal, { args: [1] })).toEqualTypeOf<number>()
  expectTypeOf(await handle.update('setTotal', { args: [1] })).toEqualTypeOf<number>()
  // @ts-expect-error -- the argument is missing
  await handle.update(setTotal, { args: [] })
  // @ts-expect-error -- the argument is no number
  await handle.update('setTotal', { args: ['1'] })
  const accepted = await handle.startUpdate(setTotal, { args: [1] })
  expectTypeOf(await accepted.result()).toEqualTypeOf<number>()
}

/** Many at once, and what lists and counts are asked for. */
async function many(client: WorkflowClient): Promise<void> {
  const { started, errors } = await client.startBatch(order, [{ workflowId: 'a', input: { id: 'a' } }])
  expectTypeOf(started).toEqualTypeOf<WorkflowHandle<{ id: string; amount: number }, Messages>[]>()
  expectTypeOf(errors).toEqualTypeOf<{ index: number; error: WorkflowError }[]>()
  // @ts-expect-error -- an input is missing
  await client.startBatch(order, [{ workflowId: 'a', input: { id: 'a' } }, { workflowId: 'b' }])
  expectTypeOf(await client.count({ status: 'running' })).toEqualTypeOf<number>()
  expectTypeOf(await client.count({}, { groupBy: 'status' })).toEqualTypeOf<Record<string, number>>()
  // @ts-expect-error -- not to be grouped by
  await client.count({}, { groupBy: 'workflowId' })
  await client.list({ searchAttributes: { total: 1, at: new Date(), labels: ['a'], gone: null } })
  // @ts-expect-error -- no attribute has an object
  await client.list({ searchAttributes: { total: { above: 1 } } })
  for await (const { done, cursor } of client.bulk({}, 'terminate')) {
    expectTypeOf(done).toEqualTypeOf<number>()
    expectTypeOf(cursor).toEqualTypeOf<string | undefined>()
  }
  // @ts-expect-error -- no such action
  client.bulk({}, 'delete')
}

/** An interceptor sees and gives on what the call is made of. */
const interceptor: ClientInterceptor = {
  start: ({ workflow: name, options }, next) => {
    expectTypeOf(name).toEqualTypeOf<string>()
    expectTypeOf(options.input).toEqualTypeOf<unknown>()
    return next({ workflow: name, options })
  },
  // @ts-expect-error -- the call is not given on, and nothing is answered
  signal: () => 1,
}

/** Metrics take numbers and tags of text. */
function metrics(ctx: WorkflowContext): void {
  ctx.metrics.counter('orders').add(1, { country: 'FR' })
  // @ts-expect-error -- a tag is a text
  ctx.metrics.histogram('amount').record(1, { vip: true })
  expectTypeOf(ctx.traceparent).toEqualTypeOf<string>()
}

/** Heartbeat details have the type that the context is given. */
const copy = defineActivity('copy', async (_: string, ctx: ActivityContext<{ page: number }>) => {
  expectTypeOf(ctx.heartbeatDetails).toEqualTypeOf<{ page: number } | undefined>()
  return ctx.attempt
})
expectTypeOf(copy).toEqualTypeOf<ActivityDefinition<string, number, 'copy'>>()

expectTypeOf<{ idFromName(name: string): URL; get(id: URL): Date }>().toExtend<EngineNamespace>()
expectTypeOf<{ fetch(input: string): Promise<Response>; other(): void }>().toExtend<ServiceBinding>()
expectTypeOf<ChildWorkflowError['cause']>().toEqualTypeOf<WorkflowError>()

test('what this file says of types is true: it compiled', () => {
  const promises = [
    activityByDefinition,
    activityByName,
    backoff,
    asksForDelay,
    signals,
    queryHandlers,
    children,
    fromOutside,
    updates,
    many,
    metrics,
    interceptor,
  ]
  expect(promises).toHaveLength(12)
})
