/** Events of history as they are told to the outside. */
import { toCdcEvent } from '../shared/cdc.ts'
import type { WorkflowCdcEvent } from '../shared/cdc.ts'
import type { HistoryEvent } from '../shared/core/events.ts'
import type { ShardAddress } from '../shared/protocol.ts'

/** The run's facts that every change event carries. */
export interface RunFacts {
  readonly workflowId: string
  readonly runId: string
  readonly workflowType: string
  readonly taskQueue: string
  readonly startedAt: number
}

export interface NumberedEvent {
  readonly eventId: number
  readonly event: HistoryEvent
  /** Its number in the shard; undefined where it was not kept. */
  readonly sequence: number | undefined
}

/** `activityTypes`: outcomes of activities are stored without them. */
export function changeEvent(
  { namespace, shard }: ShardAddress,
  { run, activityTypes }: { run: RunFacts; activityTypes: ReadonlyMap<number, string> | null },
  { eventId, event, sequence }: NumberedEvent,
): WorkflowCdcEvent {
  const { workflowId, runId, workflowType, taskQueue, startedAt } = run
  const activityType = 'seq' in event ? activityTypes?.get(event.seq) : undefined
  const source = { namespace, shard, workflowId, runId, workflowType, taskQueue, startedAt }
  const numbered = sequence === undefined ? source : { ...source, sequence }
  return toCdcEvent(activityType === undefined ? numbered : { ...numbered, activityType }, eventId, event)
}
