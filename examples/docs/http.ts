/** A workflow that is told and asked over HTTP, from Node or a browser. */
import { query, signal, update, workflow, WorkflowClient } from '../../shared/index.ts'

export const approved = signal<{ by: string }>('approved')
export const state = query<string>('state')
export const raise = update<number, [by: number]>('raise')

export const refund = workflow(
  'refund',
  { messages: { approved, state, raise } },
  async (ctx, request: { amount: number }) => {
    let amount = request.amount
    let by: string | undefined
    ctx.setQueryHandler(state, () => (by === undefined ? `${amount} waits` : `${amount} approved by ${by}`))
    ctx.setUpdateHandler(raise, (more) => (amount += more))
    by = (await ctx.waitForSignal(approved)).by
    return { amount, by }
  },
)

export async function refundOrder(env: { PERDURE_URL: string; PERDURE_TOKEN: string }, orderId: string) {
  const client = new WorkflowClient({ url: env.PERDURE_URL, token: env.PERDURE_TOKEN })
  const run = await client.start(refund, { workflowId: `refund-${orderId}`, input: { amount: 20 } })
  await run.update(raise, { args: [5] })
  await run.signal(approved, { by: 'ada' })
  return await run.result()
}
