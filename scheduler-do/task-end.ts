/** The end of an activity's attempts: its task goes, with its place at its concurrency key, and its run hears of it. */
import type { ActivityTask } from '../shared/core/attempt.ts'
import type { ActivityEnd } from '../shared/core/inputs.ts'
import { releaseKey } from './concurrency.ts'
import type { Turn } from './turn.ts'
import type { Decided } from './turn-world.ts'

export function endActivity(
  turn: Turn,
  { runId, seq, attempt }: ActivityTask,
  { end, decided }: { end: ActivityEnd; decided?: (outcome: Decided) => void },
): void {
  endTask(turn, runId, seq)
  turn.input(runId, { type: 'resolve_activity', seq, attempt, end }, decided)
}

/** Its run does not hear of it. */
export function endTask(turn: Turn, runId: string, seq: number): void {
  const task = turn.task(runId, seq)
  turn.changes.endTask(runId, seq, !task?.unwritten)
  if (task) releaseKey(turn, task)
}
