/** Reads back all that can be asked about a closed run. The calls are the same in every tier. */
import { WorkflowError, type HistoryEvent, type WorkflowClient } from '../../shared/index.ts'
import type { RunRecord } from './driver-api.ts'

const ATTEMPT_ENDS = new Set([
  'activity_completed',
  'activity_failed',
  'activity_timed_out',
  'activity_cancelled',
])

export async function readRun(client: WorkflowClient, workflowId: string): Promise<RunRecord> {
  const handle = client.getHandle(workflowId)
  const { tier, ...info } = await handle.describe()
  const history: HistoryEvent[] = []
  for await (const event of handle.history()) history.push(event)
  const result = await outcomeOf(handle.result({ timeout: '20s' }))
  const { workflowType, status } = info
  const digest = await sha256(inOrder({ info, history, result }))
  return { workflowId, workflowType, status, tier, result, events: history.length, digest, ...sums(history) }
}

type Sums = Pick<RunRecord, 'activities' | 'retries' | 'signals' | 'children'>

function sums(history: readonly HistoryEvent[]): Sums {
  const ofType = (type: string) => history.filter((event) => event.type === type)
  return {
    activities: ofType('activity_completed').length,
    retries: history
      .filter(({ type }) => ATTEMPT_ENDS.has(type))
      .reduce((sum, { data }) => sum + Math.max(0, Number(field(data, 'attempt') ?? 1) - 1), 0),
    signals: ofType('signal_received').length,
    children: ofType('child_requested').map(({ data }) => String(field(data, 'workflowId'))),
  }
}

function field(data: unknown, name: string): unknown {
  return data !== null && typeof data === 'object'
    ? Object.entries(data).find(([key]) => key === name)?.[1]
    : undefined
}

async function outcomeOf(result: Promise<unknown>): Promise<unknown> {
  try {
    return await result
  } catch (error) {
    if (error instanceof WorkflowError) return { code: error.code, message: error.message }
    throw error
  }
}

/** The same value whatever order its keys were read in. */
function inOrder(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(inOrder)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, part]) => [key, inOrder(part)]))
}

async function sha256(value: unknown): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(value)))
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
