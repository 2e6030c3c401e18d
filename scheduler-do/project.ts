/**
 * A turn's changes as rows, written in the one transaction of the turn. Rows are projections of the events: what an
 * event implies is written with it or not at all.
 */
import type { ActivityTask } from '../shared/core/attempt.ts'
import type { ClosedStatus, HistoryEvent } from '../shared/core/events.ts'
import type { Changes, RunChange, StepChange } from './changes.ts'
import { closingEvent, failureOf, nextRunOf } from '../shared/core/closing.ts'
import type { ClosingEvent } from '../shared/core/closing.ts'
import type { OpenStatus } from '../shared/protocol.ts'
import { deletePlace, insertPlace } from './store/concurrency-keys.ts'
import { deleteHeld, insertHeld } from './store/held.ts'
import { appendHistory } from './store/history.ts'
import { gatherLatest } from './store/ids.ts'
import { insertCopy, insertPayload } from './store/payloads.ts'
import { insertOutbox, setApplied, setSent } from './store/peers.ts'
import { deleteParked, parkInput } from './store/parked.ts'
import { closeRun, insertRun, setBlocked, setCause, setFields, setStatus } from './store/runs.ts'
import type { Closing } from './store/runs.ts'
import { deleteSchedule, putSchedule } from './store/schedules.ts'
import type { Sql } from './store/sql.ts'
import {
  deleteSignal,
  deleteTask,
  deleteTimer,
  insertSignal,
  insertTask,
  insertTimer,
  succeedTask,
  updateTask,
  upsertStep,
} from './store/tasks.ts'
import type { Waiting } from './outbox.ts'
import type { LiveRun } from './live.ts'

/** Positions that a commit advances; memory takes them over once it has succeeded. */
export interface Positions {
  /** The sequence number of the next event. */
  sequence: number
  /** The last number sent, per shard. */
  readonly sent: Map<number, number>
}

export interface Written {
  /** Per run, its first new event and that event's sequence number. */
  readonly appended: (RunChange & { sequence: number; length: number })[]
  readonly outbox: (Waiting & { shard: number })[]
}

export function writeChanges(sql: Sql, changes: Changes, positions: Positions): Written {
  sql.discard()
  const appended: Written['appended'] = []
  for (const change of changes.runs.values()) {
    const { live, firstEventId, events } = change
    const { sequence } = positions
    const length = appendHistory(sql, { runId: live.state.runId, firstEventId, sequence, events })
    positions.sequence += events.length
    appended.push({ ...change, sequence, length })
  }
  // A run that ends makes room for the next one of its id: closings come before starts.
  for (const written of appended) if (written.firstEventId > 1) writeClosing(sql, written)
  sql.flush()
  for (const written of appended) {
    writeRun(sql, changes, written)
    if (!isPassing(changes, written)) continue
    // It ends before the next one of its id begins.
    writeClosing(sql, written)
    sql.flush()
  }
  sql.flush()
  for (const written of appended)
    if (written.firstEventId === 1 && !isPassing(changes, written)) writeClosing(sql, written)
  writeTasks(sql, changes)
  for (const step of changes.steps) writeStep(sql, step)
  writeInbox(sql, changes)
  writePayloads(sql, changes)
  writeSchedules(sql, changes)
  writeKeyLines(sql, changes)
  return { appended, outbox: writeOutbox(sql, changes, positions) }
}

/** It began in this turn, and another run took its id over. */
function isPassing({ latest }: Changes, { firstEventId, live }: Written['appended'][number]): boolean {
  const { workflowId, runId } = live.state
  return firstEventId === 1 && latest.get(workflowId) !== runId
}

function writeClosing(sql: Sql, written: Written['appended'][number]): void {
  const closing = closingEvent(written.events)
  if (closing) closeRun(sql, closingRow(written, closing))
}

function closingRow(
  written: Written['appended'][number],
  { event, status }: { event: ClosingEvent; status: ClosedStatus },
): Closing {
  const { live, sequence, events, length } = written
  return {
    runId: live.state.runId,
    status,
    result: 'result' in event ? event.result : undefined,
    error: failureOf(event),
    nextRunId: nextRunOf(event),
    completedAt: event.at,
    closedSequence: sequence + events.length - 1,
    historyLength: live.state.lastEventId,
    historyBytes: live.historyLength + length,
  }
}

function writeRun(sql: Sql, changes: Changes, written: Written['appended'][number]): void {
  const { live, events, firstEventId } = written
  const first = events[0]
  // What a run that was reset asks for is not recorded yet: a wake must load it.
  const unheard = live.state.steps.size > 0 || events.at(-1)?.type === 'workflow_reset'
  const cause = changes.unwritten.has(live.state.runId) ? 'activity' : unheard ? 'step' : null
  const needsCause = cause !== null && live.cause !== cause && live.cause !== 'activity'
  const status = statusAfter(events)
  if (firstEventId === 1 && first?.type === 'workflow_started') {
    const { workflowId, runId, memo, searchAttributes } = live.state
    insertRun(sql, { runId, workflowId, memo, searchAttributes, status: status ?? 'running', cause }, first)
    gatherLatest(sql, { workflowId, runId, before: changes.earlier.get(workflowId) })
  } else if (needsCause) setCause(sql, live.state.runId, cause)
  if (firstEventId > 1 && events.some(isUpsert)) setFields(sql, live.state)
  if (needsCause) live.cause = cause
  if (status && firstEventId > 1 && !live.state.closed) setStatus(sql, live.state.runId, status)
  writeSignals(sql, live)
  for (const event of events)
    if (isStepEnd(event) && live.stepRows.delete(event.seq)) deleteTask(sql, live.state.runId, event.seq)
}

/** Of the run's row, where it has been paused or resumed; null where it has not. */
export function statusAfter(events: readonly HistoryEvent[]): OpenStatus | null {
  const last = events.findLast(({ type }) => type === 'workflow_paused' || type === 'workflow_resumed')
  if (!last) return null
  return last.type === 'workflow_paused' ? 'paused' : 'running'
}

function isUpsert({ type }: HistoryEvent): boolean {
  return type === 'memo_upserted' || type === 'search_attributes_upserted'
}

export function isStepEnd(
  event: HistoryEvent,
): event is Extract<HistoryEvent, { type: `step_${'completed' | 'failed' | 'cancelled'}` }> {
  return event.type === 'step_completed' || event.type === 'step_failed' || event.type === 'step_cancelled'
}

function writeSignals(sql: Sql, live: LiveRun): void {
  const unread = live.state.closed ? [] : live.coroutine.inbox.unread()
  if (unread.length === 0 && live.signalRows.size === 0) return
  const now = new Set<string>()
  for (const signal of unread) {
    now.add(signal.signalId)
    if (live.signalRows.has(signal.signalId)) continue
    insertSignal(sql, live.state, signal)
    live.signalRows.add(signal.signalId)
  }
  for (const signalId of live.signalRows) {
    if (now.has(signalId)) continue
    deleteSignal(sql, live.state.runId, signalId)
    live.signalRows.delete(signalId)
  }
}

function writeTasks(sql: Sql, changes: Changes): void {
  const moved: ActivityTask[] = []
  const ended = endedTasks(changes)
  for (const { task, created, persist, input } of changes.tasks.values()) {
    if (!task || !persist) continue
    const place = created ? ended.get(task.runId)?.pop() : undefined
    if (place !== undefined) succeedTask(sql, place, { task, input })
    else if (created) insertTask(sql, task, input)
    if (!created || hasMoved(task)) moved.push(task)
  }
  for (const [runId, seqs] of ended) for (const seq of seqs) deleteTask(sql, runId, seq)
  for (const timer of changes.timers.values()) {
    const { runId, workflowId, seq, created, fireAt } = timer
    if (created && fireAt !== null) insertTimer(sql, { runId, workflowId, seq, fireAt })
    else if (!created && fireAt === null) deleteTimer(sql, runId, seq)
  }
  sql.flush()
  for (const task of moved) updateTask(sql, task)
}

/** Whether it is more than was asked for: it was young, and its row comes only now. */
function hasMoved({ claim, lastFailure, heartbeatDetails, cancelRequested }: ActivityTask): boolean {
  return Boolean(claim?.persisted) || cancelRequested || (lastFailure ?? heartbeatDetails) !== undefined
}

/** By run, those whose rows are free: a run that goes on mostly asks for its next one with the same turn. */
function endedTasks({ tasks }: Changes): Map<string, number[]> {
  const ended = new Map<string, number[]>()
  for (const [key, { task, created }] of tasks) {
    if (created || task) continue
    const [runId = '', seq] = key.split('/')
    const ofRun = ended.get(runId)
    if (ofRun) ofRun.push(Number(seq))
    else ended.set(runId, [Number(seq)])
  }
  return ended
}

function writeStep(sql: Sql, step: StepChange): void {
  if (step.name === null || step.live.state.closed) return
  const { runId, workflowId } = step.live.state
  upsertStep(sql, {
    runId,
    workflowId,
    seq: step.seq,
    name: step.name,
    attempt: step.attempt,
    dueAt: step.dueAt,
    begun: step.begins,
  })
  step.live.stepRows.add(step.seq)
}

function writeInbox(sql: Sql, changes: Changes): void {
  for (const runId of changes.unparked) deleteParked(sql, runId)
  for (const { runId, input } of changes.parked) parkInput(sql, runId, input)
  for (const [runId, blocked] of changes.blocked) setBlocked(sql, runId, blocked)
}

function writePayloads(sql: Sql, { payloads, copies, held, released }: Changes): void {
  for (const payload of payloads) insertPayload(sql, payload)
  for (const copy of copies) insertCopy(sql, copy)
  for (const id of released) deleteHeld(sql, id)
  for (const [id, delivery] of held) insertHeld(sql, id, delivery)
}

function writeSchedules(sql: Sql, { schedules }: Changes): void {
  for (const [scheduleId, row] of schedules) {
    if (row) putSchedule(sql, row)
    else deleteSchedule(sql, scheduleId)
  }
}

function writeKeyLines(sql: Sql, { keyLines }: Changes): void {
  for (const { joined, left, ...key } of keyLines.values()) {
    for (const { number } of left) deletePlace(sql, key, number)
    for (const place of joined) insertPlace(sql, key, place)
  }
}

function writeOutbox(sql: Sql, changes: Changes, positions: Positions): Written['outbox'] {
  const written: Written['outbox'] = []
  for (const { shard, runId, delivery } of changes.outbox) {
    const number = (positions.sent.get(shard) ?? 0) + 1
    positions.sent.set(shard, number)
    written.push({ shard, number, delivery, length: insertOutbox(sql, { shard, number, runId, delivery }) })
  }
  for (const shard of new Set(written.map((row) => row.shard)))
    setSent(sql, shard, positions.sent.get(shard) ?? 0)
  for (const [shard, number] of changes.applied) setApplied(sql, shard, number)
  return written
}
