/** A payment that the provider confirms by a webhook, minutes or days later: meanwhile nothing runs. */
import { ApplicationError, defineActivity, workflow, type WorkflowClient } from '../shared/index.ts'

export interface Payment {
  orderId: string
  cents: number
}

/** Who finishes it is `confirmed` below: the provider sends our `reference` back. */
export const requestPayment = defineActivity(
  'requestPayment',
  async (payment: Payment, ctx): Promise<{ receipt: string }> => {
    const response = await fetch('https://provider.example/payments', {
      method: 'POST',
      headers: { 'idempotency-key': ctx.idempotencyKey },
      body: JSON.stringify({ ...payment, reference: ctx.taskToken }),
    })
    if (!response.ok) throw new Error(`the provider answered ${response.status}`)
    return ctx.completeLater()
  },
  { startToCloseTimeout: '3d', retry: { maxAttempts: 2 } },
)

export const collect = workflow('collect', async (ctx, payment: Payment) => {
  const { receipt } = await ctx.activity(requestPayment, { input: payment })
  return receipt
})

/** The webhook, in any Worker with the service binding. */
export async function confirmed(client: WorkflowClient, request: Request): Promise<Response> {
  const { reference, receipt, declined } = await request.json<{
    reference: string
    receipt?: string
    declined?: string
  }>()
  try {
    if (receipt !== undefined) await client.activities.complete(reference, { receipt })
    else {
      const failure = new ApplicationError(declined ?? 'declined', { type: 'declined', nonRetryable: true })
      await client.activities.fail(reference, failure)
    }
  } catch (error) {
    // Sent twice, or after the three days: the provider need not send it again.
    if (!(error instanceof Error && 'code' in error && error.code === 'stale_task')) throw error
    return new Response('too late', { status: 410 })
  }
  return new Response(null, { status: 204 })
}
