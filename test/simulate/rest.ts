/** What of a world is still under way: nothing, once it has come to rest. */
import type { RecordedRun, RecordedShard } from './recorded.ts'
import { folded, recordedShards } from './recorded.ts'
import type { WorldView } from './view.ts'

/** One line per thing that is to happen by itself. */
export function pending(view: WorldView): string[] {
  return recordedShards(view).flatMap(pendingIn)
}

export function pendingIn(shard: RecordedShard): string[] {
  const open = new Map(shard.runs.filter(isOpen).map((run) => [run.runId, run]))
  const paused = (runId: string): boolean => open.get(runId)?.row.status === 'paused'
  const of = (runId: string): string => `of ${open.get(runId)?.workflowId ?? 'nobody'} ${runId}`
  return [
    ...shard.tasks.map(
      (task) => `${task.kind} ${task.seq} ${of(task.run_id)}, attempt ${task.attempt}, ${task.status}`,
    ),
    ...shard.timers
      .filter((timer) => !paused(timer.run_id))
      .map((timer) => `timer ${timer.seq} ${of(timer.run_id)}, due ${timer.fire_at}`),
    ...shard.parked
      .filter((parked) => !paused(parked.run_id))
      .map((parked) => `parked input ${parked.number} ${of(parked.run_id)}: ${parked.input}`),
    ...shard.outbox.map(
      (message) => `message ${message.number} to shard ${message.shard}: ${message.delivery}`,
    ),
    ...shard.keys.map((place) => `place in the line of ${place.key}: ${place.holder}`),
    ...shard.schedules
      .filter(({ due_at }) => due_at !== null)
      .map((schedule) => `schedule ${schedule.schedule_id}, due ${schedule.due_at}`),
    ...(shard.held > 0 ? [`${shard.held} rows that wait for an object`] : []),
    ...[...open.values()].flatMap(pendingOf),
  ]
}

function pendingOf(run: RecordedRun): string[] {
  const of = `of ${run.workflowId} ${run.runId}`
  const { blocked, deadline_at: deadlineAt } = run.row
  const state = folded(run)
  return [
    ...(blocked === null ? [] : [`blocked run ${of}: ${blocked}`]),
    ...(deadlineAt === null ? [] : [`deadline ${of}: ${deadlineAt}`]),
    ...Array.from(state.steps.keys(), (seq) => `step ${seq} ${of}`),
    ...Array.from(state.externals.keys(), (seq) => `message to another workflow ${seq} ${of}`),
  ]
}

export function isOpen({ row }: RecordedRun): boolean {
  return row.completed_at === null
}
