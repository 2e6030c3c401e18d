/** One trading day: start the orders, let the customers do what they do, read every run, archive, read again. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Progress, RunRecord, Today } from '../driver-api.ts'
import { askInParts, type Ask } from './ask.ts'
import type { PlannedOrder } from './invoices.ts'
import { bar, number, type Screen } from './screen.ts'

const ORDERS_PER_CALL = 11
const RUNS_PER_CALL = 12
const DAY_ENDS_WITHIN_MS = 90_000
const CHANGES_COME_WITHIN_MS = 20_000
const ARCHIVED_WITHIN_MS = 60_000

export interface DayContext {
  ask: Ask
  screen: Screen
  today: Today
  orders: readonly PlannedOrder[]
}

export async function startOrders({ ask, screen, orders }: DayContext): Promise<void> {
  await askInParts(orders, ORDERS_PER_CALL, async (part) => {
    await ask('POST /orders', part)
    await ask(
      'POST /payments',
      part.filter(({ plan }) => plan === 'prepaid'),
    )
    screen.live(`orders started  ${part.at(-1)?.workflowId}`)
    return []
  })
  const prepaid = orders.filter(({ plan }) => plan === 'prepaid').length
  screen.done(`${orders.length} orders started, ${prepaid} of them paid at once`)
}

/** Pays and cancels as planned until every workflow of the day has ended. Answers the queries it took. */
export async function serveCustomers(day: DayContext): Promise<number> {
  const until = Date.now() + DAY_ENDS_WITHIN_MS
  const asked = new Set(day.orders.filter(({ plan }) => plan === 'paid_when_asked' || plan === 'credit_note'))
  let queries = 0
  for (;;) {
    queries += asked.size
    await payOrCancel(day, asked)
    const progress = await day.ask('POST /progress', day.today)
    show(day, progress)
    const all = Object.values(progress.runs).reduce((sum, count) => sum + count, 0)
    if (all >= day.orders.length && !progress.runs['running']) return queries
    if (Date.now() > until) throw new Error(`still running after the day: ${JSON.stringify(progress.runs)}`)
    await pause(200)
  }
}

/** Every run of the day: the orders, then the children that they name. */
export async function readRuns(day: DayContext, what: string): Promise<RunRecord[]> {
  const read = async (workflowIds: string[]) => {
    const records = await day.ask('POST /runs', workflowIds)
    day.screen.live(`${what}  up to ${workflowIds.at(-1)}`)
    return records
  }
  const ids = day.orders.map(({ workflowId }) => workflowId)
  const orders = await askInParts(ids, RUNS_PER_CALL, read)
  const parts = orders.flatMap(({ children }) => children)
  return [...orders, ...(await askInParts(parts, RUNS_PER_CALL, read))]
}

/** Waits for the change events of `events` history events; answers what has come when it stops waiting. */
export async function awaitChanges(day: DayContext, events: number): Promise<Progress['changes']> {
  const until = Date.now() + CHANGES_COME_WITHIN_MS
  for (;;) {
    const { changes } = await day.ask('POST /progress', day.today)
    day.screen.live(`change events  ${bar(changes.events, events)}`)
    if (changes.events >= events || Date.now() > until) return changes
    await pause(200)
  }
}

/** Has the archiver pass until every run of the day is in the cold tables; answers how many passes it took. */
export async function archiveRuns(day: DayContext, runs: number): Promise<number> {
  const until = Date.now() + ARCHIVED_WITHIN_MS
  for (let passes = 1; ; passes++) {
    const { left } = await day.ask('POST /archive', day.today)
    day.screen.live(`runs archived  ${bar(runs - left, runs)}  pass ${passes}`)
    if (left === 0 || Date.now() > until) return passes
    await pause(300)
  }
}

async function payOrCancel({ ask }: DayContext, asked: Set<PlannedOrder>): Promise<void> {
  if (asked.size === 0) return
  const stages = await ask(
    'POST /statuses',
    [...asked].map(({ workflowId }) => workflowId),
  )
  const waiting = new Set(
    stages.filter(({ stage }) => stage !== 'reserving').map(({ workflowId }) => workflowId),
  )
  const due = [...asked].filter(({ workflowId }) => waiting.has(workflowId))
  const notes = due.filter(({ plan }) => plan === 'credit_note')
  const paid = due.filter(({ plan }) => plan === 'paid_when_asked')
  if (paid.length > 0) await ask('POST /payments', paid)
  if (notes.length > 0) {
    const cancellations = notes.map(({ workflowId, invoice }) => ({
      workflowId,
      reason: `credit note ${invoice}`,
    }))
    await ask('POST /cancellations', cancellations)
  }
  for (const order of due) asked.delete(order)
}

function show({ screen, orders }: DayContext, { runs, linesTaken, changes }: Progress): void {
  const lines = orders.reduce((sum, { order }) => sum + order.lines.length, 0)
  const { running = 0, ...closed } = runs
  const closedRuns = Object.values(closed).reduce((sum, count) => sum + count, 0)
  const runsBar = bar(closedRuns, closedRuns + running)
  screen.live(
    `workflows ${runsBar}   lines reserved ${linesTaken}/${lines}   changes ${number(changes.events)}`,
  )
}
