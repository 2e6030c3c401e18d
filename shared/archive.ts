/** What crosses between a shard and the archiver, and where an archived run lies. */
import type { ClosedStatus, HistoryEvent } from './core/events.ts'
import type { SerializedError } from './errors.ts'
import type { Payload } from './payload.ts'
import type { ShardAddress } from './protocol.ts'

/** Everything `describe` knows of a closed run, as a row of `workflow_executions`; epoch ms, JSON payloads. */
interface ExecutionRecord {
  namespace: string
  shard: number
  workflowId: string
  runId: string
  workflowType: string
  taskQueue: string
  status: ClosedStatus
  parentWorkflowId?: string
  parentRunId?: string
  startedAt: number
  closedAt: number
  historyLength: number
  historyBytes: number
  input?: Payload
  result?: Payload
  error?: SerializedError
  memo: Record<string, Payload>
  searchAttributes: Record<string, Payload>
  version: string
}

export interface ArchivedRun {
  execution: ExecutionRecord
  /** Every event, in order; the event at index i has eventId i + 1. */
  events: HistoryEvent[]
}

/**
 * What the shard proposes: closed runs past the hot retention of its own configuration. Persisted before anything
 * is written to R2; its content never changes afterwards, and it is proposed again until it is confirmed.
 */
export interface ArchiveBatch {
  /** `<shard>-<number>`, unique and ascending per shard. */
  batchId: string
  namespace: string
  shard: number
  /** Sorted by (workflowId, runId). */
  runs: ArchivedRun[]
}

export interface ProposeArchiveRequest {
  to: ShardAddress
  maxRuns: number
  maxBytes: number
}

/** Where one run lies in a warm object. */
export interface WarmLocator {
  object: string
  etag: string
  batchId: string
  rowGroupFirst: number
  rowGroupCount: number
  /** Rows before the run's first row, counted within the row groups named. */
  rowOffset: number
  rowCount: number
}

export interface ConfirmArchiveRequest {
  to: ShardAddress
  batchId: string
  locators: { runId: string; locator: WarmLocator }[]
}

/** The archiver's RPC entrypoint, as the scheduler calls it. */
export interface ArchiveReader {
  /** The run's events in order, as UTF-8 JSON. Throws when the object is missing or not what the locator says. */
  readRun(request: { workflowId: string; runId: string; locator: WarmLocator }): Promise<Uint8Array>
}
