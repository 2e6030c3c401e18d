/** Spans: one for each attempt that really runs, none for a replay. The platform's side is written by hand. */
import { describe, expect, test } from 'vitest'
import { perform } from '../../activity-worker/perform.ts'
import * as tasks from '../../scheduler-do/activities.ts'
import { annotate } from '../../scheduler-do/annotate.ts'
import { query } from '../../scheduler-do/query.ts'
import * as verbs from '../../scheduler-do/verbs.ts'
import { defineActivity, query as defineQuery, workflow, WorkflowWorker } from '../../shared/index.ts'
import type { PerformRequest } from '../../shared/perform.ts'
import { attemptTraceparent, traceparent } from '../../shared/trace.ts'
import type { Tracing } from '../../shared/tracing.ts'
import { startOf, testShard, to } from './shard.ts'

interface Span {
  readonly name: string
  readonly attributes: Record<string, unknown>
}

/** The request has a span of its own, `request`. */
function recorder(isTraced = true) {
  const spans: Span[] = [{ name: 'request', attributes: {} }]
  const spanOf = (one: Span) => ({
    isTraced,
    setAttributes: (attributes: object) => void Object.assign(one.attributes, attributes),
  })
  const tracing: Tracing = {
    getActiveSpan: () => spanOf(spans[0]!),
    enterSpan: (name, callback) => {
      const span = { name, attributes: {} }
      spans.push(span)
      return callback(spanOf(span))
    },
  }
  return { spans, tracing }
}

const stage = defineQuery<string>('stage')
const pack = defineActivity('pack', () => 'packed')
const parcel = workflow('parcel', async (ctx) => {
  let now = await ctx.run('weigh', () => 'weighed')
  ctx.setQueryHandler(stage, () => now)
  now = await ctx.activity(pack, { taskQueue: 'orders' })
  await ctx.sleep('1d')
})

async function packed({ tracing }: { tracing: Tracing }) {
  const worker = new WorkflowWorker({ taskQueue: 'orders', activities: [pack] })
  const binding = {
    perform: (request: PerformRequest) =>
      perform(worker, request, { env: { WORKFLOWS: scheduler }, ctx: { tracing } }),
  }
  const bindings = { ORDERS_ACTIVITIES: binding }
  const { shard } = await testShard([parcel], ['orders'], { bindings, tracing })
  const scheduler = { settle: (request: Parameters<typeof tasks.settle>[1]) => tasks.settle(shard, request) }
  const started = await verbs.start(shard, startOf('parcel', 'parcel-1'))
  if (!started.ok) throw new Error(started.message)
  const ask = () => query(shard, { to, workflowId: 'parcel-1', name: 'stage', args: [] })
  await expect.poll(ask).toMatchObject({ value: 'packed' })
  return { shard, ask, runId: started.value.runId }
}

describe('a run', () => {
  test('has a span for each attempt of its activities and steps, and none when it is replayed', async () => {
    const { spans, tracing } = recorder()
    const { shard, ask, runId } = await packed({ tracing })
    const own = { 'perdure.workflow_id': 'parcel-1', 'perdure.run_id': runId, 'perdure.attempt': 1 }
    const expected = [
      {
        name: 'step weigh',
        attributes: { ...own, 'perdure.traceparent': attemptTraceparent(runId, 1, 1) },
      },
      {
        name: 'activity pack',
        attributes: {
          ...own,
          'perdure.traceparent': attemptTraceparent(runId, 2, 1),
          'perdure.outcome': 'completed',
        },
      },
    ]
    expect(spans.slice(1)).toEqual(expected)
    shard.memory.runs.clear()
    expect(await ask()).toMatchObject({ value: 'packed' })
    expect(spans.slice(1)).toEqual(expected)
  })

  test('that nobody traces has no span for them', async () => {
    const { spans, tracing } = recorder(false)
    await packed({ tracing })
    expect(spans.slice(1)).toEqual([])
  })
})

describe('the span of a request', () => {
  const runId = '01KB9Z6E9MZ4X5T0W1V2Y3N8QP'

  test('says which run it began, and whose trace began it', () => {
    const { spans, tracing } = recorder()
    const request = { ...startOf('parcel', 'parcel-1'), traceparent: 'caller' }
    annotate(tracing, request, { ok: true, value: { runId } })
    expect(spans[0]?.attributes).toEqual({
      'perdure.namespace': 'default',
      'perdure.shard': 0,
      'perdure.workflow_id': 'parcel-1',
      'perdure.run_id': runId,
      'perdure.traceparent': traceparent(runId),
      'perdure.caller': 'caller',
      'perdure.code': undefined,
    })
  })

  test('says with what code it was refused', () => {
    const { spans, tracing } = recorder()
    annotate(tracing, { to }, { ok: false, code: 'overloaded', message: 'later' })
    expect(spans[0]?.attributes).toMatchObject({ 'perdure.code': 'overloaded' })
  })
})
