/** A workflow that does what the time of its schedule says: a replay has the same time. */
import { workflow } from '../../shared/define.ts'

export const scheduled = workflow('scheduled', async (ctx, input: string) => {
  const { scheduleId, scheduledAt } = ctx.schedule ?? { scheduleId: 'none', scheduledAt: ctx.startTime }
  const day = scheduledAt.toISOString().slice(0, 10)
  await ctx.run(`${scheduleId} of ${day}`, () => input)
  await ctx.sleepUntil(scheduledAt.getTime() + 3_600_000)
  return `${input}, ${day}`
})
