import type { HistoryEvent } from '../../shared/core/events.ts'
import { DEFAULT_RETRY } from '../../shared/core/retry.ts'
import type { Json } from '../../shared/payload.ts'
import type { ArchiveBatch, ProposedRun } from '../../shared/archive.ts'
import { compareBytes } from '../../archiver/iceberg/bounds.ts'

export const noon = Date.UTC(2026, 10, 24, 12)

/** Numbers in [0, 1) from a seed, so that a failing test can be run again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A closed run as its shard holds it. */
export interface ClosedRun extends Omit<ProposedRun, 'events'> {
  readonly history: HistoryEvent[]
}

/** The runs proposed as batch `number`: sorted, and their histories cut into turns of one to three events. */
export function batchOf(number: number, runs: readonly ClosedRun[], shard = 0): ArchiveBatch {
  const proposed = runs
    .toSorted(byBytes)
    .map(({ history, ...run }, i) => ({ ...run, events: turns(history, i) }))
  return { namespace: 'default', shard, number, openedBy: 1, numbered: true, runs: proposed, backlog: 0 }
}

function turns(history: readonly HistoryEvent[], seed: number): string[] {
  const random = seeded(seed)
  const rows: string[] = []
  for (let first = 0; first < history.length;) {
    const count = 1 + Math.floor(random() * 3)
    rows.push(JSON.stringify(history.slice(first, first + count)))
    first += count
  }
  return rows
}

function byBytes(one: ClosedRun, other: ClosedRun): number {
  return compareUtf8(one.workflowId, other.workflowId) || compareUtf8(one.runId, other.runId)
}

const encoder = new TextEncoder()

export function compareUtf8(one: string, other: string): number {
  return compareBytes(encoder.encode(one), encoder.encode(other))
}

export function closedRun(workflowId: string, runId: string, history: HistoryEvent[]): ClosedRun {
  return {
    workflowId,
    runId,
    workflowType: 'order',
    taskQueue: 'orders',
    closedAt: history.at(-1)?.at ?? noon,
    historyLength: history.length,
    history,
  }
}

/** Runs of the order example: the events and payloads of a purchase with five activities, a signal and a timer. */
export function orderRuns(count: number, random: () => number, prefix = 'order'): ClosedRun[] {
  return Array.from({ length: count }, (_, i) => {
    const workflowId = `${prefix}-${String(i).padStart(6, '0')}`
    return closedRun(workflowId, `01JDRUN${workflowId}`, orderEvents(random, i))
  })
}

function orderEvents(random: () => number, i: number): HistoryEvent[] {
  let at = noon + i * 1_000
  const later = (): number => (at += Math.floor(random() * 400))
  const customerId = String(12_000 + Math.floor(random() * 6_000))
  const amount = Math.floor(random() * 50_000) / 100
  const items = Array.from({ length: 3 }, () => ({
    sku: String(20_000 + Math.floor(random() * 9_000)),
    quantity: 1 + Math.floor(random() * 12),
    unitPrice: Math.floor(random() * 1_000) / 100,
  }))
  const activities = ['reserveStock', 'chargeCard', 'createShipment', 'sendReceipt', 'recordSale']
  const steps = activities.flatMap((activityType, index): HistoryEvent[] => [
    {
      type: 'activity_scheduled',
      at: later(),
      seq: index + 1,
      activityType,
      taskQueue: 'orders',
      input: { customerId, amount, items },
      retry: DEFAULT_RETRY,
      timeouts: { startToCloseMs: 600_000 },
      cancellation: 'wait',
    },
    {
      type: 'activity_completed',
      at: later(),
      seq: index + 1,
      attempt: 1,
      result: { reference: Math.floor(random() * 2 ** 48).toString(36), amount },
    },
  ])
  return [
    {
      type: 'workflow_started',
      at: later(),
      workflowType: 'order',
      taskQueue: 'orders',
      input: { customerId, amount, items },
      version: '1',
      requestId: `request-${Math.floor(random() * 2 ** 48)}`,
    },
    ...steps,
    { type: 'timer_started', at: later(), seq: 6, fireAt: at + 60_000 },
    {
      type: 'signal_received',
      at: later(),
      name: 'delivered',
      payload: { by: 'carrier' },
      signalId: `s-${i}`,
    },
    { type: 'timer_cancelled', at, seq: 6 },
    { type: 'workflow_completed', at, result: { status: 'delivered', amount } },
  ]
}

/** Runs of anything that JSON can hold, with awkward ids. */
export function oddRuns(count: number, random: () => number): ClosedRun[] {
  return Array.from({ length: count }, (_, i) => {
    const length = random() < 0.1 ? 1 + Math.floor(random() * 2_500) : 1 + Math.floor(random() * 30)
    const events = Array.from({ length }, (__, n) => oddEvent(random, noon + n))
    return closedRun(`${oddText(random)}${i}`, `run ${oddText(random)} ${i}`, events)
  })
}

function oddEvent(random: () => number, at: number): HistoryEvent {
  const seq = Math.floor(random() * 2 ** 31)
  const pick = Math.floor(random() * 6)
  if (pick === 0) return { type: 'workflow_completed', at }
  if (pick === 1) return { type: 'timer_fired', at: Math.floor(random() * 8.64e15), seq }
  if (pick === 2) return { type: 'signal_received', at, name: '', payload: null, signalId: oddText(random) }
  if (pick === 3)
    return { type: 'activity_completed', at, seq, attempt: 1, result: oddJson(random, 3) ?? null }
  if (pick === 4) return { type: 'signals_discarded', at, signalIds: [], names: [oddText(random)] }
  return {
    type: 'step_failed',
    at,
    seq,
    attempt: 3,
    error: { name: oddText(random), message: '', code: 'internal' },
  }
}

const awkward = [
  '',
  'a',
  'é',
  '日本語',
  '👩‍👩‍👧',
  '\u{10FFFF}',
  '\uE000',
  '"',
  '\\',
  '\n',
  '\u0000',
  '%2F',
  "'; --",
  '🦉'.repeat(40),
]

function oddText(random: () => number): string {
  return awkward[Math.floor(random() * awkward.length)]! + awkward[Math.floor(random() * awkward.length)]!
}

function oddJson(random: () => number, depth: number): Json {
  const pick = Math.floor(random() * (depth === 0 ? 6 : 8))
  const leaves: Json[] = [
    null,
    true,
    random() * 1e300,
    -0.1,
    `lone \uD800 ${oddText(random)}`,
    'x'.repeat(random() * 3_000),
  ]
  if (pick < 6) return leaves[pick]!
  if (pick === 6) return Array.from({ length: Math.floor(random() * 4) }, () => oddJson(random, depth - 1))
  // As from the wire: an own key that an assignment would have lost.
  return JSON.parse(
    `{"__proto__":${JSON.stringify(oddJson(random, depth - 1))},"":1,"type":"t","at":0}`,
  ) as Json
}

/** For batches whose runs are proposed whole. */
export function noPages(): Promise<never> {
  return Promise.reject(new Error('no run of this batch comes by pages'))
}
