/** The programs of ../runs.ts on perdure. */
import { type WorkflowContext, signal, workflow } from '../../../shared/index.ts'
import { CONSUMERS, tick } from '../../workers/workflows.ts'
import { type Asked, type Lane, type Program, isEdge, tell } from '../runs.ts'

export const go = signal('go')

const sequence = workflow('sequence', async (ctx: WorkflowContext, { lane, count }: Asked) => {
  const edges: number[] = []
  for (let n = 1; n <= count; n += 1) {
    const at = await step(ctx, lane, n)
    if (isEdge(n, count)) edges.push(at)
  }
  return edges
})

const fan = workflow('fan', async (ctx: WorkflowContext, { lane, count }: Asked) => {
  await Promise.all(Array.from({ length: count }, (_, n) => step(ctx, lane, n + 1)))
  return []
})

const waits = workflow<Asked, number[]>('waits', async (ctx) => {
  await ctx.waitForSignal(go)
  return []
})

const sleeps = workflow('sleeps', async (ctx: WorkflowContext, { count }: Asked) => {
  const before = await step(ctx, 'inline', 1)
  await ctx.sleep(count)
  return [(await step(ctx, 'inline', 2)) - before - count]
})

const told = workflow('told', async (ctx: WorkflowContext, { count, url }: Asked) => {
  for (let n = 1; n <= count; n += 1) await ctx.run(`step-${n}`, () => tell(url, n))
  return []
})

export const programs = { sequence, fan, waits, sleeps, told } satisfies Record<Program, unknown>

/** An inline step runs in the scheduler Worker, where `Date` inside the step's function is the real clock. */
function step(ctx: WorkflowContext, lane: Lane, n: number): Promise<number> {
  if (lane === 'inline') return ctx.run(`step-${n}`, () => Date.now())
  return ctx.activity(tick, { taskQueue: CONSUMERS[0].eager })
}
