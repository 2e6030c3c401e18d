/** Our own reader: what a client is told of a run in the cold tier is what it was told while the run was hot. */
import { isDeepStrictEqual } from 'node:util'
import type { RecordedRun } from './api.ts'
import type { Verdict } from './report.ts'

export function clientVerdict(hot: readonly RecordedRun[], cold: readonly RecordedRun[]): Verdict {
  const now = new Map(cold.map((run) => [run.execution.runId, run]))
  const failed = [
    ...hot.flatMap((run) => difference(run, now.get(run.execution.runId))),
    ...(now.size === hot.length && cold.length === hot.length
      ? []
      : [`${cold.length} of ${hot.length} runs`]),
  ]
  const rows = cold.reduce((sum, { events }) => sum + events.length, 0)
  return { reader: 'perdure-client', checks: hot.length, rows, ok: failed.length === 0, failed }
}

function difference(hot: RecordedRun, cold: RecordedRun | undefined): string[] {
  const id = hot.execution.workflowId
  if (cold === undefined) return [`${id} is gone`]
  const tiers = `${hot.tier}, ${cold.tier}`
  if (tiers !== 'hot, cold') return [`${id} was read in the tiers ${tiers}`]
  if (!isDeepStrictEqual(hot.execution, cold.execution)) return [`${id} is described differently`]
  return isDeepStrictEqual(hot.events, cold.events) ? [] : [`${id} has another history`]
}
