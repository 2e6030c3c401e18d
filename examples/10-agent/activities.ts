/** What the agent asks of the world: the model, and its tools. */
import { ApplicationError, defineActivity } from '../../shared/index.ts'

export type Message =
  | { role: 'user'; text: string }
  | { role: 'assistant'; text: string; calls: readonly ToolCall[] }
  | { role: 'tool'; callId: string; text: string }

export interface ToolCall {
  id: string
  tool: string
  argument: string
}

/** One answer of the model: tools that it wants called, or none when it has finished. */
export type Answer = Extract<Message, { role: 'assistant' }>

export const think = defineActivity(
  'think',
  async (conversation: readonly Message[]): Promise<Answer> => {
    const response = await fetch('https://model.example/answers', {
      method: 'POST',
      body: JSON.stringify({ conversation, tools: ['searchOrders', 'refund'] }),
    })
    if (response.status === 429) {
      const seconds = Number(response.headers.get('retry-after') ?? 30)
      throw new ApplicationError('the model is busy', { type: 'busy', retryAfter: seconds * 1000 })
    }
    if (response.status === 400)
      throw new ApplicationError(await response.text(), { type: 'refused', nonRetryable: true })
    if (!response.ok) throw new Error(`the model answered ${response.status}`)
    return response.json<Answer>()
  },
  { startToCloseTimeout: '2m', retry: { maxAttempts: 6 } },
)

export const searchOrders = defineActivity('searchOrders', async (customer: string) => {
  return await ask(`https://shop.example/orders?customer=${encodeURIComponent(customer)}`)
})

/** A call that is tried again is the same refund. */
export const refund = defineActivity('refund', async (orderId: string, { idempotencyKey }) => {
  const headers = { 'idempotency-key': idempotencyKey }
  return await ask(`https://shop.example/orders/${encodeURIComponent(orderId)}/refund`, {
    method: 'POST',
    headers,
  })
})

async function ask(url: string, init?: RequestInit): Promise<string> {
  const response = await fetch(url, init)
  if (!response.ok) throw new Error(`the shop answered ${response.status}`)
  return await response.text()
}
