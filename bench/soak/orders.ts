import type { Order } from '../archive/figures.ts'

/** The next orders of an endless line of them. */
export function taken(orders: Iterator<Order, void>, count: number): Order[] {
  return Array.from({ length: count }, () => {
    const { value } = orders.next()
    if (!value) throw new RangeError('the line of orders has ended')
    return value
  })
}
