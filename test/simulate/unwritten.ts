/** Activities that no row says, and whose run's row says that there may be some: those that are young. */
import type { Input } from '../../shared/core/inputs.ts'
import { folded } from './recorded.ts'
import type { RecordedRun, RecordedShard } from './recorded.ts'

export function unwrittenOf(run: RecordedRun, shard: RecordedShard): number[] {
  const { completed_at: completedAt, cause } = run.row
  if (completedAt !== null || cause !== 'activity') return []
  const rows = new Set(shard.tasks.filter(({ run_id }) => run_id === run.runId).map(({ seq }) => seq))
  const ended = endedBeside(run, shard)
  return [...folded(run).activities.keys()].filter((seq) => !rows.has(seq) && !ended.includes(seq))
}

/** Activities whose end waits where their run is paused, or blocked. */
export function endedBeside({ runId }: RecordedRun, { parked }: RecordedShard): number[] {
  const inputs = parked
    .filter(({ run_id }) => run_id === runId)
    .map(({ input }) => JSON.parse(input) as Input) // our own text
  return inputs.flatMap((input) => (input.type === 'resolve_activity' ? [input.seq] : []))
}
