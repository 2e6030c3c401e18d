/** What the end of a run sets going: its open work goes, its children hear of it by policy, its parent and its schedule are answered. */
import type { RunState } from '../shared/core/state.ts'
import { parentOf } from '../shared/core/state.ts'
import { closingEvent, failureOf } from '../shared/core/closing.ts'
import type { LiveRun } from './live.ts'
import { reportTo } from './schedules/moves.ts'
import type { Turn } from './turn.ts'

export function closeEffects(turn: Turn, live: LiveRun): void {
  const { state } = live
  for (const seq of state.activities.keys()) turn.changes.endTask(state.runId, seq)
  for (const seq of state.timers.keys()) turn.changes.endTimer(live, seq)
  for (const seq of live.stepRows) turn.changes.endTask(state.runId, seq)
  live.stepRows.clear()
  closeChildren(turn, state)
  answerParent(turn, live)
  answerSchedule(turn, live)
}

function closeChildren(turn: Turn, state: RunState): void {
  for (const child of state.children.values()) {
    const { parentClosePolicy: policy, workflowId } = child.requested
    if (policy === 'abandon' || !child.started) continue
    const to = { workflowId, runId: child.started.runId }
    turn.send(state.runId, child.started.shard, {
      kind: 'close_child',
      to,
      policy,
      reason: 'its parent closed',
    })
  }
}

function answerParent(turn: Turn, live: LiveRun): void {
  const parent = parentOf(live.state)
  const closing = closingEvent(turn.changes.runs.get(live.state.runId)?.events ?? [])
  if (!parent || !closing) return
  const { event, status } = closing
  const to = { workflowId: parent.workflowId, runId: parent.runId }
  const outcome = 'result' in event ? { result: event.result } : {}
  const error = failureOf(event)
  turn.send(live.state.runId, parent.shard, {
    kind: 'child_closed',
    to,
    seq: parent.seq,
    status,
    ...outcome,
    ...(error && { error }),
  })
}

function answerSchedule(turn: Turn, { state }: LiveRun): void {
  const { workflowId, runId, started, closed: status } = state
  if (!started?.schedule || !status) return
  const report = { kind: 'closed', run: { workflowId, runId }, status } as const
  reportTo(turn, started.schedule, { by: runId, report })
}
