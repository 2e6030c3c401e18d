/** The runs that are not in the cold tables yet, as the service lists them over HTTP. Only this file knows how it is asked. */
import type { HotRow } from './views.ts'
import { ask, type Server } from './server.ts'

/** One row of `GET /v1/workflows`: times in epoch milliseconds, payloads as JSON. */
interface ListedRun {
  namespace?: string
  workflowId: string
  runId: string
  workflowType: string
  taskQueue: string
  status: string
  startedAt: number
  completedAt?: number
  historyEvents: number
  historyBytes: number
  input?: unknown
  result?: unknown
  error?: unknown
  memo?: unknown
  searchAttributes?: unknown
  tier: string
}

interface Page {
  workflows: ListedRun[]
  nextCursor?: string
}

const LIST = '/v1/workflows?tiers=hot,warm&limit=1000'

/** Null when the service has no such list. */
export async function hotRows(server: Server): Promise<HotRow[] | null> {
  const rows: HotRow[] = []
  let next: string | undefined = LIST
  while (next !== undefined) {
    const text = await ask(server, next)
    if (text === null) return null
    const page = JSON.parse(text) as Page // what our own service answers
    rows.push(...page.workflows.map(rowOf))
    next = page.nextCursor && `${LIST}&cursor=${encodeURIComponent(page.nextCursor)}`
  }
  return rows
}

function rowOf(run: ListedRun): HotRow {
  return {
    namespace: run.namespace ?? 'default',
    workflow_id: run.workflowId,
    run_id: run.runId,
    workflow_type: run.workflowType,
    task_queue: run.taskQueue,
    status: run.status,
    started_at: run.startedAt,
    closed_at: run.completedAt ?? null,
    history_length: run.historyEvents,
    history_bytes: run.historyBytes,
    input: json(run.input),
    result: json(run.result),
    failure: json(run.error),
    memo: json(run.memo),
    search_attributes: json(run.searchAttributes),
    tier: run.tier,
  }
}

function json(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value)
}
