/** The rows that the cold tables must hold, made from what the engine told a client: one line of JSON each. */
import { shardOf } from '../../shared/shard.ts'
import type { RecordedRun } from './api.ts'

/** As test/interop/workers/scheduler.wrangler.toml has it. */
const SHARDS = 4

type Row = Readonly<Record<string, unknown>>

/** Times in epoch milliseconds; columns of JSON as values. The batch, which only the archiver can know, is left out. */
export interface ExpectedRows {
  readonly workflow_executions: readonly Row[]
  readonly workflow_history: readonly Row[]
}

export function expectedRows(runs: readonly RecordedRun[]): ExpectedRows {
  return {
    workflow_executions: runs.map(executionRow),
    workflow_history: runs.flatMap(historyRows),
  }
}

function executionRow({ execution }: RecordedRun): Row {
  return {
    ...keyOf(execution),
    workflow_type: execution.workflowType,
    task_queue: execution.taskQueue,
    status: execution.status,
    parent_workflow_id: execution.parent?.workflowId ?? null,
    parent_run_id: execution.parent?.runId ?? null,
    started_at: execution.startedAt,
    closed_at: execution.closedAt,
    history_length: execution.historyEvents,
    history_bytes: execution.historyBytes,
    input: execution.input,
    result: execution.result,
    failure: execution.error,
    memo: execution.memo,
    search_attributes: execution.searchAttributes,
    shard_id: String(shardOf(execution.workflowId, SHARDS)),
  }
}

function historyRows({ execution, events }: RecordedRun): Row[] {
  return events.map(({ eventId, type, at, data }) => ({
    ...keyOf(execution),
    event_id: eventId,
    event_type: type,
    event_data: data,
    timestamp: at,
    workflow_type: execution.workflowType,
    task_queue: execution.taskQueue,
    closed_at: execution.closedAt,
  }))
}

function keyOf({ workflowId, runId }: RecordedRun['execution']): Row {
  return { namespace: 'default', workflow_id: workflowId, run_id: runId }
}
