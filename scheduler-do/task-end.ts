/** The end of an activity's attempts: its task goes, with its place at its concurrency key, and its run hears of it. */
import type { ActivityTask } from '../shared/core/attempt.ts'
import type { ActivityEnd } from '../shared/core/inputs.ts'
import { releaseKey } from './concurrency.ts'
import { callKey } from './keys.ts'
import type { Turn } from './turn.ts'
import type { Decided } from './turn-world.ts'

export function endActivity(
  turn: Turn,
  task: ActivityTask,
  { end, decided }: { end: ActivityEnd; decided?: (outcome: Decided) => void },
): void {
  const { runId, seq, attempt } = task
  drop(turn, task)
  turn.input(runId, { type: 'resolve_activity', seq, attempt, end }, decided)
}

/** Its run does not hear of it. */
export function endTask(turn: Turn, runId: string, seq: number): void {
  const task = turn.task(runId, seq)
  if (task) drop(turn, task)
  else turn.changes.endTask(callKey(runId, seq))
}

function drop(turn: Turn, task: ActivityTask): void {
  turn.changes.endTask(task.key, !task.unwritten)
  releaseKey(turn, task)
}
