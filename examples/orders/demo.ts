/**
 * `npm run demo`: the 66 invoices of online-retail.csv through the order workflow on local workerd, archived to
 * Iceberg tables in R2, read back and compared, and added up by DuckDB. The last line on stdout is one JSON object; exit 1 when a check fails.
 *
 *   node examples/orders/demo.ts [--state DIR]     state survives: the next run is the next trading day
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { ChangeSummary, RunRecord } from './driver-api.ts'
import type { StockRow } from './order.ts'
import { analyse, type Analytics } from './node/analytics.ts'
import { driverAt, type Ask } from './node/ask.ts'
import * as check from './node/checks.ts'
import {
  archiveRuns,
  awaitChanges,
  readRuns,
  serveCustomers,
  startOrders,
  type DayContext,
} from './node/day.ts'
import { planDay, readInvoices, shelves, valueOf, type Invoice } from './node/invoices.ts'
import { number, openScreen, seconds, table, type Screen } from './node/screen.ts'
import { startWorkers } from './node/workers.ts'

const root = resolve(import.meta.dirname, '../..')
const { values: options } = parseArgs({ options: { state: { type: 'string', default: '.wrangler/demo' } } })

interface Closing {
  runs: RunRecord[]
  again: RunRecord[]
  changes: ChangeSummary
  stock: StockRow[]
  analytics: Analytics
}

const screen = openScreen()
const invoices = readInvoices(resolve(import.meta.dirname, 'online-retail.csv'))
const lineCount = sum(invoices, ({ lines }) => lines.length)
screen.line(
  `perdure demo · ${invoices.length} invoices · ${lineCount} lines · ${shelves(invoices).length} products`,
)

const workers = await startWorkers(root, resolve(root, options.state))
process.once('SIGINT', () => void workers.stop().then(() => process.exit(130)))
process.once('SIGTERM', () => void workers.stop().then(() => process.exit(143)))
screen.done(`six Workers on local workerd, state in ${options.state}`)
try {
  const { day, opening } = await openDay(driverAt(workers.url), screen, invoices)
  const closing = await trade(day)
  await workers.stop()
  report(day, opening, closing)
} catch (error) {
  await workers.stop()
  console.error(error, `\n--- wrangler ---\n${workers.output()}`)
  process.exitCode = 1
}

async function openDay(
  ask: Ask,
  on: Screen,
  all: readonly Invoice[],
): Promise<{ day: DayContext; opening: StockRow[] }> {
  const { day, stock } = await ask('POST /days', shelves(all))
  on.done(`day ${day}: shelves filled`)
  const today = { workflows: `order-${day}-`, orders: `${day}-` }
  return { day: { ask, screen: on, today, orders: planDay(all, day) }, opening: stock }
}

async function trade(day: DayContext): Promise<Closing> {
  await startOrders(day)
  const queries = await serveCustomers(day)
  screen.done(`all closed; ${number(queries)} queries asked what an order was waiting for`)
  const runs = await readRuns(day, 'histories read')
  const events = sum(runs, ({ events: count }) => count)
  screen.done(`${runs.length} runs read: description, result, ${number(events)} history events`)
  const changes = await awaitChanges(day, events)
  screen.done(
    `${number(changes.events)} change events of ${changes.shards} shards, ${number(changes.repeated)} came twice`,
  )
  const passes = await archiveRuns(day, runs.length)
  screen.done(`in the cold tables in R2 after ${passes} ${passes === 1 ? 'pass' : 'passes'}`)
  const again = await readRuns(day, 'archive read')
  screen.done(`${again.length} runs read again, now from the archive`)
  const analytics = await analyse(workers.url, day.today.workflows, resolve(root, options.state, 'sql-cache'))
  screen.done(`${number(analytics.events)} events found by DuckDB in the Parquet files of the cold tables`)
  return { runs, again, changes, stock: await day.ask('POST /stock', day.today), analytics }
}

function report(day: DayContext, opening: readonly StockRow[], closing: Closing): void {
  const { runs, changes } = closing
  const byId = new Map(runs.map((run) => [run.workflowId, run]))
  const archive = new Map(closing.again.map((run) => [run.workflowId, run]))
  const shipped = ordersEnding(day, byId, 'shipped')
  const checks: [string, string[]][] = [
    ['every order ended as its customer had it', check.endings(day.orders, byId)],
    ['the stock lacks exactly what the shipped orders took', check.stock(shipped, opening, closing.stock)],
    [
      'one change event per history event, no gap',
      check.changes(
        changes,
        sum(runs, ({ events }) => events),
      ),
    ],
    ['the archive answers as the live runs did', check.readBack(runs, archive)],
    [
      'the cold tables hold each run and each event once',
      check.analytics(closing.analytics, { runs, orders: day.orders.length, shipped }),
    ],
  ]
  printTable(day, byId)
  printAnalytics(closing.analytics)
  for (const [what, wrong] of checks) {
    screen.line(`  ${wrong.length === 0 ? '✓' : '✗'} ${what}`)
    for (const text of wrong.slice(0, 10)) screen.line(`      ${text}`)
    if (wrong.length > 0) process.exitCode = 1
  }
  const numbers = totals(closing, archive)
  screen.line(`  ${seconds(numbers.wallMs)} in all`)
  console.log(JSON.stringify(numbers))
}

function totals({ runs, again, changes }: Closing, archive: ReadonlyMap<string, RunRecord>) {
  const completed = runs.filter(({ status }) => status === 'completed').length
  const cancelled = runs.filter(({ status }) => status === 'cancelled').length
  return {
    workflows: runs.length,
    completed,
    cancelled,
    failed: runs.length - completed - cancelled,
    activities: sum(runs, ({ activities }) => activities),
    retries: sum(runs, ({ retries }) => retries),
    signals: sum(runs, ({ signals }) => signals),
    children: sum(runs, ({ children }) => children.length),
    cdcEvents: changes.events,
    archived: again.filter(({ tier }) => tier === 'cold').length,
    readBack: runs.filter((run) => check.readBack([run], archive).length === 0).length,
    wallMs: Math.round(performance.now()),
  }
}

function printTable(day: DayContext, runs: ReadonlyMap<string, RunRecord>): void {
  const names: [check.Ending, string][] = [
    ['shipped', 'paid and shipped'],
    ['payment_timeout', 'payment timed out'],
    ['out_of_stock', 'out of stock'],
    ['cancelled', 'cancelled by credit note'],
    ['failed', 'failed'],
  ]
  const rows = names.map(([ending, name]) => {
    const orders = ordersEnding(day, runs, ending)
    const records = orders.flatMap(({ workflowId }) => withChildren(workflowId, runs))
    const value = sum(orders, ({ order }) => valueOf(order.lines))
    const lines = sum(orders, ({ order }) => order.lines.length)
    const activities = sum(records, (run) => run.activities)
    const retries = sum(records, (run) => run.retries)
    const cells = [orders.length, lines, value, records.length - orders.length, activities, retries]
    return [name, ...cells.map(number)]
  })
  screen.line('')
  const head = ['outcome', 'orders', 'lines', 'pounds', 'children', 'activities', 'retries']
  for (const line of table([head, ...rows])) screen.line(`  ${line}`)
  screen.line('')
}

function printAnalytics({ revenue, durations }: Analytics): void {
  const countries = revenue.map((row) => [row.country, ...[row.orders, row.shipped, row.revenue].map(number)])
  const types = durations.map((row) => [row.workflow_type, ...[row.runs, row.p50_ms, row.p95_ms].map(number)])
  for (const line of table([['country', 'orders', 'shipped', 'pounds'], ...countries]))
    screen.line(`  ${line}`)
  screen.line('')
  for (const line of table([['workflow type', 'runs', 'p50 ms', 'p95 ms'], ...types]))
    screen.line(`  ${line}`)
  screen.line('')
}

function ordersEnding(day: DayContext, runs: ReadonlyMap<string, RunRecord>, ending: check.Ending) {
  return day.orders.filter(({ workflowId }) => {
    const run = runs.get(workflowId)
    return run !== undefined && check.endingOf(run) === ending
  })
}

function withChildren(workflowId: string, runs: ReadonlyMap<string, RunRecord>): RunRecord[] {
  const run = runs.get(workflowId)
  return run ? [run, ...run.children.flatMap((child) => withChildren(child, runs))] : []
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
