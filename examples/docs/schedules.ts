/** Schedules: the invoices of every month. */
import { workflow, type WorkflowClient } from '../../shared/index.ts'

export const monthlyInvoices = workflow('monthlyInvoices', async (ctx, region: string) => {
  const month = (ctx.schedule?.scheduledAt ?? ctx.startTime).toISOString().slice(0, 7)
  return await ctx.run('write invoices', () => `invoices of ${region}, ${month}`)
})

export async function scheduleInvoices(client: WorkflowClient) {
  return await client.schedules.create({
    scheduleId: 'invoices-eu',
    spec: { cron: '0 6 1 * *', timeZone: 'Europe/Paris', jitter: '5m' },
    policy: { overlap: 'buffer-one', pauseOnFailure: true },
    workflow: monthlyInvoices,
    input: 'eu',
  })
}

export async function migrateLedger(client: WorkflowClient, migrate: () => Promise<void>) {
  const schedule = client.schedules.getHandle('invoices-eu')
  await schedule.pause('the ledger is being migrated')
  await migrate()
  await schedule.unpause('the ledger has been migrated')
}

export async function invoiceFirstQuarter(client: WorkflowClient) {
  const schedule = client.schedules.getHandle('invoices-eu')
  await schedule.backfill([{ from: '2026-01-01T00:00:00Z', to: '2026-03-31T23:59:59Z' }])
}

export async function whatComes(client: WorkflowClient) {
  const coming: { scheduleId: string; next?: Date }[] = []
  for await (const { scheduleId, paused, nextRuns } of client.schedules.list()) {
    const [next] = paused ? [] : nextRuns
    coming.push({ scheduleId, ...(next && { next }) })
  }
  return coming
}
