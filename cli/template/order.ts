export interface Order {
  sku: string
  quantity: number
  address: string
}

export type Outcome = { status: 'shipped'; tracking: string } | { status: 'cancelled'; reason: string }
