/** Lists and counts as clients ask shards for them. */
import type { RunSummary } from './description.ts'
import type { Payload } from './payload.ts'
import type { RunStatus, ShardAddress } from './protocol.ts'

export interface ListRequest {
  to: ShardAddress
  status?: RunStatus[]
  taskQueue?: string
  workflowType?: string
  idPrefix?: string
  /** Null: that it is not set. */
  searchAttributes?: Record<string, Payload>
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
  groupBy?: CountGroup
  /** What the reply to the request before said is left. */
  rest?: CountRest
}

/** By what `count` groups. */
export type CountGroup = 'status' | 'workflowType' | 'taskQueue'

export interface RunCount {
  count: number
  /** Where the request names what to group by: its values, and how many of `count` have each. */
  groups?: [value: string, count: number][]
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
