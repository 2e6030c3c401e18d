/** `InvoiceWorkflow` of before.ts, with perdure: each step has its counterpart. */
import { signal, workflow } from '../../shared/index.ts'
import { fetchUsage, sendInvoice, type Customer } from './services.ts'

export const correction = signal<{ cents: number }>('correction')

export const invoice = workflow('invoice', { messages: { correction } }, async (ctx, customer: Customer) => {
  const usage = await ctx.run('fetch usage', async () => await fetchUsage(customer.id), {
    retry: { maxAttempts: 6, initialInterval: '10s', backoff: 'exponential' },
    timeout: '1m',
  })

  await ctx.sleep('3d', { summary: 'grace period' })

  const corrected = await ctx.waitForSignal(correction, { timeout: '4d', default: null })

  const cents = corrected?.cents ?? usage.cents
  await ctx.run('send invoice', async () => await sendInvoice(customer.id, cents), {
    retry: { maxAttempts: 6, initialInterval: '10s' },
  })
  return { cents }
})
