/** What has fallen due, as jobs: retries and timeouts of activities, timers, steps, deadlines of runs. */
import { due } from '../shared/core/attempt.ts'
import { unreachable } from '../shared/core/unreachable.ts'
import { RETRY_MS } from './block.ts'
import type { Job } from './inbox.ts'
import { callKey, parseDueKey } from './keys.ts'
import type { DueKey } from './keys.ts'
import { takeUp } from './recover.ts'
import { scheduleJob } from './schedules/moves.ts'
import type { Shard } from './shard.ts'
import { endActivity } from './task-end.ts'
import type { Turn } from './turn.ts'

/** As many as a turn takes: what is due waits in its own line, and not in the inbox. */
const MOST_AT_ONCE = 1_000

/** Submits what is due now. True when there may be more. */
export function submitDue(shard: Shard): boolean {
  const keys = shard.memory.deadlines.takeDue(shard.clock.now(), MOST_AT_ONCE)
  for (const key of keys) {
    const found = parseDueKey(key)
    if (found.kind === 'schedule') shard.submit(scheduleJob(shard, found.scheduleId))
    else if (found.kind === 'task_queue') shard.sending.release(found.taskQueue)
    else if (found.kind === 'step') shard.steps.due(found.runId, found.seq)
    else if (found.kind === 'blocked') takeUp(shard, found.runId)
    else shard.submit(dueJob(shard, key, found))
  }
  return keys.length === MOST_AT_ONCE
}

/** What could not be stored is due again: with its run, which is blocked by that, or by itself where only a task changed. */
function dueJob(shard: Shard, key: string, found: RunDue): Job {
  return {
    begin: (turn) => beginDue(turn, shard, found),
    release: () => {},
    refuse: () => {
      const { memory, clock } = shard
      const task = memory.tasks.get(key)
      if (task) memory.deadlines.set(key, clock.now() + RETRY_MS, task.taskQueue)
    },
  }
}

type RunDue = Exclude<DueKey, { kind: 'step'; seq: number } | { kind: 'schedule' | 'task_queue' | 'blocked' }>

function beginDue(turn: Turn, shard: Shard, found: RunDue): void {
  switch (found.kind) {
    case 'timer':
      turn.input(found.runId, { type: 'fire_timer', seq: found.seq })
      return
    case 'execution':
      turn.input(found.runId, { type: 'time_out_workflow' })
      return
    case 'activity':
      activityDue(turn, shard, found)
      return
    case 'step':
      return
    default:
      unreachable(found)
  }
}

function activityDue(turn: Turn, shard: Shard, found: { runId: string; seq: number }): void {
  const task = turn.task(found.runId, found.seq)
  if (!task) return
  const next = due(task, { now: turn.now, draw: turn.world.draw() })
  switch (next.kind) {
    case 'end':
      endActivity(turn, task, { end: next.end })
      return
    case 'go_on':
      turn.changes.setTask(next.task, { persist: true })
      return
    // Nothing is written: the task is sent, or its deadline set anew, when the turn is over.
    case 'send':
    case 'wait':
      if (shard.memory.tasks.has(callKey(task.runId, task.seq)))
        turn.changes.setTask(task, { persist: false })
      return
    default:
      unreachable(next)
  }
}
