/** A day of the orders example as rows of the archive, made from its invoices; each call by a fixed rule, so sums are known. */
import { planDay, readInvoices, type PlannedOrder } from '../../../examples/orders/node/invoices.ts'
import type { Row } from './tables.ts'

const DAY_MS = 86_400_000
const FIRST_DAY = Date.UTC(2026, 10, 20)

export const orders = planDay(readInvoices('examples/orders/online-retail.csv'), 1)

/** The first two are shipped, the third was not paid, the fourth failed, and so on. */
export function endingOf(index: number): 'shipped' | 'unpaid' | 'failed' {
  return (['shipped', 'shipped', 'unpaid', 'failed'] as const)[index % 4] ?? 'shipped'
}

/** Every third line needs a second attempt, every ninth a third one. */
export function attemptsOf(line: number): number {
  if (line % 9 === 8) return 3
  return line % 3 === 2 ? 2 : 1
}

export function executionRow({ workflowId, order }: PlannedOrder, index: number): Row {
  const startedAt = FIRST_DAY + (index % 3) * DAY_MS + index * 1000
  const ending = endingOf(index)
  const outcome =
    ending === 'shipped'
      ? { status: 'completed', trackingNumber: `T-${index}` }
      : { status: 'cancelled', reason: 'payment_timeout' }
  return {
    ...keyOf(workflowId, index),
    workflow_type: 'processOrder',
    task_queue: 'orders',
    status: ending === 'failed' ? 'failed' : 'completed',
    started_at: startedAt,
    closed_at: startedAt + durationOf(index),
    history_length: order.lines.length * 2 + 2,
    history_bytes: 1000,
    input: JSON.stringify(order),
    result: ending === 'failed' ? null : JSON.stringify(outcome),
    failure: ending === 'failed' ? JSON.stringify({ name: 'Error', message: 'x', code: 'internal' }) : null,
    shard_id: String(index % 8),
    archive_batch_id: `${index % 8}-1`,
  }
}

/** 1 ms, 2 ms, ... */
export function durationOf(index: number): number {
  return index + 1
}

/** Two events for each line of the order. */
export function historyRows(planned: PlannedOrder, index: number): Row[] {
  const run = executionRow(planned, index)
  const event = (eventId: number, type: string, data: object): Row => ({
    ...keyOf(planned.workflowId, index),
    event_id: eventId,
    event_type: type,
    event_data: JSON.stringify(data),
    timestamp: Number(run['started_at']),
    workflow_type: 'processOrder',
    task_queue: 'orders',
    closed_at: Number(run['closed_at']),
    archive_batch_id: String(run['archive_batch_id']),
  })
  return planned.order.lines.flatMap((line, i) => [
    event(2 * i + 1, 'activity_scheduled', { seq: i + 1, activityType: 'reserveInventory', input: { line } }),
    event(2 * i + 2, 'activity_completed', { seq: i + 1, attempt: attemptsOf(i) }),
  ])
}

function keyOf(workflowId: string, index: number): Row {
  return { namespace: 'default', workflow_id: workflowId, run_id: `run-${String(index).padStart(4, '0')}` }
}
