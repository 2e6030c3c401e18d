import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers'
import { fetchUsage, sendInvoice, type Customer } from './services.ts'

export class InvoiceWorkflow extends WorkflowEntrypoint<object, Customer> {
  override async run(event: Readonly<WorkflowEvent<Customer>>, step: WorkflowStep) {
    const customer = event.payload

    const usage = await step.do(
      'fetch usage',
      { retries: { limit: 5, delay: '10 seconds', backoff: 'exponential' }, timeout: '1 minute' },
      async () => await fetchUsage(customer.id),
    )

    await step.sleep('grace period', '3 days')

    const correction = await step
      .waitForEvent<{ cents: number }>('correction', { type: 'correction', timeout: '4 days' })
      .catch(() => null)

    const cents = correction?.payload.cents ?? usage.cents
    await step.do('send invoice', async () => await sendInvoice(customer.id, cents))
    return { cents }
  }
}
