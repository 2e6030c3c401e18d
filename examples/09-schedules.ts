/** A report every working morning, by the clocks of Paris: at most one at a time, and none after one that failed. */
import { defineActivity, workflow, type WorkflowClient } from '../shared/index.ts'

export const sumUp = defineActivity(
  'sumUp',
  async (day: string) => {
    const response = await fetch(`https://warehouse.example/sales/${day}`)
    if (!response.ok) throw new Error(`the warehouse answered ${response.status}`)
    return response.json<{ sales: number }>()
  },
  { retry: { maxAttempts: 3 } },
)

export const dailyReport = workflow('dailyReport', async (ctx, shop: string) => {
  // The time that the run is for, however late it begins.
  const day = (ctx.schedule?.scheduledAt ?? ctx.startTime).toISOString().slice(0, 10)
  const { sales } = await ctx.activity(sumUp, { input: day })
  return `${shop}, ${day}: ${sales}`
})

export async function scheduleReports(client: WorkflowClient, shop: string) {
  return await client.schedules.create({
    scheduleId: `report-${shop}`,
    spec: { cron: '0 7 * * MON-FRI', timeZone: 'Europe/Paris' },
    policy: { overlap: 'skip', catchUpWindow: '6h', pauseOnFailure: true },
    workflow: dailyReport,
    input: shop,
  })
}

/** After the reason has been mended: the days that were missed, and on as before. */
export async function goOn(client: WorkflowClient, shop: string, missed: { from: Date; to: Date }) {
  const schedule = client.schedules.getHandle(`report-${shop}`)
  await schedule.backfill([missed])
  await schedule.unpause('the warehouse answers again')
}
