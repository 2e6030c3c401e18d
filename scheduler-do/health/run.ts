/**
 * What must be true of one run: its row, the row of its id, and the rows of its open calls follow from its history, and
 * while it runs something is left that makes it go on.
 */
import { beganAt, deadlineOf } from '../../shared/core/chain.ts'
import { closingEvent, failureOf, nextRunOf } from '../../shared/core/closing.ts'
import type { CommandEvent, HistoryEvent } from '../../shared/core/events.ts'
import { isCommandEvent } from '../../shared/core/events.ts'
import type { FindingCode } from '../../shared/health.ts'
import { covers } from '../locator.ts'
import type { DerivedTable, StoredRun } from '../store/health.ts'
import { fieldsJson } from '../store/runs.ts'
import { toJson } from '../store/sql.ts'
import type { SqlValue } from '../store/sql.ts'
import type { Flaw, Mend } from './flaw.ts'
import { Broken, folded } from './folded.ts'
import type { FoldedRun } from './folded.ts'

/** A message to another shard, and the answer to it, take no longer. */
const ANSWER_MS = 600_000

export interface CheckedRun {
  readonly flaws: Flaw[]
  readonly folded: FoldedRun | null
}

export function checkRun(stored: StoredRun, now: number): CheckedRun {
  if (stored.row.archiveBatch !== null) return { flaws: archivedFlaws(stored), folded: null }
  try {
    const fold = folded(stored.row, stored.turns)
    const open = fold.state.closed === null ? openFlaws(stored, fold, now) : []
    return { flaws: [...rowFlaws(stored, fold), ...idFlaws(stored, fold), ...open], folded: fold }
  } catch (error) {
    if (!(error instanceof Broken)) throw error
    return { flaws: [flaw(stored, 'history_broken', { what: `history: ${error.message}` })], folded: null }
  }
}

function flaw(
  { row: { workflowId, runId } }: StoredRun,
  code: FindingCode,
  { what, mend = [] }: { what: string; mend?: readonly Mend[] },
): Flaw {
  return { code, workflowId, runId, what, ...(mend.length > 0 && { mend }) }
}

/** Its history is in the archive: its row and its batch's know where. */
function archivedFlaws(stored: StoredRun): Flaw[] {
  const { row, batch, turns } = stored
  const say = (what: string) => flaw(stored, 'batch_broken', { what })
  if (!batch) return [say(`it is in batch ${row.archiveBatch}, which has no row`)]
  const flaws: Flaw[] = []
  const objects = new Set(batch.objects.map(({ object }) => object))
  if (!covers(row.warm, { historyLength: row.historyLength ?? 0 }, objects))
    flaws.push(say(`its locator does not lead to its ${row.historyLength} events in batch ${batch.number}`))
  if (!batch.runIds.includes(row.runId)) flaws.push(say(`batch ${batch.number} does not name it`))
  if (turns.length > 0) flaws.push(say('it is archived and still has rows of history'))
  return flaws
}

function rowFlaws(stored: StoredRun, fold: FoldedRun): Flaw[] {
  const expected = columnsOf(fold)
  const wrong = Object.entries(expected).filter(([name, value]) => stored.columns[name] !== value)
  // An error has the stack of where it was made, so that the one in the row is never the one made now.
  const closing = closingEvent(fold.events)
  const failed = closing !== null && failureOf(closing.event) !== undefined
  const flaws: Flaw[] = []
  if (wrong.length > 0) {
    const names = wrong.map(([name]) => name).join(', ')
    const columns = Object.fromEntries(wrong)
    const what = `workflows: ${names} ${wrong.length === 1 ? 'is' : 'are'} not what history says`
    flaws.push(
      flaw(stored, 'run_differs', { what, mend: [{ kind: 'set_run', runId: stored.row.runId, columns }] }),
    )
  }
  if (failed !== (stored.columns['error'] !== null))
    flaws.push(
      flaw(stored, 'run_differs', { what: `workflows: error ${failed ? 'is missing' : 'should be null'}` }),
    )
  return flaws
}

function columnsOf({ state, events, bytes, lastSequence }: FoldedRun): Record<string, SqlValue> {
  const { started } = state
  if (!started) return {}
  const closing = closingEvent(events)
  return {
    workflow_type: started.workflowType,
    status: state.closed ?? (state.paused ? 'paused' : 'running'),
    input: toJson(started.input),
    result: closing && 'result' in closing.event ? toJson(closing.event.result) : null,
    started_at: beganAt(started),
    completed_at: closing?.event.at ?? null,
    task_queue: started.taskQueue,
    parent: toJson(started.parent),
    memo: fieldsJson(state.memo),
    search_attributes: fieldsJson(state.searchAttributes),
    version: started.version,
    request_id: started.requestId,
    deadline_at: deadlineOf(started) ?? null,
    first_run_id: started.firstRunId ?? null,
    next_run_id: (closing && nextRunOf(closing.event)) ?? null,
    closed_sequence: closing ? lastSequence : null,
    history_length: closing ? events.length : null,
    history_bytes: closing ? bytes : null,
  }
}

function idFlaws(stored: StoredRun, { state }: FoldedRun): Flaw[] {
  const { id, row } = stored
  const { workflowId, runId } = row
  const differs = (what: string): Flaw[] => [
    flaw(stored, 'id_differs', {
      what: `workflow_ids ${what}`,
      mend: [{ kind: 'set_latest', workflowId, runId }],
    }),
  ]
  if (!id) return differs('has no row for its id')
  if (state.closed === null && id.runId !== runId)
    return differs(`names ${id.runId}, and this is the open run`)
  if (id.firstRunId > runId || id.runId < runId)
    return differs(`has runs from ${id.firstRunId} to ${id.runId}, and not this one`)
  return []
}

function openFlaws(stored: StoredRun, fold: FoldedRun, now: number): Flaw[] {
  return [
    ...timerFlaws(stored, fold),
    ...activityFlaws(stored, fold),
    ...stepFlaws(stored, fold),
    ...messageFlaws(stored, fold, now),
    ...stored.signalIds
      .filter((signalId) => !fold.state.signalIds.has(signalId))
      .map((id) => stray(stored, 'workflow_signals', id)),
  ]
}

function stray(stored: StoredRun, table: DerivedTable, id: number | string): Flaw {
  const what = `${table}: ${id} is nothing that the run waits for`
  return flaw(stored, 'row_stray', {
    what,
    mend: [{ kind: 'delete_row', table, runId: stored.row.runId, id }],
  })
}

function timerFlaws(stored: StoredRun, { state }: FoldedRun): Flaw[] {
  const { runId } = stored.row
  const flaws: Flaw[] = []
  for (const [seq, fireAt] of state.timers) {
    const stands = stored.timers.get(seq)
    if (stands === fireAt) continue
    const issue: Mend = { kind: 'issue', runId, event: { type: 'timer_started', at: fireAt, seq, fireAt } }
    const other: Mend = { kind: 'delete_row', table: 'workflow_timers', runId, id: seq }
    const mend = stands === undefined ? [issue] : [other, issue]
    const found = stands === undefined ? 'has no row' : `has a row that says ${time(stands)}`
    const what = `workflow_timers: timer ${seq}, due at ${time(fireAt)}, ${found}`
    flaws.push(flaw(stored, 'cause_missing', { what, mend }))
  }
  for (const seq of stored.timers.keys())
    if (!state.timers.has(seq)) flaws.push(stray(stored, 'workflow_timers', seq))
  return flaws
}

function time(ms: number): string {
  return new Date(ms).toISOString()
}

function activityFlaws(stored: StoredRun, { state }: FoldedRun): Flaw[] {
  const { runId, cause } = stored.row
  const flaws: Flaw[] = []
  for (const [seq, { scheduled, cancelRequested }] of state.activities) {
    if (cause === 'activity' || stored.activities.has(seq) || stored.answered.has(seq)) continue
    const events: CommandEvent[] = [scheduled]
    if (cancelRequested) events.push({ type: 'activity_cancel_requested', at: scheduled.at, seq })
    const what = `workflow_activities: activity ${seq} (${scheduled.activityType}) has no row`
    const mend = events.map((event): Mend => ({ kind: 'issue', runId, event }))
    flaws.push(flaw(stored, 'cause_missing', { what, mend }))
  }
  for (const seq of stored.activities)
    if (!state.activities.has(seq)) flaws.push(stray(stored, 'workflow_activities', seq))
  return flaws
}

function stepFlaws(stored: StoredRun, { state }: FoldedRun): Flaw[] {
  const { row } = stored
  const flaws: Flaw[] = []
  // One that was reset needs a cause until its code has been heard: whether it has been, no row says.
  if (state.steps.size > 0 && row.cause === null) {
    const open = [...state.steps.keys()].join(', ')
    const what = `workflows: step ${open} is open, and cause is null: no wake would load the run`
    flaws.push(flaw(stored, 'cause_missing', { what, mend: [{ kind: 'wake', runId: row.runId }] }))
  }
  for (const seq of stored.steps)
    if (!state.steps.has(seq)) flaws.push(stray(stored, 'workflow_activities', seq))
  return flaws
}

/** Calls that are answered by another workflow: the message is on its way, or its answer is. */
function messageFlaws(stored: StoredRun, { state, events }: FoldedRun, now: number): Flaw[] {
  if (stored.sends) return []
  const waits = events.filter((event): event is CommandEvent => isCommandEvent(event) && isUnanswered(event))
  return waits.filter((event) => event.at < now - ANSWER_MS).map((event) => unanswered(stored, event))

  function isUnanswered(event: HistoryEvent): boolean {
    if (!('seq' in event) || stored.answered.has(event.seq)) return false
    const child = state.children.get(event.seq)
    // One that was taken over from another run is answered to that one.
    if (event.type === 'child_requested') return child?.started === null && child.from === undefined
    const external = event.type === 'external_signal_requested' || event.type === 'external_cancel_requested'
    return external && state.externals.has(event.seq)
  }
}

function unanswered(stored: StoredRun, event: CommandEvent): Flaw {
  const { runId } = stored.row
  const call = 'seq' in event ? event.seq : ''
  const what = `outbox: ${event.type} ${call} of ${time(event.at)} has no answer, and no message of it waits`
  return flaw(stored, 'cause_missing', { what, mend: [{ kind: 'issue', runId, event }] })
}
