/** A wake: memory is rebuilt from rows, and every cause that only memory knew is made anew. */
import { KeyLine } from '../shared/core/key-line.ts'
import { afterStepLoss } from '../shared/core/step.ts'
import type { Recorded } from './change-events.ts'
import { takeMemory } from './address.ts'
import { tell } from './inbox.ts'
import { dueKey, lineKey } from './keys.ts'
import type { LiveRun } from './live.ts'
import { parkedOf } from './lookup.ts'
import { parkedEnds } from './paused.ts'
import { isHopeless } from './quarantine.ts'
import type { Shard } from './shard.ts'
import { follow } from './step-end.ts'
import { indexAttributes } from './store/attributes.ts'
import { keyPlaces } from './store/concurrency-keys.ts'
import { eventsAt, historyAfter, wholeHistory } from './store/history.ts'
import { readFact } from './store/meta.ts'
import { parkedRunIds } from './store/parked.ts'
import { outboxShards, peers } from './store/peers.ts'
import { runRow } from './store/runs.ts'
import { dueSchedules } from './store/schedules.ts'
import type { Sql } from './store/sql.ts'
import { pendingTasks, pendingTimers, stepAttempts } from './store/tasks.ts'
import { lastClosedSequence, lastOpenSequence, openRunIds, recentlyClosed, runsToWake } from './store/wake.ts'
import type { Turn } from './turn.ts'
import { recallUnwritten } from './unwritten.ts'

export function recover(shard: Shard): void {
  const { sql, memory, outbox, config, clock } = shard
  const now = clock.now()
  takeMemory(shard)
  indexAttributes(sql, config.searchAttributes)
  const unstored = shard.payloads.recover()
  for (const task of pendingTasks(sql)) {
    // An attempt whose time had come counts as sent: only its deadline knows whether the message is still there.
    const held = unstored.has(task.runId) && !task.claim
    const { queue, eager, ratePerSecond } = config.taskQueues.get(task.taskQueue) ?? {}
    const waited = queue === null || ratePerSecond !== undefined || (eager && task.retry.maxAttempts !== 1)
    const lost = (config.redispatchOnWake || waited) && !task.claim
    const unsent = task.dueAt > now || held || lost
    memory.setTask(unsent ? { ...task, sentAt: null, sends: 0 } : task)
  }
  for (const { runId, cause } of runsToWake(sql)) if (cause === 'activity') recallUnwritten(shard, runId)
  for (const { runId, seq, fireAt } of pendingTimers(sql))
    memory.deadlines.set(dueKey({ kind: 'timer', runId, seq }), fireAt)
  for (const { scheduleId, dueAt } of dueSchedules(sql))
    memory.deadlines.set(dueKey({ kind: 'schedule', scheduleId }), dueAt)
  recoverKeyLines(shard)
  for (const { shard: peer, sent, applied } of peers(sql)) {
    memory.positions.sent.set(peer, sent)
    memory.applied.set(peer, applied)
  }
  outbox.recover(outboxShards(sql))
  memory.positions.sequence = nextSequence(sql)
  if (shard.changeEvents && shard.changeEvents.position < memory.positions.sequence - 1)
    shard.changeEvents.recover()
  wakeRuns(shard)
}

function recoverKeyLines({ sql, memory }: Shard): void {
  const places = Map.groupBy(keyPlaces(sql), ({ taskQueue, concurrencyKey }) =>
    lineKey(taskQueue, concurrencyKey),
  )
  for (const [name, rows] of places) memory.keyLines.set(name, new KeyLine(rows.map(({ place }) => place)))
}

function nextSequence(sql: Sql): number {
  const known = (readFact(sql, 'next_sequence') ?? 1) - 1
  return Math.max(known, lastClosedSequence(sql), lastOpenSequence(sql)) + 1
}

function wakeRuns(shard: Shard): void {
  const { sql, memory, quarantine, clock, release } = shard
  quarantine.recall({ now: clock.now(), release })
  for (const runId of parkedRunIds(sql))
    shard.submit(tell((turn) => turn.touch(runId, (live) => restartSteps(turn, live, shard))))
  for (const { runId, cause, blocked, deadlineAt } of runsToWake(sql)) {
    if (deadlineAt !== null) memory.deadlines.set(dueKey({ kind: 'execution', runId }), deadlineAt)
    const hopeless = blocked !== undefined && isHopeless(blocked, release)
    if ((cause === null && !blocked) || hopeless) continue
    shard.submit(tell((turn) => turn.touch(runId, (live) => restartSteps(turn, live, shard))))
  }
}

/** What a wake does for all runs. Attempts that memory does not know are sent anew: nobody knows whether they were. */
export function takeUp(shard: Shard, runId: string): void {
  const { sql, memory } = shard
  for (const task of pendingTasks(sql))
    if (task.runId === runId && !memory.tasks.has(task.key))
      memory.setTask({ ...task, sentAt: null, sends: 0 })
  if (runRow(sql, runId)?.cause === 'activity') recallUnwritten(shard, runId)
  for (const timer of pendingTimers(sql))
    if (timer.runId === runId)
      memory.deadlines.set(dueKey({ kind: 'timer', runId, seq: timer.seq }), timer.fireAt)
  const deadlineAt = runRow(sql, runId)?.deadlineAt ?? Infinity
  memory.deadlines.set(dueKey({ kind: 'execution', runId }), deadlineAt)
  shard.submit(tell((turn) => turn.touch(runId, (live) => restartSteps(turn, live, shard))))
}

/**
 * An attempt of a step that had begun and has no outcome counts as lost: it may have run, and nobody knows. One that was to
 * wait goes on waiting, or begins where its time came meanwhile.
 */
export function restartSteps(turn: Turn, live: LiveRun, shard: Shard): void {
  const { runId } = live.state
  if (live.state.steps.size === 0) return
  const attempts = stepAttempts(shard.sql, runId)
  const ended = parkedEnds([...parkedOf(shard.sql, runId), ...turn.changes.parkedFor(runId)])
  for (const [seq, open] of live.state.steps) {
    const planned = turn.changes.steps.some((step) => step.live === live && step.seq === seq)
    if (planned || ended.has(seq) || shard.steps.awaits(runId, seq)) continue
    const row = attempts.get(seq)
    if (row) live.stepRows.add(seq)
    if (row && !row.begun && !open.cancelRequested) {
      const begins = row.dueAt <= turn.now
      const name = begins ? open.scheduled.name : null
      turn.changes.steps.push({ live, seq, attempt: row.attempt, dueAt: row.dueAt, begins, name })
      continue
    }
    const attempt = row?.attempt ?? 1
    follow(turn, live, { seq, attempt, next: afterStepLoss(open, attempt, turn.now) })
  }
}

/** Committed events behind a position of the shard's sequence, in its order: what a lost memory had not passed on. */
export function* recordedAfter(sql: Sql, position: number): Generator<Recorded> {
  const runIds = [...openRunIds(sql), ...recentlyClosed(sql, position)]
  const places = runIds.flatMap((runId) => historyAfter(sql, runId, position))
  const known = new Map<string, Pick<Recorded, 'run' | 'activityTypes'> | null>()
  for (const { runId, firstEventId, sequence } of places.toSorted(
    (one, other) => one.sequence - other.sequence,
  )) {
    const source = known.get(runId) ?? sourceOf(sql, runId)
    known.set(runId, source)
    if (source) yield { ...source, firstEventId, sequence, events: eventsAt(sql, runId, firstEventId) }
  }
}

function sourceOf(sql: Sql, runId: string): Pick<Recorded, 'run' | 'activityTypes'> | null {
  const run = runRow(sql, runId)
  if (!run) return null
  const activityTypes = new Map<number, string>()
  for (const event of wholeHistory(sql, runId).events) {
    if (event.type === 'activity_scheduled') activityTypes.set(event.seq, event.activityType)
  }
  return { run, activityTypes }
}
