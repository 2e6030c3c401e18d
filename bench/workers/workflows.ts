/** The workloads on perdure. Each does what its twin in `theirs.ts` does, step for step. */
import { type WorkflowContext, defineActivity, query, signal, workflow } from '../../shared/index.ts'
import { type Lane, edgesOf } from '../figures.ts'

/** The task queues of each activity Worker; attempts of `eager` are handed to it without the Queue. */
export const CONSUMERS = [
  { queue: 'bench', eager: 'eager' },
  { queue: 'bench-second', eager: 'eager-second' },
] as const

export interface OurInput {
  lane: Lane | null
  /** Which activity Worker does its steps. */
  consumer: 0 | 1
  /** Of a long run. */
  steps: number
}

/** The whole of a remote step: it reads the activity Worker's clock. */
export const tick = defineActivity<void, number>('tick', () => Date.now())

export const go = signal('go')
export const stepsDone = query<number>('stepsDone')

export const noop = workflow('noop', async (ctx: WorkflowContext, input: OurInput) => [
  await step(ctx, input, 1),
])

export const sequence = workflow('sequence', async (ctx: WorkflowContext, input: OurInput) => {
  for (let n = 1; n <= 10; n += 1) await step(ctx, input, n)
  return []
})

export const fan = workflow('fan', async (ctx: WorkflowContext, input: OurInput) => {
  await Promise.all(Array.from({ length: 100 }, (_, n) => step(ctx, input, n + 1)))
  return []
})

export const long = workflow('long', async (ctx: WorkflowContext, input: OurInput) => {
  const { steps } = input
  const edges = new Set(edgesOf(steps))
  const readings: number[] = []
  for (let n = 1; n <= steps; n += 1) {
    const at = await step(ctx, input, n)
    if (edges.has(n)) readings.push(at)
  }
  return readings
})

export const children = workflow('children', async (ctx: WorkflowContext, input: OurInput) => {
  await Promise.all(Array.from({ length: 100 }, () => ctx.executeChild(noop, { input })))
  return []
})

export const waits = workflow<OurInput, number[]>('waits', async (ctx) => {
  await ctx.waitForSignal(go)
  return []
})

/** Answers how late it went on: its first step after the sleep reads the clock. */
export const sleeps = workflow('sleeps', async (ctx: WorkflowContext, { until }: { until: number }) => {
  await ctx.sleepUntil(until)
  return ctx.now().getTime() - until
})

/** Has a long history, and can be asked how long. */
export const remembers = workflow('remembers', async (ctx: WorkflowContext, input: OurInput) => {
  let done = 0
  ctx.setQueryHandler(stepsDone, () => done)
  for (let n = 1; n <= input.steps; n += 1) {
    await step(ctx, input, n)
    done = n
  }
  await ctx.waitForSignal(go)
  return []
})

/** What the driver starts one by one. */
export const definitions = { noop, sequence, fan, long, children, waits }

/** An inline step runs in the scheduler Worker, where `Date` inside the step's function is the real clock. */
function step(ctx: WorkflowContext, { lane, consumer }: OurInput, n: number): Promise<number> {
  if (lane === 'inline') return ctx.run(`step-${n}`, () => Date.now())
  return ctx.activity(tick, lane === 'eager' ? { taskQueue: CONSUMERS[consumer].eager } : {})
}
