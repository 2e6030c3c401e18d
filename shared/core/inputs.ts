/**
 * What may be asked of a run. Everything that changes one is an `Input`, and `decide` says what comes of it.
 * Inputs arrive at least once: the same one twice, late, or after the close yields no event.
 */
import type { SerializedError, TimeoutKind } from '../errors.ts'
import type { Payload } from '../payload.ts'
import type { EndStatus } from './closing.ts'
import type { WorkflowStarted, OutcomeEvent } from './events.ts'

export type ActivityEnd =
  | { kind: 'completed'; result?: Payload }
  | { kind: 'failed'; error: SerializedError }
  | { kind: 'timed_out'; timeout: TimeoutKind; lastFailure?: SerializedError }
  | { kind: 'cancelled' }

/** What an activity Worker reports of one attempt. */
export type AttemptOutcome =
  | { kind: 'completed'; result?: Payload }
  | { kind: 'failed'; error: SerializedError }
  | { kind: 'cancelled' }
  /** Its Worker shuts down: another one is to make the same attempt. */
  | { kind: 'given_back' }
  /** Whoever has its token ends it. */
  | { kind: 'handed_over' }

export type StepEnd =
  | { kind: 'completed'; result?: Payload }
  | { kind: 'failed'; error: SerializedError }
  | { kind: 'cancelled' }

/** The payload that an input brings; each brings one at most. */
export function inputPayload(input: Input): Payload {
  if ('end' in input) return input.end.kind === 'completed' ? input.end.result : undefined
  if ('result' in input) return input.result
  if ('input' in input) return input.input
  if ('args' in input) return input.args
  return 'payload' in input ? input.payload : undefined
}

/** An event as workflow code sees it. */
export interface Seen {
  readonly event: OutcomeEvent
  /** The content of its payload, where history holds only what stands for it. */
  readonly content?: Payload
}

/** The failure that an input tells of, if it does. */
export function inputFailure(input: Input): SerializedError | undefined {
  if ('error' in input) return input.error
  if (!('end' in input)) return undefined
  if (input.end.kind === 'failed') return input.end.error
  return input.end.kind === 'timed_out' ? input.end.lastFailure : undefined
}

/** Why an update is not accepted: what its caller is told. */
export interface UpdateRefusal {
  code: 'update_not_registered' | 'update_rejected' | 'limit_updates' | 'workflow_not_begun' | 'overloaded'
  message: string
  /** When it may be asked again. */
  retryAfterMs?: number
  /** The names that have a handler. */
  known?: string[]
  /** What the validator threw. */
  error?: SerializedError
}

export type Input =
  | ({ type: 'start_workflow' } & Omit<WorkflowStarted, 'type' | 'at'>)
  | { type: 'signal_workflow'; name: string; payload?: Payload; signalId: string }
  /** `refusal`: the verdict of the run's own code; absent, it accepts the update. */
  | { type: 'update_workflow'; updateId: string; name: string; args?: Payload; refusal?: UpdateRefusal }
  | { type: 'request_cancel'; reason?: string }
  | { type: 'terminate_workflow'; reason?: string; nextRunId?: string }
  | { type: 'time_out_workflow' }
  | { type: 'pause_workflow'; reason?: string }
  | { type: 'resume_workflow' }
  /** A start of the same id with a signal: nobody waits for the delay any more. */
  | { type: 'end_start_delay' }
  | { type: 'resolve_activity'; seq: number; attempt: number; end: ActivityEnd }
  | { type: 'resolve_step'; seq: number; attempt: number; end: StepEnd }
  | { type: 'fire_timer'; seq: number }
  /** `parentRunId` in the inputs of children: the earlier run of the chain that asked for the child. */
  | { type: 'confirm_child'; seq: number; runId: string; shard: number; parentRunId?: string }
  | { type: 'refuse_child'; seq: number; error: SerializedError; parentRunId?: string }
  | {
      type: 'close_child'
      seq: number
      parentRunId?: string
      status: EndStatus
      result?: Payload
      error?: SerializedError
    }
  | { type: 'resolve_external'; seq: number; what: 'signal' | 'cancel'; error?: SerializedError }
