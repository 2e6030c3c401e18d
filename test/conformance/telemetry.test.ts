import { tracing } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import type { ActivityContext } from '../../shared/activity.ts'
import { defineActivity, query, signal, workflow } from '../../shared/define.ts'
import { traceparent } from '../../shared/trace.ts'
import { dataPoints, register } from '../workers/registry.ts'
import { loseAll } from './loss.ts'
import { client, evict, recorded, rejection } from './world.ts'

const go = signal<number>('go')
const counted = query<number>('counted')
const traced = defineActivity('telemetry-traced', (fail: boolean, ctx: ActivityContext) => {
  if (fail && ctx.attempt === 1) throw new Error(ctx.traceparent)
  return ctx.traceparent
})

const counting = workflow('telemetry-counting', { messages: { go, counted } }, async (ctx, steps: number) => {
  const orders = ctx.metrics.counter('orders')
  ctx.setQueryHandler(counted, () => {
    orders.add(1_000)
    return 0
  })
  orders.add(1, { country: 'DE' })
  orders.add(2, { country: 'DE' })
  orders.add(1, { country: 'FR' })
  for (let step = 0; step < steps; step += 1) {
    const amount = await ctx.waitForSignal(go)
    ctx.metrics.counter('signals').add(1)
    ctx.metrics.histogram('amount').record(amount, { step: String(step) })
  }
})
const spans = workflow('telemetry-spans', async (ctx) => ({
  run: ctx.traceparent,
  step: await ctx.run('step', (step) => step.traceparent),
  activity: await ctx.activity(traced, { input: true, retry: { initialInterval: 1 } }),
}))
const bad = workflow('telemetry-bad', async (ctx) => ctx.metrics.counter('orders').add(NaN))
register(traced, counting, spans, bad)

const of = (runId: string) => dataPoints.filter(({ blobs }) => blobs?.[5] === runId)

test('78 telemetry/metrics: counted once, whatever is replayed', async () => {
  const run = await client.start(counting, { workflowId: 'telemetry-counting', input: 3 })
  for (const amount of [10, 20, 30]) {
    await evict()
    await run.signal(go, amount)
    await loseAll()
    await run.describe({ callSites: true })
  }
  await run.result()
  expect((await rejection(run.query(counted))).message).toContain('ctx.metrics.counter')
  const points = of(run.runId).map(({ blobs = [], doubles = [] }) => [blobs[0], blobs[6], doubles[0]])
  expect(points).toEqual([
    ['orders', '{"country":"DE"}', 3],
    ['orders', '{"country":"FR"}', 1],
    ...[10, 20, 30].flatMap((amount, step) => [
      ['signals', '{}', 1],
      ['amount', `{"step":"${step}"}`, amount],
    ]),
  ])
  expect(of(run.runId)[0]).toEqual({
    indexes: ['orders'],
    blobs: [
      'orders',
      'counter',
      'telemetry-counting',
      'default',
      'telemetry-counting',
      run.runId,
      '{"country":"DE"}',
    ],
    doubles: [3],
  })
})

test('78 telemetry/metrics: what is no number fails the call', async () => {
  const run = await client.start(bad, { workflowId: 'telemetry-bad' })
  expect(await rejection(run.result())).toMatchObject({ cause: { code: 'invalid_argument' } })
  expect(of(run.runId)).toEqual([])
})

test('78 telemetry/tracing: the caller, the run and its activities are linked', async () => {
  const caller = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const run = await client.start(spans, { workflowId: 'telemetry-spans', traceparent: caller })
  const contexts = await run.result()
  expect(await recorded(run, 'workflow_started')).toMatchObject([{ traceparent: caller }])
  expect(contexts.run).toBe(traceparent(run.runId))
  const [, trace, span] = contexts.run.split('-')
  expect(trace).toMatch(/^[\da-f]{32}$/)
  for (const context of [contexts.step, contexts.activity]) {
    expect(context).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/)
    expect(context.split('-')[1]).toBe(trace)
    expect(context.split('-')[2]).not.toBe(span)
  }
  expect(contexts.step).not.toBe(contexts.activity)
  const bare = client.start(spans, { workflowId: 'telemetry-bad-trace', traceparent: 'my-trace' })
  expect(await rejection(bare)).toMatchObject({ code: 'invalid_argument', path: 'traceparent' })
})

test('78 telemetry/tracing: the platform makes spans, and says whether anybody sees them', async () => {
  const seen = await tracing.enterSpan('telemetry', async (span) => {
    span.setAttributes({ 'perdure.run_id': 'none', 'perdure.caller': undefined })
    return [typeof span.isTraced, tracing.getActiveSpan() !== undefined]
  })
  expect(seen).toEqual(['boolean', true])
})
