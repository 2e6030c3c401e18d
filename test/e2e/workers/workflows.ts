import { workflow } from '../../../shared/index.ts'
import { addOne, apply } from './activities.ts'

const STEPS = 10
/** Whoever kills the runtime in the middle of ten steps has a second to do so. */
const STEP_WORKS_ON_MS = 200

export const chain = workflow('chain', async (ctx, input: number): Promise<number> => {
  let total = input
  for (let step = 0; step < STEPS; step++) total = await ctx.activity(addOne, { input: total })
  return total
})

export const steps = workflow('steps', async (ctx, input: number): Promise<number> => {
  const { workflowId } = ctx
  let total = input
  for (let step = 0; step < STEPS; step++) {
    const answer = total + 1
    total = await ctx.run(`step-${step}`, async () => {
      const result = await apply({ key: `${workflowId}/${step}`, workflowId, answer })
      await scheduler.wait(STEP_WORKS_ON_MS)
      return result
    })
  }
  return total
})

export const timer = workflow('timer', async (ctx, ms: number): Promise<number> => {
  await ctx.sleep(ms)
  return ctx.activity(addOne, { input: ms })
})

export const workflows = [chain, steps, timer]
