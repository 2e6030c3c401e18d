/** A run in memory: its state and its coroutine, both folds of its history and droppable at any moment. */
import type { Coding } from '../shared/codec.ts'
import type { HistoryEvent } from '../shared/core/events.ts'
import type { Input } from '../shared/core/inputs.ts'
import { isCommandEvent, payloadOf } from '../shared/core/events.ts'
import { emptyState, evolve } from '../shared/core/state.ts'
import type { RunState } from '../shared/core/state.ts'
import { workflow } from '../shared/define.ts'
import { standIn } from '../shared/encoded.ts'
import { NonDeterminismError, WorkflowError } from '../shared/errors.ts'
import type { Payload } from '../shared/payload.ts'
import type { Reference } from '../shared/reference.ts'
import { Coroutine } from '../shared/replay/coroutine.ts'
import type { AnyWorkflow, World } from '../shared/replay/coroutine.ts'
import type { Nobody } from '../shared/replay/nobody.ts'
import { replay } from '../shared/replay/replay.ts'
import type { Drain } from '../shared/replay/replay.ts'
import { seer } from '../shared/seen.ts'
import type { Blocked, Cause } from './store/runs.ts'
import type { Found, Versions } from './versions.ts'

export interface LiveRun {
  readonly state: RunState
  /** Its events are folded into its state only, and not fed to its code: it is replayed when it is needed. */
  folded: boolean
  readonly coroutine: Coroutine
  /** Length of the JSON of its committed events. */
  historyLength: number
  /** Bytes of the contents that the code has seen of references. */
  contentBytes: number
  /** Signals that have a row. */
  readonly signalRows: Set<string>
  /** Steps that have a row: those that were tried again. */
  readonly stepRows: Set<number>
  /** As the run's row has it. */
  cause: Cause | null
}

interface RunName {
  readonly workflowId: string
  readonly runId: string
  readonly callSites?: boolean
}

export interface Workshop {
  readonly versions: Versions
  readonly world: World
  readonly drain: Drain
  readonly coding: Coding | null
  /** For runs that have ended. */
  readonly nobody: Nobody
}

/** Stands in for code that this Worker does not have (any more): a run of it can only be ended. */
const MISSING = workflow('missing', async () => {})

export function newLiveRun(workshop: Workshop, run: RunName, definition: AnyWorkflow): LiveRun {
  const identity = { ...run, patches: new Set<string>() }
  return {
    state: emptyState(run.workflowId, run.runId),
    coroutine: new Coroutine(definition, identity, workshop.world),
    folded: false,
    historyLength: 0,
    contentBytes: 0,
    signalRows: new Set(),
    stepRows: new Set(),
    cause: null,
  }
}

/** A run that this turn writes and its code does not see: it is replayed when it is needed. */
export function unfedRun(workshop: Workshop, run: { workflowId: string; runId: string }): LiveRun {
  return { ...newLiveRun(workshop, run, MISSING), folded: true }
}

/** `blocked`: this code cannot continue the run. Its state is whole all the same, so it can be terminated. */
export type Loaded = {
  live: LiveRun
  blocked?: Omit<Blocked, 'since'>
  /** Where its code and its history part, if that is why. */
  difference?: NonDeterminismError
  /** The run was blocked before: what its inputs have been waiting for is this code. */
  parked?: Input[]
  /** Its replay needs payloads from R2: the run is only folded here, and replayed beside the turns. */
  awaits?: true
}

export interface Recorded {
  readonly events: readonly HistoryEvent[]
  readonly length: number
  /** Reads what references stand for. */
  readonly read?: (needed: Reference) => Promise<Payload>
}

/** The run's state alone, its code not run: enough to end it. */
export function foldRun(workshop: Workshop, run: RunName, history: Recorded): LiveRun {
  return folded(workshop, run, { history, code: codeOf(workshop, run.workflowId, history) })
}

function folded(
  workshop: Workshop,
  run: RunName,
  { history, code }: { history: Recorded; code: Found },
): LiveRun {
  const live = newLiveRun(workshop, run, code.ok ? code.definition : MISSING)
  for (const event of history.events) {
    evolve(live.state, event)
    live.contentBytes += contentSize(event)
  }
  live.historyLength = history.length
  return live
}

/** Bytes that workflow code sees of an event beyond what history holds. */
export function contentSize(event: HistoryEvent): number {
  if (isCommandEvent(event)) return 0
  const standsFor = standIn(payloadOf(event))
  if (!standsFor) return 0
  return standsFor.$type === 'ref' ? standsFor.size : standsFor.value.length
}

function codeOf(workshop: Workshop, workflowId: string, { events: [started] }: Recorded): Found {
  if (started?.type === 'workflow_started') return workshop.versions.of(workflowId, started)
  throw new WorkflowError('internal', `the history of ${workflowId} does not begin with its start`)
}

/**
 * Replays a recorded history. A run blocked before its first commands were recorded (`fresh`) takes them up now; in
 * every other history all that the code asked for is there, so that anything more is a difference.
 */
export async function replayRun(
  workshop: Workshop,
  run: RunName,
  history: Recorded & { fresh: boolean },
): Promise<Loaded> {
  const code = codeOf(workshop, run.workflowId, history)
  const live = folded(workshop, run, { history, code })
  if (!code.ok) return { live, blocked: { code: code.code, reason: code.message } }
  try {
    await replay(live.coroutine, history.events, {
      drain: workshop.drain,
      see: seer(workshop.coding, history.read),
      complete: !history.fresh,
    })
    live.coroutine.history.measured(history.length)
    return { live }
  } catch (error) {
    if (!(error instanceof NonDeterminismError)) throw error
    const blocked = { code: error.code, reason: error.message, eventId: error.eventId }
    return { live, blocked, difference: error }
  }
}

/** What an entry of the cache weighs: the history's objects take about thrice their text, closures and state the rest. */
export function liveBytes(live: LiveRun): number {
  return 4_096 + (live.historyLength + live.contentBytes) * 3
}
