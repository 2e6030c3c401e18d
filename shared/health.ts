/** The health of a shard: what its rows must agree on, and where they do not. docs/guide/doctor.md has each finding. */
import type { Reply, ShardAddress } from './protocol.ts'

export type FindingCode =
  | 'history_broken'
  | 'run_differs'
  | 'id_differs'
  | 'cause_missing'
  | 'row_stray'
  | 'row_orphaned'
  | 'not_armed'
  | 'outbox_gap'
  | 'watermark_differs'
  | 'position_ahead'
  | 'schedule_differs'
  | 'key_stale'
  | 'batch_broken'

/** One thing that is wrong. */
export interface Finding {
  code: FindingCode
  workflowId?: string
  runId?: string
  /** For a person: which row, and what it should be. */
  what: string
  /** Whether it was mended: only where that was asked for. Absent where nothing is known to mend it. */
  repaired?: boolean
}

export interface HealthRequest {
  to: ShardAddress
  /** Where the last page ended; absent: the first page. */
  cursor?: string
  /** Mend what can be mended. */
  repair?: boolean
}

/** One page of a check: a bounded part of the shard. */
export interface HealthPage {
  findings: Finding[]
  /** Runs looked at, and events of theirs. */
  runs: number
  events: number
  /** Where the next page begins; absent on the last. */
  cursor?: string
}

/** As it is asked over HTTP: of one shard, by its number. */
export interface AskedHealth {
  shard: number
  cursor?: string
  repair?: boolean
}

/** And answered: with the number of shards that there are to ask. */
export interface ToldHealth extends HealthPage {
  shards: number
}

export interface HealthApi {
  health(request: HealthRequest): Promise<Reply<HealthPage>>
}
