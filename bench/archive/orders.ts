/** Orders of the archive workload, made of the invoices that the demo runs: `examples/orders/online-retail.csv`. */
import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import type { Order, OrderLine } from './figures.ts'

const CSV = new URL('../../examples/orders/online-retail.csv', import.meta.url)

interface Invoice {
  readonly lines: OrderLine[]
  readonly shipping: Order['shipping']
}

/** The demo's 66 invoices as they are, `times` times over. */
export function demoOrders(prefix: string, times: number): Order[] {
  const invoices = readInvoices()
  return Array.from({ length: times }, (_, time) =>
    invoices.map((invoice, index) => ({ ...invoice, id: `${prefix}-${time}-${index}` })),
  ).flat()
}

const EVERY = 20
const LINES = 8

/**
 * As long as the demo's invoices, of products drawn from all of them: no two alike, as it is with real ones. Every
 * twentieth has eight lines, so that there are runs of twenty events to read.
 */
export function* drawnOrders(prefix: string, seed: number): Generator<Order> {
  const invoices = readInvoices()
  const lines = invoices.flatMap((invoice) => invoice.lines)
  const random = seeded(seed)
  const drawn = <T>(from: readonly T[]): T => {
    const one = from[Math.floor(random() * from.length)]
    if (one === undefined) throw new RangeError('drawn from nothing')
    return one
  }
  for (let n = 0; ; n += 1) {
    const { shipping, lines: drawnLines } = drawn(invoices)
    const asMany = n % EVERY === 0 ? Array.from({ length: LINES }) : drawnLines
    const quantity = () => 1 + Math.floor(random() * 24)
    yield {
      id: `${prefix}-${n}`,
      shipping,
      lines: asMany.map(() => ({ ...drawn(lines), quantity: quantity() })),
    }
  }
}

/** What history records of the run: its start, its end, and two events for each step. */
export function rowsOf({ lines }: Order): number {
  return 2 + 2 * (lines.length + 1)
}

interface CsvRow {
  InvoiceNo: string
  StockCode: string
  Quantity: string
  UnitPrice: string
  CustomerID: string
  Country: string
}

function readInvoices(): Invoice[] {
  const rows: CsvRow[] = parse(readFileSync(CSV), { columns: true })
  return [...Map.groupBy(rows, ({ InvoiceNo }) => InvoiceNo).values()].map((lines) => ({
    shipping: { customer: lines[0]?.CustomerID || 'unknown', country: lines[0]?.Country ?? 'unknown' },
    lines: lines.map((line) => ({
      sku: line.StockCode,
      quantity: Math.abs(Number(line.Quantity)), // credit notes count downwards
      unitPrice: Number(line.UnitPrice),
    })),
  }))
}

/** Numbers in [0, 1) from a seed. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
