/** What of a world is still under way: nothing, once it has come to rest. */
import type { Input } from '../../shared/core/inputs.ts'
import type { RecordedRun, RecordedShard } from './recorded.ts'
import { folded, recordedShards } from './recorded.ts'
import { unwrittenOf } from './unwritten.ts'
import type { WorldView } from './view.ts'

/** One line per thing that is to happen by itself. */
export function pending(view: WorldView): string[] {
  return recordedShards(view).flatMap(pendingIn)
}

export function pendingIn(shard: RecordedShard): string[] {
  const open = new Map(shard.runs.filter(isOpen).map((run) => [run.runId, run]))
  const paused = (runId: string): boolean => open.get(runId)?.row.status === 'paused'
  const of = (runId: string): string => `of ${open.get(runId)?.workflowId ?? 'nobody'} ${runId}`
  const ended = endsOfPaused(shard, paused)
  return [
    ...shard.tasks
      .filter((task) => !ended.get(task.run_id)?.has(task.seq))
      .map((task) => `${task.kind} ${task.seq} ${of(task.run_id)}, attempt ${task.attempt}, ${task.status}`),
    ...Array.from(open.values(), (run) =>
      unwrittenOf(run, shard).map((seq) => `activity ${seq} ${of(run.runId)}, without a row`),
    ).flat(),
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
    ...Array.from(open.values(), (run) => pendingOf(run, ended.get(run.runId))).flat(),
  ]
}

/** By run, the steps of a paused one whose ends wait until it is resumed. */
function endsOfPaused(shard: RecordedShard, paused: (runId: string) => boolean): Map<string, Set<number>> {
  const ended = new Map<string, Set<number>>()
  for (const { run_id, input } of shard.parked.filter((one) => paused(one.run_id))) {
    const end = JSON.parse(input) as Input // the engine writes them
    if (end.type === 'resolve_step') ended.set(run_id, (ended.get(run_id) ?? new Set()).add(end.seq))
  }
  return ended
}

function pendingOf(run: RecordedRun, ended: ReadonlySet<number> = new Set()): string[] {
  const of = `of ${run.workflowId} ${run.runId}`
  const { blocked, deadline_at: deadlineAt } = run.row
  const state = folded(run)
  return [
    ...(blocked === null ? [] : [`blocked run ${of}: ${blocked}`]),
    ...(deadlineAt === null ? [] : [`deadline ${of}: ${deadlineAt}`]),
    ...Array.from(state.steps.keys())
      .filter((seq) => !ended.has(seq))
      .map((seq) => `step ${seq} ${of}`),
    ...Array.from(state.externals.keys(), (seq) => `message to another workflow ${seq} ${of}`),
  ]
}

export function isOpen({ row }: RecordedRun): boolean {
  return row.completed_at === null
}
