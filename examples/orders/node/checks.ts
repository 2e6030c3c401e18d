/** What must hold after the day. Each check answers what is wrong, in words; nothing means that all is well. */
import type { ChangeSummary, RunRecord } from '../driver-api.ts'
import type { StockRow } from '../order.ts'
import type { Analytics } from './analytics.ts'
import { sumBySku, valueOf, type Plan, type PlannedOrder } from './invoices.ts'

export type Ending = 'shipped' | 'payment_timeout' | 'out_of_stock' | 'cancelled' | 'failed'

const ENDING_OF_PLAN: Record<Plan, Ending> = {
  prepaid: 'shipped',
  paid_when_asked: 'shipped',
  never_paid: 'payment_timeout',
  out_of_stock: 'out_of_stock',
  credit_note: 'cancelled',
}

export function endingOf({ status, result }: RunRecord): Ending {
  if (status === 'cancelled') return 'cancelled'
  if (status !== 'completed' || result === null || typeof result !== 'object') return 'failed'
  if ('trackingNumber' in result) return 'shipped'
  return 'reason' in result && result.reason === 'out_of_stock' ? 'out_of_stock' : 'payment_timeout'
}

export function endings(orders: readonly PlannedOrder[], runs: ReadonlyMap<string, RunRecord>): string[] {
  return orders.flatMap(({ workflowId, plan }) => {
    const run = runs.get(workflowId)
    const ending = run ? endingOf(run) : 'failed'
    if (ending === ENDING_OF_PLAN[plan]) return []
    return [
      `${workflowId} was to end ${ENDING_OF_PLAN[plan]}, but ended ${ending}: ${JSON.stringify(run?.result)}`,
    ]
  })
}

/** The shelves lack exactly what the shipped orders took, product by product. */
export function stock(
  shipped: readonly PlannedOrder[],
  before: readonly StockRow[],
  after: readonly StockRow[],
): string[] {
  const taken = sumBySku(shipped.flatMap(({ order }) => order.lines))
  const shelf = new Map(before.map((row) => [row.sku, row]))
  // An earlier day that was cut short still settles its own orders; only the rows of this day can be exact then.
  const quiet = before.every(({ held }) => held === 0)
  return after.flatMap((row) => {
    const expected = taken.get(row.sku) ?? 0
    const gone = (shelf.get(row.sku)?.available ?? 0) - row.available
    const wrong = [
      row.shippedNow !== expected && `${row.shippedNow} were shipped`,
      row.heldNow !== 0 && `${row.heldNow} are still held`,
      quiet && gone !== expected && `${gone} are gone from the shelf`,
      row.received !== row.available + row.held + row.shipped && 'its book does not add up',
    ].filter((text) => text !== false)
    return wrong.map((text) => `${row.sku}: the shipped orders took ${expected}, but ${text}`)
  })
}

export function changes(summary: ChangeSummary, historyEvents: number): string[] {
  const { events, missing } = summary
  const wrong: string[] = []
  if (events !== historyEvents) wrong.push(`${historyEvents} history events, but ${events} change events`)
  if (missing !== 0) wrong.push(`${missing} change events are missing from the sequences of the shards`)
  return wrong
}

export function readBack(before: readonly RunRecord[], after: ReadonlyMap<string, RunRecord>): string[] {
  return before.flatMap((run) => {
    const again = after.get(run.workflowId)
    if (again?.digest !== run.digest) return [`${run.workflowId} reads differently from the archive`]
    return again.tier === 'cold' ? [] : [`${run.workflowId} is ${again.tier}, not cold`]
  })
}

/** DuckDB finds in the cold tables what clients were told: each run, each event once, and the pounds of what was shipped. */
export function analytics(
  { runs, events, distinctEvents, revenue }: Analytics,
  told: { runs: readonly RunRecord[]; orders: number; shipped: readonly PlannedOrder[] },
): string[] {
  const sum = (of: (row: Analytics['revenue'][number]) => number) =>
    revenue.reduce((all, row) => all + of(row), 0)
  const recorded = told.runs.reduce((all, run) => all + run.events, 0)
  const pounds = told.shipped.reduce((all, { order }) => all + valueOf(order.lines), 0)
  return [
    runs !== told.runs.length && `${told.runs.length} runs closed, and there are ${runs}`,
    events !== recorded && `${recorded} events were recorded, and there are ${events}`,
    events !== distinctEvents && `${events - distinctEvents} events are there more than once`,
    sum(({ orders }) => orders) !== told.orders && `there are not ${told.orders} orders`,
    sum(({ shipped }) => shipped) !== told.shipped.length && `not ${told.shipped.length} orders were shipped`,
    Math.abs(sum(({ revenue: ofCountry }) => ofCountry) - pounds) > 0.005 * revenue.length &&
      `the shipped orders are worth ${pounds} pounds`,
  ].filter((text) => text !== false)
}
