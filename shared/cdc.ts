/**
 * Change events: what a run's history tells the outside.
 *
 * D1 Every history event is one change event, numbered without gaps per shard from 1 and delivered at least once.
 *    Queues do not order: consumers order and deduplicate by (shard, sequence), or by `id`, which names both.
 * D2 No payload leaves this way: no input, result, signal payload, update argument, memo, search attribute or error text. Who may read
 *    change events is not always who may read orders. `handle.history()` has everything.
 */
import type { HistoryEvent, HistoryEventType } from './core/events.ts'
import { closedStatus } from './core/events.ts'
import type { TimeoutKind } from './errors.ts'
import type { WorkflowStatus } from './info.ts'

/** @inline */
interface CdcBase {
  /** `<namespace>/<shard>/<sequence>`: the same however often the event is delivered. */
  id: string
  /** Of the workflow. */
  namespace: string
  /** That the workflow lies in, from 0. */
  shard: number
  /** Of the event among those of its shard, from 1, without gaps. */
  sequence: number
  /** When it happened, in ISO 8601. */
  timestamp: string
  /** Whose history it is of. */
  workflowId: string
  /** Whose history it is of. */
  runId: string
  /** The name that the workflow was defined with. */
  workflowType: string
  /** Of the run. */
  taskQueue: string
  /** The event's position in its run's history, from 1. */
  eventId: number
  /** Of this shape. */
  schemaVersion: 1
}

/**
 * What an event has of its own, by the names it is stored with.
 * @inline
 */
interface CdcFields {
  /** The name of the activity that the event is about. */
  activityType: string
  /** Of the activity or step, from 1. */
  attempt: number
  /** How the run ended. */
  status: WorkflowStatus
  /** From the run's start to its end, in milliseconds. */
  durationMs: number
  /** The call of the workflow code that the event records or answers. */
  seq: number
  /** Of a signal, an update or an inline step. */
  name: string
  /** Of signals that nobody received before the end. */
  names: readonly string[]
  /** The child asked for. */
  child: {
    /** Its id. */
    workflowId: string
    /** The name that its workflow was defined with. */
    workflowType: string
  }
  /** The other workflow that is signalled or cancelled. */
  target: {
    /** Its id. */
    workflowId: string
    /** Absent: its latest run. */
    runId?: string
  }
  /** Which clock ran out. */
  kind: TimeoutKind
  /** That `ctx.patched` was asked for. */
  patchId: string
  /** The run that takes over from this one. */
  nextRunId: string
  /** The run that this one takes over from. */
  previousRunId: string
  /** Of an update. */
  updateId: string
}

type StoredName<T extends HistoryEventType> = T extends `workflow_${infer Name}` ? Name : T
/** `workflow_started` is `workflow.started`, `activity_completed` is `workflow.activity_completed`. */
type WorkflowCdcEventType = `workflow.${StoredName<HistoryEventType>}`

/** @inline */
type Started = Pick<CdcBase, 'workflowId' | 'workflowType' | 'taskQueue'> & Partial<CdcBase>
/** @inline */
type Later = Pick<CdcBase, 'workflowId'> & Partial<CdcBase> & Partial<CdcFields>
type Told = 'workflow.started' | 'workflow.activity_completed' | 'workflow.completed'
/** @inline */
type OtherType = Exclude<WorkflowCdcEventType, Told>

/** Consumers get every field of the base; those required here are the ones that examples and tests have to write. */
export type WorkflowCdcEvent =
  | (Started & {
      /** What happened. */
      type: 'workflow.started'
    })
  | (Later & {
      /** What happened. */
      type: 'workflow.activity_completed'
      /** The name that the activity was defined with. */
      activityType: string
      /** The one that completed, from 1. */
      attempt: number
    })
  | (Later & {
      /** What happened. */
      type: 'workflow.completed'
      /** How the run ended. */
      status: WorkflowStatus
      /** From the run's start to its end, in milliseconds. */
      durationMs: number
    })
  | (Later & {
      /** What happened, by the name of the history event. */
      type: OtherType
    })

/** Where a history event comes from, and what it does not say of its run. */
export interface CdcSource {
  namespace: string
  shard: number
  /** Absent of runs that were archived before it was kept: their events have no id. */
  sequence?: number
  workflowId: string
  runId: string
  workflowType: string
  taskQueue: string
  /** Epoch ms. */
  startedAt: number
  /** Of the activity that the event answers: outcomes are stored without it. */
  activityType?: string
}

/** The change event of history event number `eventId`. Payloads are left out (D2). */
export function toCdcEvent(source: CdcSource, eventId: number, event: HistoryEvent): WorkflowCdcEvent {
  const told = { ...baseOf(source, eventId, event.at), ...fieldsOf(event) }
  const durationMs = event.at - source.startedAt
  const { activityType } = source
  if (event.type === 'workflow_started') return { ...told, type: 'workflow.started' }
  if (event.type === 'workflow_completed')
    return { ...told, type: 'workflow.completed', status: 'completed', durationMs }
  if (event.type === 'activity_completed') {
    if (activityType === undefined)
      throw new Error(`activity_completed of ${source.runId} came without its activityType`)
    return { ...told, type: 'workflow.activity_completed', activityType, attempt: event.attempt }
  }
  const status = closedStatus(event.type)
  return {
    ...told,
    type: typeOf(event.type),
    ...(status !== null && { status, durationMs }),
    ...(activityType !== undefined && event.type.startsWith('activity_') && { activityType }),
  }
}

function typeOf(
  type: Exclude<HistoryEventType, 'workflow_started' | 'activity_completed' | 'workflow_completed'>,
): OtherType {
  return `workflow.${type.replace(/^workflow_/, '')}` as OtherType // as StoredName does it for types
}

type Base = Omit<CdcBase, 'id' | 'sequence'> & Partial<CdcBase>

function baseOf(source: CdcSource, eventId: number, at: number): Base {
  const { namespace, shard, sequence, workflowId, runId, workflowType, taskQueue } = source
  return {
    ...(sequence !== undefined && { id: `${namespace}/${shard}/${sequence}` }),
    namespace,
    shard,
    ...(sequence !== undefined && { sequence }),
    timestamp: new Date(at).toISOString(),
    workflowId,
    runId,
    workflowType,
    taskQueue,
    eventId,
    schemaVersion: 1,
  }
}

function fieldsOf(event: HistoryEvent): Partial<CdcFields> {
  return {
    ...('seq' in event && { seq: event.seq }),
    ...('name' in event && { name: event.name }),
    ...('names' in event && { names: event.names }),
    ...('attempt' in event && { attempt: event.attempt }),
    ...('activityType' in event && { activityType: event.activityType }),
    ...('kind' in event && { kind: event.kind }),
    ...('patchId' in event && { patchId: event.patchId }),
    ...('nextRunId' in event && { nextRunId: event.nextRunId }),
    ...('previousRunId' in event && { previousRunId: event.previousRunId }),
    ...('updateId' in event && { updateId: event.updateId }),
    ...(event.type === 'child_requested' && {
      child: { workflowId: event.workflowId, workflowType: event.workflowType },
    }),
    ...((event.type === 'external_signal_requested' || event.type === 'external_cancel_requested') && {
      target: { workflowId: event.workflowId, ...(event.runId !== undefined && { runId: event.runId }) },
    }),
  }
}
