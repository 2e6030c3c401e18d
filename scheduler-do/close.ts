/** What the end of a run sets going: its open work goes, its children hear of it by policy, its parent and its schedule are answered. */
import type { RunState } from '../shared/core/state.ts'
import { parentOf } from '../shared/core/state.ts'
import { firstRunOf } from '../shared/core/chain.ts'
import { closingEvent, failureOf, nextRunOf } from '../shared/core/closing.ts'
import type { ClosingEvent } from '../shared/core/closing.ts'
import type { EndStatus } from '../shared/core/closing.ts'
import type { HistoryEvent } from '../shared/core/events.ts'
import type { ReceivedSignal } from '../shared/replay/signals.ts'
import type { LiveRun } from './live.ts'
import { callKey } from './keys.ts'
import { reportTo } from './schedules/moves.ts'
import { endTask } from './task-end.ts'
import type { Turn } from './turn.ts'

export function closeEffects(turn: Turn, live: LiveRun): void {
  const { state } = live
  // The last first, so that none of them is granted a key that another one gives back.
  for (const seq of [...state.activities.keys()].toReversed()) endTask(turn, state.runId, seq)
  for (const seq of state.timers.keys()) turn.changes.endTimer(live, seq)
  for (const seq of live.stepRows) turn.changes.endTask(callKey(state.runId, seq))
  live.stepRows.clear()
  const closing = closingEvent(turn.changes.runs.get(state.runId)?.events ?? [])
  if (state.closed !== 'continued_as_new') closeChildren(turn, state, closing?.event)
  // Parents and schedules hear of the last run of a chain.
  if (!closing || closing.status === 'continued_as_new' || nextRunOf(closing.event)) return
  answerParent(turn, live, { ...closing, status: closing.status })
  answerSchedule(turn, live, closing.status)
}

export const HISTORY_LIMIT = 'history_limit: the run has more than 51,200 events or 50 MB of history'

export function tooLong(live: LiveRun): boolean {
  return live.state.lastEventId > 51_200 || live.historyLength > 50 * 1024 * 1024
}

/** Signals that nobody took, at the end of a chain. */
export function discarded(
  unread: readonly Pick<ReceivedSignal, 'signalId' | 'name'>[],
  at: number,
): HistoryEvent {
  const signalIds = unread.map((signal) => signal.signalId)
  return { type: 'signals_discarded', at, signalIds, names: unread.map((signal) => signal.name) }
}

function closeChildren(turn: Turn, state: RunState, closing: ClosingEvent | undefined): void {
  // A run that was made of this one's history has taken over the children of that, too.
  const heir = turn.held((closing && nextRunOf(closing)) ?? '')?.state
  const calls = [...state.children].filter(([seq]) => heir?.children.get(seq)?.from === undefined)
  const own = calls.map(([, { requested, started }]) => ({ ...requested, started }))
  for (const { parentClosePolicy: policy, workflowId, started } of [...own, ...state.carried.values()]) {
    if (policy === 'abandon' || !started) continue
    const to = { workflowId, runId: started.runId }
    turn.send(state.runId, started.shard, {
      kind: 'close_child',
      to,
      policy,
      reason: 'its parent closed',
    })
  }
}

function answerParent(
  turn: Turn,
  live: LiveRun,
  { event, status }: { event: ClosingEvent; status: EndStatus },
): void {
  const parent = parentOf(live.state)
  if (!parent) return
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

/** A schedule knows a run by the one that its chain began with. */
function answerSchedule(turn: Turn, { state }: LiveRun, status: EndStatus): void {
  const { workflowId, started } = state
  if (!started?.schedule) return
  const report = { kind: 'closed', run: { workflowId, runId: firstRunOf(state) }, status } as const
  reportTo(turn, started.schedule, { by: state.runId, report })
}
