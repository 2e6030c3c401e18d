/** Messages between the shards of a namespace: children, signals and cancels of other workflows, concurrency keys, and their answers. */
import type { ChildRequested, ParentClosePolicy, ParentLink, RunLink, ScheduleLink } from './core/events.ts'
import type { EndStatus } from './core/closing.ts'
import type { ScheduleReport } from './core/schedule.ts'
import type { SerializedError } from './errors.ts'
import type { Payload } from './payload.ts'
import type { ShardAddress } from './protocol.ts'
import type { ScheduleAction } from './schedule.ts'

export type Delivery =
  | {
      kind: 'start_child'
      parent: ParentLink
      parentTaskQueue: string
      /** The version that the parent is pinned to. */
      parentVersion?: string
      /** The child's run, once its input has been copied for it. */
      runId?: string
      child: Omit<ChildRequested, 'type' | 'at'>
    }
  | {
      kind: 'child_started'
      to: RunLink
      seq: number
      child: RunLink
      shard: number
      parentClosePolicy: ParentClosePolicy
    }
  | { kind: 'child_start_failed'; to: RunLink; seq: number; error: SerializedError }
  | {
      kind: 'child_closed'
      to: RunLink
      seq: number
      status: EndStatus
      result?: Payload
      error?: SerializedError
    }
  | {
      kind: 'signal'
      from: ParentLink
      to: { workflowId: string; runId?: string }
      name: string
      payload?: Payload
    }
  | { kind: 'cancel'; from: ParentLink; to: { workflowId: string; runId?: string }; reason?: string }
  | {
      kind: 'external_answered'
      to: RunLink
      seq: number
      what: 'signal' | 'cancel'
      error?: SerializedError
    }
  | { kind: 'start_scheduled'; schedule: ScheduleLink; start: ScheduleAction }
  | { kind: 'schedule_report'; schedule: ScheduleLink; report: ScheduleReport }
  | KeyDelivery
  | { kind: 'close_child'; to: RunLink; policy: 'terminate' | 'cancel'; reason: string }

/** Between the shard of an activity and the one that keeps the line of its concurrency key. */
export type KeyDelivery =
  | {
      kind: 'request_key' | 'key_released'
      from: ParentLink
      taskQueue: string
      concurrencyKey: string
    }
  | { kind: 'key_granted'; to: RunLink; seq: number; taskQueue: string; concurrencyKey: string }

export interface DeliverRequest {
  v: number
  to: ShardAddress
  from: number
  /** Numbered per pair of shards, without gaps; the receiver applies each number once, in order. */
  deliveries: { number: number; delivery: Delivery }[]
  /** Calls that carried the first of them have failed more than once: they may be what the receiver does not survive. */
  again?: true
}

export interface DeliverReply {
  /** Every number up to this one is durably applied. */
  watermark: number
}
