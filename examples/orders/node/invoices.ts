/** The invoices of the data set, as orders of a day, and what the demo means to do with each. */
import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import type { Order, OrderLine, Payment } from '../order.ts'

export type Plan =
  /** Paid at once: the signal waits in the inbox until the order asks for it. */
  | 'prepaid'
  /** Paid when the query `status` says that the order waits for it. */
  | 'paid_when_asked'
  | 'never_paid'
  | 'out_of_stock'
  /** A credit note: cancelled from outside while it waits for its payment. */
  | 'credit_note'

export interface PlannedOrder {
  invoice: string
  workflowId: string
  plan: Plan
  order: Order
  payment: Payment
}

export interface Invoice {
  invoice: string
  customer: string
  country: string
  lines: OrderLine[]
}

interface CsvRow {
  InvoiceNo: string
  StockCode: string
  Quantity: string
  UnitPrice: string
  CustomerID: string
  Country: string
}

export function readInvoices(path: string | URL): Invoice[] {
  const rows: CsvRow[] = parse(readFileSync(path), { columns: true })
  const groups = Map.groupBy(rows, ({ InvoiceNo }) => InvoiceNo)
  return [...groups].map(([invoice, lines]) => ({
    invoice,
    customer: lines[0]?.CustomerID || 'unknown',
    country: lines[0]?.Country ?? 'unknown',
    lines: lines.map(({ StockCode, Quantity, UnitPrice }) => ({
      sku: StockCode,
      quantity: Math.abs(Number(Quantity)), // credit notes count downwards
      unitPrice: Number(UnitPrice),
    })),
  }))
}

/** The order that will not get its last line: the first whose last product nobody else asks for. */
export function orderOutOfStock(invoices: readonly Invoice[]): Invoice | undefined {
  const asked = Map.groupBy(
    invoices.flatMap(({ lines }) => lines),
    ({ sku }) => sku,
  )
  return invoices.find(({ invoice, lines }) => {
    const last = lines.at(-1)
    return !isCreditNote(invoice) && lines.length >= 10 && last && asked.get(last.sku)?.length === 1
  })
}

/** Just enough of every product for all orders, and one too few for one of them. */
export function shelves(invoices: readonly Invoice[]): { sku: string; quantity: number }[] {
  const wanted = sumBySku(invoices.flatMap(({ lines }) => lines))
  const short = orderOutOfStock(invoices)?.lines.at(-1)?.sku
  return [...wanted].map(([sku, quantity]) => ({ sku, quantity: sku === short ? quantity - 1 : quantity }))
}

export function planDay(invoices: readonly Invoice[], day: number): PlannedOrder[] {
  const short = orderOutOfStock(invoices)
  return invoices.map((invoice, index) => {
    const plan = invoice === short ? 'out_of_stock' : planOf(invoice, index)
    const id = `${day}-${invoice.invoice}`
    const { customer, country, lines } = invoice
    const order: Order = { id, lines, shipping: { customer, country } }
    if (plan === 'never_paid') order.paymentWindow = '4s'
    const amount = Math.round(valueOf(lines) * 100) / 100
    const payment: Payment = { amount, method: customer === 'unknown' ? 'invoice' : 'card' }
    return { invoice: invoice.invoice, workflowId: `order-${id}`, plan, order, payment }
  })
}

export function sumBySku(lines: readonly OrderLine[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { sku, quantity } of lines) sums.set(sku, (sums.get(sku) ?? 0) + quantity)
  return sums
}

export function valueOf(lines: readonly OrderLine[]): number {
  return lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0)
}

function planOf({ invoice }: Invoice, index: number): Plan {
  if (isCreditNote(invoice)) return 'credit_note'
  if (index % 9 === 4) return 'never_paid'
  return index % 3 === 0 ? 'paid_when_asked' : 'prepaid'
}

function isCreditNote(invoice: string): boolean {
  return invoice.startsWith('C')
}
