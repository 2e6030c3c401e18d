/** A start as the caller wrote it, checked and encoded for the shard. */
import type { RetryPolicy } from './activity.ts'
import { encodedAttributes } from './attributes.ts'
import type { SearchAttributes } from './attributes.ts'
import { newId } from './ids.ts'
import { toMs } from './duration.ts'
import type { Duration } from './duration.ts'
import type { SignalDefinition } from './message.ts'
import { checkedChoice, checkedName, checkedPriority, checkedWorkflowId } from './names.ts'
import { sendablePayload } from './payload.ts'
import type { Payload } from './payload.ts'
import type { IdConflict, IdReuse, StartRequest } from './protocol.ts'
import { checkedTraceparent } from './trace.ts'
import { encodedFields } from './workflow.ts'

/** How a run is started. */
export interface StartOptions {
  /** Names the work in your terms: at most one open run has it. Absent: a ULID. */
  workflowId?: string
  /**
   * Of its activities. Default: the workflow's own, then `default`. Refused with `unknown_task_queue` where the
   * scheduler has no such queue.
   */
  taskQueue?: string
  /** When runs of the id are closed; refused with `workflow_already_started`. Default: allow. */
  idReuse?: IdReuse
  /** When a run of the id is open. Default: fail, with `workflow_already_started`. */
  idConflict?: IdConflict
  /** From the start to the end of the last run, retries and continue-as-new included. Default: none. */
  executionTimeout?: Duration
  /** For each run alone, from its first turn. Default: none. */
  runTimeout?: Duration
  /** How long the first turn waits; signals that come meanwhile are kept. Default: not at all. */
  startDelay?: Duration
  /** A run that fails, or passes its `runTimeout`, is followed by another one of the same id. Default: it is not. */
  retry?: RetryPolicy
  /** What `describe` and `list` show of it. A field has at most 128 KiB as JSON, and all together 512. */
  memo?: Record<string, unknown>
  /** What it is found by. */
  searchAttributes?: SearchAttributes
  /** W3C trace context of the caller, kept in the run's first event; `traceparent(runId)` is the run's own. */
  traceparent?: string
  /** Pins the run to one of the versions that the scheduler carries; any other is refused with `unknown_version`. */
  version?: string
  /** Of its activities that say nothing of theirs: the higher goes first, from -1,000 to 1,000. Default: 0. */
  priority?: number
  /** Two starts with the same id are one; made per call when absent, and reused by the client's own retries. */
  requestId?: string
}

/** What `signalWithStart` also takes. */
export interface SignalOptions<P> {
  /** By definition or by name. */
  signal: SignalDefinition<P> | string
  /** What the signal carries. */
  payload?: P
}

/** A start before the shard of its workflow id is known. */
export type StartDraft = Omit<StartRequest, 'to'>

export function startDraft(
  workflow: { readonly name: string } | string,
  options: StartOptions & { input?: unknown },
): StartDraft {
  const input = sendablePayload(options.input, 'input')
  return {
    workflowId: options.workflowId === undefined ? newId() : checkedWorkflowId(options.workflowId),
    workflowType: checkedName(typeof workflow === 'string' ? workflow : workflow?.name, 'workflow'),
    ...(options.taskQueue !== undefined && { taskQueue: checkedName(options.taskQueue, 'taskQueue') }),
    ...(input !== undefined && { input }),
    idReuse: checkedChoice(options.idReuse ?? 'allow', ['allow', 'allow-failed-only', 'reject'], 'idReuse'),
    idConflict: checkedChoice(
      options.idConflict ?? 'fail',
      ['fail', 'use-existing', 'terminate-existing'],
      'idConflict',
    ),
    ...startTimes(options),
    ...(options.retry !== undefined && { retry: options.retry }),
    ...(options.memo !== undefined && { memo: encodedFields(options.memo, 'memo') }),
    ...(options.traceparent !== undefined && { traceparent: checkedTraceparent(options.traceparent) }),
    ...(options.searchAttributes !== undefined && {
      searchAttributes: encodedAttributes(options.searchAttributes),
    }),
    ...(options.priority !== undefined && { priority: checkedPriority(options.priority) }),
    ...(options.version !== undefined && { version: checkedName(options.version, 'version') }),
    requestId: options.requestId === undefined ? newId() : checkedName(options.requestId, 'requestId'),
  }
}

/** The times of a start in the terms of a shard. */
export function startTimes({
  executionTimeout,
  runTimeout,
  startDelay,
}: Pick<StartOptions, 'executionTimeout' | 'runTimeout' | 'startDelay'>) {
  return {
    ...(executionTimeout !== undefined && { executionTimeoutMs: toMs(executionTimeout, 'executionTimeout') }),
    ...(runTimeout !== undefined && { runTimeoutMs: toMs(runTimeout, 'runTimeout') }),
    ...(startDelay !== undefined && { startDelayMs: toMs(startDelay, 'startDelay') }),
  }
}

/** An open run of the id only gets the signal; otherwise it is the first message of the run started. */
export function signalWithStartDraft(
  workflow: { readonly name: string } | string,
  options: StartOptions & SignalOptions<unknown> & { input?: unknown },
): StartDraft {
  const draft = startDraft(workflow, { idConflict: 'use-existing', ...options })
  // The start's id is the signal's too: sent twice, it is received once, by a new run or by an open one.
  return { ...draft, signal: { ...signalDraft(options.signal, options.payload), signalId: draft.requestId } }
}

/** A signal's name and payload, checked and encoded. */
export function signalDraft(
  signal: { readonly name: string } | string,
  payload: unknown,
): { name: string; payload?: Payload } {
  const name = checkedName(typeof signal === 'string' ? signal : signal?.name, 'signal')
  const encoded = sendablePayload(payload, 'payload')
  return { name, ...(encoded !== undefined && { payload: encoded }) }
}
