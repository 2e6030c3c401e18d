/** What an order is, and what is known of it at each stage: plain types, read by Workers and by Node. */

export interface OrderLine {
  sku: string
  quantity: number
  /** Pounds sterling. */
  unitPrice: number
}

export interface Address {
  customer: string
  country: string
}

export interface Order {
  id: string
  lines: readonly OrderLine[]
  shipping: Address
  /** How long the order waits for its payment; 24 hours when absent. */
  paymentWindow?: `${number}s`
}

export interface Payment {
  amount: number
  method: 'card' | 'invoice'
}

export type OrderStage = 'reserving' | 'awaiting_payment' | 'shipping' | 'closed'

/** What the query `status` answers. */
export interface OrderStatus {
  stage: OrderStage
  step: number
  startedAt: Date
}

export type OrderOutcome =
  | { status: 'completed'; trackingNumber: string }
  | { status: 'cancelled'; reason: 'payment_timeout' | 'out_of_stock' }

/** One row of the stock book. `received = available + held + shipped`, always. */
export interface StockRow {
  sku: string
  received: number
  available: number
  /** Reserved by orders that are still open. */
  held: number
  shipped: number
  /** The part of `held` and `shipped` that belongs to the orders asked about. */
  heldNow: number
  shippedNow: number
}
