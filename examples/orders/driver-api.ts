/** What the demo, a Node process, and its driver, a Worker, say to each other over HTTP. Plain types, JSON only. */
import type { Order, OrderStage, Payment, StockRow } from './order.ts'

export interface DriverApi {
  /** Fills the shelves and opens a trading day; its number keeps the ids of each day apart. */
  'POST /days': { ask: { sku: string; quantity: number }[]; answer: { day: number; stock: StockRow[] } }
  'POST /orders': { ask: { workflowId: string; order: Order }[]; answer: { started: number } }
  'POST /payments': { ask: { workflowId: string; payment: Payment }[]; answer: { paid: number } }
  'POST /cancellations': { ask: { workflowId: string; reason: string }[]; answer: { cancelled: number } }
  'POST /statuses': { ask: string[]; answer: { workflowId: string; stage: OrderStage }[] }
  'POST /progress': { ask: Today; answer: Progress }
  'POST /runs': { ask: string[]; answer: RunRecord[] }
  /** Has the archiver make one pass, and answers how many runs of the day are not cold yet. */
  'POST /archive': { ask: Today; answer: { left: number } }
  'POST /stock': { ask: Today; answer: StockRow[] }
}

/** Prefixes that name this day's workflows and orders. */
export interface Today {
  workflows: string
  orders: string
}

export interface Progress {
  /** Workflows by status, children included. */
  runs: Record<string, number>
  hot: number
  linesTaken: number
  changes: ChangeSummary
}

export interface ChangeSummary {
  /** Distinct change events of this day's workflows. */
  events: number
  /** Deliveries of an event that had already come. */
  repeated: number
  /** Sequence numbers missing between the first and the last of this day, over all shards. */
  missing: number
  shards: number
}

/** All that can be asked about a closed run, and what its history adds up to. */
export interface RunRecord {
  workflowId: string
  workflowType: string
  status: string
  tier: string
  result: unknown
  events: number
  activities: number
  retries: number
  signals: number
  children: string[]
  /** SHA-256 of description (its tier aside), history and result: equal when all of them are. */
  digest: string
}
