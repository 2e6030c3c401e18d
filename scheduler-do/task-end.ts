/** The end of an activity's attempts: its task goes, and its run hears of it. */
import type { ActivityTask } from '../shared/core/attempt.ts'
import type { ActivityEnd } from '../shared/core/inputs.ts'
import type { Turn } from './turn.ts'
import type { Decided } from './turn-world.ts'

export function endActivity(
  turn: Turn,
  { runId, seq, attempt }: ActivityTask,
  { end, decided }: { end: ActivityEnd; decided?: (outcome: Decided) => void },
): void {
  turn.changes.endTask(runId, seq)
  turn.input(runId, { type: 'resolve_activity', seq, attempt, end }, decided)
}
