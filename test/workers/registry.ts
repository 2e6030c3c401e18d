/** What a test file registers before the first request: the scheduler and the activity Worker of `entry.ts` serve it. */
import type { ActivityDefinition } from '../../shared/activity.ts'
import type { WorkflowCdcEvent } from '../../shared/cdc.ts'
import type { CodecOptions } from '../../shared/codec.ts'
import type { AnyWorkflow } from '../../shared/replay/coroutine.ts'
import type { VersionOptions } from '../../scheduler-do/versions.ts'

export const workflows: AnyWorkflow[] = []
export const activities: ActivityDefinition[] = []
/** Every change event delivered so far, as often as it was delivered. */
export const changeEvents: WorkflowCdcEvent[] = []

/** What a deploy of the scheduler changes beside its code: an object that wakes afterwards is of that deployment. */
export const deployment: Omit<VersionOptions, 'workflows'> & CodecOptions = {}

/** Every data point written to the binding METRICS. */
export const dataPoints: AnalyticsEngineDataPoint[] = []

/** The objects that live now, by name. */
export const objects = new Map<string, DurableObjectState>()

/** What `apart` runs. */
export const invocations = new Map<string, () => Promise<unknown>>()

/** The test file that all of this is of. */
export const file = {
  isOver: false,
  async over(): Promise<void> {
    while (!file.isOver) await scheduler.wait(100)
  },
}

/** What a test makes go wrong. */
export const faults = {
  loseMessages: false,
  /** The change-event sink takes nothing. */
  sinkIsDown: false,
  /** The scheduler's objects wake without the binding ARCHIVE. */
  noArchive: false,
  /** Comes before an object of the scheduler wakes; gives the environment that it wakes in. */
  waking: (env: Record<string, unknown>, _object: DurableObjectState): Record<string, unknown> => env,
  /** Every call of an object and every call that it makes of a queue passes here, before it and after it; it may end the object. */
  pass: (_place: string, _object: DurableObjectState): void => {},
  /** Comes before each call of the scheduler's bucket, by the method's name; throws what the call is to throw. */
  archive: (_method: string): void => {},
}

export function register(...definitions: (AnyWorkflow | ActivityDefinition)[]): void {
  for (const definition of definitions) {
    if (definition.kind === 'workflow') workflows.push(definition)
    else activities.push(definition)
  }
}
