/** The side effects of an order: calls of the inventory service over HTTP, each safe to repeat. */
import {
  ApplicationError,
  defineActivity,
  type ActivityContext,
  type ActivityOptions,
} from '../../shared/index.ts'
import type { Address, OrderLine } from './order.ts'

export interface ReserveInput {
  orderId: string
  line: OrderLine
}

export interface ShipInput {
  orderId: string
  address: Address
}

/** The inventory is down for a moment now and then: repeat soon, and often. */
const patiently: ActivityOptions = {
  retry: { maxAttempts: 10, initialInterval: '50ms', backoff: 'exponential', maxInterval: '1s' },
  timeout: '30s',
}

export const reserveInventory = defineActivity(
  'reserveInventory',
  async ({ orderId, line }: ReserveInput, ctx): Promise<void> => {
    await call('reserve', { orderId, sku: line.sku, quantity: line.quantity }, ctx)
  },
  patiently,
)

export const cancelReservation = defineActivity(
  'cancelReservation',
  async (orderId: string, ctx): Promise<void> => {
    await call('release', { orderId }, ctx)
  },
  patiently,
)

export const shipOrder = defineActivity(
  'shipOrder',
  async ({ orderId, address }: ShipInput, ctx): Promise<{ tracking: string }> => {
    const { trackingNumber } = await call('ship', { orderId, address }, ctx)
    return { tracking: trackingNumber ?? 'none' }
  },
  { ...patiently, taskQueue: 'shipping' },
)

let inventory: { fetch(url: string, init: RequestInit): Promise<Response> } | undefined

/** Names the service that the activities call; a Worker passes its binding before the first one runs. */
export function connectInventory(service: {
  fetch(url: string, init: RequestInit): Promise<Response>
}): void {
  inventory = service
}

async function call(path: string, body: object, ctx: ActivityContext): Promise<{ trackingNumber?: string }> {
  if (!inventory) throw new Error('connectInventory() was not called in this Worker')
  const response = await inventory.fetch(`https://inventory/${path}`, {
    method: 'POST',
    headers: { 'idempotency-key': ctx.idempotencyKey, attempt: String(ctx.attempt) },
    body: JSON.stringify(body),
    signal: ctx.cancellation,
  })
  if (!response.ok && response.status !== 409) {
    throw new Error(`inventory answered ${response.status}: ${await response.text()}`)
  }
  const answer: unknown = await response.json()
  if (response.status === 409) throw refusal(answer as Refused) // what the inventory answers with a 409
  return answer as { trackingNumber?: string } // what it answers otherwise
}

interface Refused {
  code: string
  message: string
}

/** An answer of the business, not a fault: asking again will not change it. */
function refusal({ code, message }: Refused): ApplicationError {
  return new ApplicationError(message, { type: code, nonRetryable: true })
}
