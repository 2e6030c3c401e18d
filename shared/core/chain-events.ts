/** Events of a run's lifecycle: pauses, and how runs of one workflow id take over from each other. */
import type { SerializedError } from '../errors.ts'
import type { Payload } from '../payload.ts'
import type { ParentClosePolicy } from './events.ts'
import type { RetryRules } from './retry.ts'

/** A child that an earlier run of the chain started, and that was open when that run ended. */
export interface CarriedChild {
  /** The run that asked for it, and the call it answers there. */
  parentRunId: string
  seq: number
  workflowId: string
  parentClosePolicy: Exclude<ParentClosePolicy, 'abandon'>
  /** Absent: not known to have started. */
  started?: { runId: string; shard: number }
}

/** A run's place in its chain. */
export interface RunLinks {
  /** The run that the chain began with; absent: this one. */
  firstRunId?: string
  /** The run that took over from this one. */
  nextRunId?: string
}

/** What only the runs of a chain have in their first event. */
export interface ChainLinks {
  /** The run that the chain began with; absent: this one. */
  firstRunId?: string
  /** The run that this one takes over from. */
  previousRunId?: string
  /** Of `retry`, from 1; absent: 1. */
  attempt?: number
  /** Epoch ms before which the code does not run: a start delay, or the back-off of a retry. */
  firstTurnAt?: number
  /** How long one run may take, from its first turn. */
  runTimeoutMs?: number
  /** Absent: a run that fails is not followed by another one. */
  retry?: RetryRules
  /** Epoch ms when the run was made from the history of another one: its timeouts count from then. */
  resetAt?: number
  /** Length of the JSON of the first event that this one was made of: what `ctx.history` counts, as it did in that run. */
  startBytes?: number
  /** The run whose id its random numbers come from; absent: this one. */
  seed?: string
  children?: CarriedChild[]
  /** The last signals that the run before has received: sent again, they are known. */
  signalIds?: string[]
  /** The last updates that earlier runs have accepted, and which of them did. */
  updates?: { updateId: string; runId: string }[]
}

/** What the next run has of its own; what is absent stays as it is. */
export interface ContinueOptions {
  taskQueue?: string
  runTimeoutMs?: number
  startDelayMs?: number
  retry?: RetryRules
  memo?: Record<string, Payload>
  searchAttributes?: Record<string, Payload>
}

/** `nextRunId` in a closing event is the run that takes over; absent: the chain ends with this one. */
export type ChainCommandEvent =
  | ({ type: 'workflow_continued_as_new'; at: number; nextRunId?: string; input?: Payload } & ContinueOptions)
  | { type: 'workflow_failed'; at: number; error: SerializedError; nextRunId?: string }

export type ChainSilentEvent =
  /** Behind the events that a run took over from another one: up to event `toEvent` of run `runId`. */
  | {
      type: 'workflow_reset'
      at: number
      runId: string
      toEvent: number
      /** What the run's own calls draw from. */
      seed: string
      /** Of the calls behind the last outcome, those that are the old run's; absent (before 0.2): all of that drain. */
      callsKept?: number
      reason: string
    }
  | { type: 'workflow_paused'; at: number; reason?: string }
  | { type: 'workflow_resumed'; at: number }
  | { type: 'workflow_terminated'; at: number; reason?: string; nextRunId?: string }
  | { type: 'workflow_timed_out'; at: number; kind: 'execution' | 'run'; nextRunId?: string }
  | {
      type: 'carried_child_started'
      at: number
      parentRunId: string
      seq: number
      runId: string
      shard: number
    }
  | { type: 'carried_child_closed'; at: number; parentRunId: string; seq: number }
