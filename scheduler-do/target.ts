/** Which run a message is for. */
import type { ClosedStatus } from '../shared/core/events.ts'
import type { Refusal } from '../shared/protocol.ts'
import type { StartWorld } from './start.ts'
import type { Turn } from './turn.ts'

export type Found = { ok: true; runId: string } | Refusal

/** The open run that is addressed: one pinned by its id, or the latest of the workflow. */
export function findRun(turn: Turn, world: StartWorld, to: { workflowId: string; runId?: string }): Found {
  const runId = to.runId ?? turn.changes.latest.get(to.workflowId)
  const committed = runId === undefined ? world.latestRun(to.workflowId) : world.run(to.workflowId, runId)
  const held = turn.held(runId ?? committed?.runId ?? '')
  if (!held && !committed) return notFound(to)
  const closed = held ? held.state.closed : (committed?.closed ?? null)
  const found = held?.state.runId ?? committed?.runId ?? ''
  return closed ? closedRefusal(to.workflowId, found, closed) : { ok: true, runId: found }
}

export function notFound(to: { workflowId: string; runId?: string }): Refusal {
  const run = to.runId === undefined ? '' : ` with run ${to.runId}`
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
