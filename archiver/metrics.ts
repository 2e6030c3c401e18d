/** Figures of passes for Analytics Engine, which keeps them by position: new ones go to the end. */
import type { PassSummary } from './phases/context.ts'

/** `double1`, `double2` and so on, in this order. */
export const PASS_FIGURES: readonly (keyof PassSummary)[] = [
  'backlog',
  'runs',
  'rows',
  'bytes',
  'batches',
  'cooledBatches',
  'cooledRows',
  'expiredRuns',
  'purgedRuns',
  'collectedKeys',
  'rejectedRuns',
  'failed',
  'shards',
  'ms',
]

/** One data point for each pass: `index1` and `blob1` are `archive_pass`, `blob2` names its namespaces. */
export function writeFigures(
  dataset: AnalyticsEngineDataset,
  namespaces: readonly string[],
  summary: PassSummary,
): void {
  dataset.writeDataPoint({
    indexes: ['archive_pass'],
    blobs: ['archive_pass', namespaces.join(',')],
    doubles: PASS_FIGURES.map((name) => summary[name]),
  })
}
