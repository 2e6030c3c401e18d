/**
 * Young activities of the eager lane have no row: most end before anybody could ask for one. What a lost memory knows of
 * them is their event, in the history of a run whose row says so.
 *
 * U1 The run's row says it (`cause`) from the commit of the event on, until the run has none that is without a row.
 * U2 A row is written before an activity goes by its Queue, when it is tried again or cancelled, and once it has lasted a second.
 * U3 A wake takes them from the history before it answers anything: what their first attempts report still counts.
 */
import type { ActivityTask } from '../shared/core/attempt.ts'
import { emptyState, evolve } from '../shared/core/state.ts'
import { tell } from './inbox.ts'
import { callKey } from './keys.ts'
import { parkedOf } from './lookup.ts'
import { newTask } from './new-task.ts'
import { parkedEnds } from './paused.ts'
import type { Shard } from './shard.ts'
import { wholeHistory } from './store/history.ts'
import { runRow } from './store/runs.ts'

const OLD_MS = 1_000

/** With the next turn they get their rows, those that are still without. */
export function writeDown(shard: Shard, tasks: readonly ActivityTask[]): void {
  const job = tell((turn) => {
    for (const { runId, seq } of tasks) {
      const task = turn.task(runId, seq)
      if (task?.unwritten) turn.changes.setTask(task, { persist: true })
    }
  })
  shard.submit(job)
}

/** Those that have lasted get their rows, and their likes get them at once for a while. */
export function writeOld(shard: Shard): void {
  const { memory, clock, sending } = shard
  const now = clock.now()
  const old = [...memory.unwritten].flatMap((key) => {
    const task = memory.tasks.get(key)
    return task && task.scheduledAt <= now - OLD_MS ? [task] : []
  })
  if (old.length === 0) return
  for (const task of old) sending.eager.lasts(task, now)
  writeDown(shard, old)
}

/** Finds those of a run that memory has lost. Nobody knows whether their first attempts were handed over: they are again. */
export function recallUnwritten({ sql, memory, clock }: Shard, runId: string): void {
  const row = runRow(sql, runId)
  if (!row) return
  const state = emptyState(row.workflowId, runId)
  for (const event of wholeHistory(sql, runId).events) evolve(state, event)
  const ended = parkedEnds(parkedOf(sql, runId))
  for (const [seq, { scheduled }] of state.activities) {
    if (memory.tasks.has(callKey(runId, seq)) || ended.has(seq)) continue
    const at = Math.min(scheduled.at, clock.now())
    memory.setTask({ ...newTask(row, scheduled, at), unwritten: { input: scheduled.input } })
  }
}
