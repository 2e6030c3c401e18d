/** The workloads on perdure. Each does what its twin in `theirs.ts` does, step for step. */
import { type WorkflowContext, defineActivity, signal, workflow } from '../../shared/index.ts'
import type { Lane, Workload } from '../figures.ts'

export const TASK_QUEUE = 'bench'

export interface OurInput {
  lane: Lane | null
}

/** The whole of a remote step: it reads the activity Worker's clock. */
export const tick = defineActivity<void, number>('tick', () => Date.now(), { taskQueue: TASK_QUEUE })

export const go = signal('go')

export const noop = workflow('noop-1', async (ctx: WorkflowContext, { lane }: OurInput) => [
  await step(ctx, lane, 1),
])

export const sequence = workflow('seq-10', async (ctx: WorkflowContext, { lane }: OurInput) => {
  for (let n = 1; n <= 10; n += 1) await step(ctx, lane, n)
  return []
})

export const fan = workflow('fan-100', async (ctx: WorkflowContext, { lane }: OurInput) => {
  await Promise.all(Array.from({ length: 100 }, (_, n) => step(ctx, lane, n + 1)))
  return []
})

export const long = workflow('long-1000', async (ctx: WorkflowContext, { lane }: OurInput) => {
  const edges: number[] = []
  for (let n = 1; n <= 1000; n += 1) {
    const at = await step(ctx, lane, n)
    if (n === 1 || n === 100 || n === 901 || n === 1000) edges.push(at)
  }
  return edges
})

export const waits = workflow<OurInput, number[]>('signal', async (ctx) => {
  await ctx.waitForSignal(go)
  return []
})

export const definitions = {
  'noop-1': noop,
  'seq-10': sequence,
  busy: sequence,
  'fan-100': fan,
  'long-1000': long,
  signal: waits,
} satisfies Record<Workload, unknown>

/** An inline step runs in the scheduler Worker, where `Date` inside the step's function is the real clock. */
function step(ctx: WorkflowContext, lane: Lane | null, n: number): Promise<number> {
  return lane === 'inline' ? ctx.run(`step-${n}`, () => Date.now()) : ctx.activity(tick, {})
}
