/** Draws before and behind each place that it is reset to: its numbers, and the ids of its children. */
import { workflow } from '../../shared/define.ts'

export const drawn = workflow('drawn', async (ctx) => await ctx.sleep('1d'))

export const drawing = workflow('drawing', async (ctx) => {
  const numbers = [ctx.uuid()]
  await ctx.run('first', () => 1)
  numbers.push(ctx.uuid())
  const asleep = [ctx.sleep(1_000), ctx.sleep(2_000)]
  numbers.push(ctx.uuid())
  const child = await ctx.startChild(drawn, { parentClosePolicy: 'abandon' })
  numbers.push(child.workflowId)
  await Promise.all(asleep)
  numbers.push(ctx.uuid())
  return numbers
})
