/** Lists and counts as clients ask shards for them. */
import type { RunStatus, RunSummary, ShardAddress } from './protocol.ts'

export interface ListRequest {
  to: ShardAddress
  status?: RunStatus[]
  taskQueue?: string
  workflowType?: string
  idPrefix?: string
  startedAfter?: number
  startedBefore?: number
  closedAfter?: number
  closedBefore?: number
  orderBy: 'startedAt' | '-startedAt' | 'closedAt' | '-closedAt'
  limit: number
  /** Rows strictly behind this position in the order asked for. */
  after?: ListPosition
  tiers?: ('hot' | 'warm' | 'cold')[]
}

/** Rows of a shard, in the order asked for. */
export interface RunList {
  runs: RunSummary[]
  /** Every row up to here is among them; there may be more behind it. Absent: there are none. */
  upTo?: ListPosition
}

export interface CountRequest extends Omit<ListRequest, 'orderBy' | 'limit' | 'after'> {
  /** What the reply to the request before said is left. */
  rest?: CountRest
}

export interface RunCount {
  count: number
  /** What this count has left out, for the next request; its count is added. */
  rest?: CountRest
}

/** Segments by number, both inclusive. */
interface CountRest {
  from: number
  to: number
}

export interface ListPosition {
  at: number
  runId: string
}
