/** Which run a message is for. */
import type { ClosedStatus, RunLink } from '../shared/core/events.ts'
import type { Refusal } from '../shared/protocol.ts'
import type { ExistingRun, StartWorld } from './start.ts'
import type { Turn } from './turn.ts'

export type Found = { ok: true; runId: string } | Refusal

/** A run by its id, the chain that began with a run, or the latest run of the workflow. */
export interface Address {
  workflowId: string
  runId?: string
  firstRunId?: string
}

/** The open run that is addressed. */
export function findRun(turn: Turn, world: StartWorld, to: Address): Found {
  const found = addressed(turn, world, to)
  if (!found) return notFound(to)
  const { runId, closed } = found
  return closed ? closedRefusal(to.workflowId, runId, closed) : { ok: true, runId }
}

/** A run that is named by another workflow is the chain that began with it, or that run alone. */
export function chainAddress({ workflowId, runId }: { workflowId: string; runId?: string }): Address {
  return { workflowId, ...(runId !== undefined && { firstRunId: runId }) }
}

/** Where messages go that are for a run or for whatever run has taken over from it. */
export function successorOf(turn: Turn, world: StartWorld, { workflowId, runId }: RunLink): string {
  return (
    addressed(turn, world, { workflowId, firstRunId: firstRun(turn, world, { workflowId, runId }) })?.runId ??
    runId
  )
}

function firstRun(turn: Turn, world: StartWorld, run: RunLink): string {
  return knownRun(turn, world, run)?.firstRunId ?? run.runId
}

function addressed(
  turn: Turn,
  world: StartWorld,
  { workflowId, runId, firstRunId }: Address,
): ExistingRun | null {
  if (runId !== undefined) return knownRun(turn, world, { workflowId, runId })
  const latest = latestRun(turn, world, workflowId)
  if (firstRunId === undefined || (latest && firstOf(latest) === firstRunId)) return latest
  return knownRun(turn, world, { workflowId, runId: firstRunId })
}

/** The latest run of the id, this turn's own doings included. */
export function latestRun(turn: Turn, world: StartWorld, workflowId: string): ExistingRun | null {
  const runId = turn.changes.latest.get(workflowId)
  if (runId !== undefined) return knownRun(turn, world, { workflowId, runId })
  const committed = world.latestRun(workflowId)
  return committed && (heldRun(turn, committed.runId) ?? committed)
}

function knownRun(turn: Turn, world: StartWorld, { workflowId, runId }: RunLink): ExistingRun | null {
  const held = turn.held(runId)
  if (held && held.state.workflowId !== workflowId) return null
  return heldRun(turn, runId) ?? world.run(workflowId, runId)
}

function heldRun(turn: Turn, runId: string): ExistingRun | null {
  const state = turn.held(runId)?.state
  if (!state) return null
  const begins = turn.starting.get(runId)
  const requestId = state.started?.requestId ?? begins?.requestId ?? ''
  const firstRunId = state.started?.firstRunId ?? begins?.firstRunId
  return { runId, requestId, closed: state.closed, ...firstLink({ firstRunId }) }
}

export function firstLink({ firstRunId }: { firstRunId?: string | undefined }): { firstRunId?: string } {
  return firstRunId === undefined ? {} : { firstRunId }
}

/** The run that a run's chain began with. */
export function firstOf({ runId, firstRunId }: { runId: string; firstRunId?: string }): string {
  return firstRunId ?? runId
}

export function notFound(to: Address): Refusal {
  const runId = to.runId ?? to.firstRunId
  const run = runId === undefined ? '' : ` with run ${runId}`
  return {
    ok: false,
    code: 'workflow_not_found',
    message: `no workflow ${to.workflowId}${run} is known here`,
    facts: { workflowId: to.workflowId },
  }
}

export function closedRefusal(workflowId: string, runId: string, status: ClosedStatus): Refusal {
  const message = `workflow ${workflowId} is closed (${status}): it takes no more messages`
  return { ok: false, code: 'workflow_closed', message, facts: { workflowId, runId, status } }
}
