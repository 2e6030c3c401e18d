/** Where the metrics of workflow code go: a dataset of Analytics Engine, or else the log. */
import type { Measurement } from '../shared/replay/metrics.ts'
import type { LiveRun } from './live.ts'
import { log } from './log.ts'

/** The binding METRICS. */
export type MetricsDataset = Pick<AnalyticsEngineDataset, 'writeDataPoint'>

export function isDataset(value: unknown): value is MetricsDataset {
  return typeof value === 'object' && value !== null && 'writeDataPoint' in value
}

/** Gives out what a run has measured since its last commit, counters of the same name and tags as one. */
export function giveOut(dataset: MetricsDataset | null, { coroutine, state }: LiveRun): void {
  if (coroutine.measured.length === 0) return
  const { workflowType = '', taskQueue = '' } = state.started ?? {}
  const { workflowId, runId } = state
  for (const { kind, name, value, tags } of summed(coroutine.measured.splice(0))) {
    const tagged = JSON.stringify(tags)
    if (dataset)
      dataset.writeDataPoint({
        indexes: [name.slice(0, MAX_INDEX_LENGTH)],
        blobs: [name, kind, workflowType, taskQueue, workflowId, runId, tagged],
        doubles: [value],
      })
    else log('metric', { name, kind, value, workflowType, taskQueue, workflowId, runId, tags: tagged })
  }
}

/** Counts what the engine itself has met: the data point has no workflow. */
export function count(dataset: MetricsDataset | null, name: string, tags: Record<string, string>): void {
  const blobs = [name, 'counter', '', '', '', '', JSON.stringify(tags)]
  dataset?.writeDataPoint({ indexes: [name.slice(0, MAX_INDEX_LENGTH)], blobs, doubles: [1] })
}

/** Of the platform: 96 bytes. A name is up to 200 characters. */
const MAX_INDEX_LENGTH = 32

function summed(measured: readonly Measurement[]): Measurement[] {
  const counters = new Map<string, Measurement>()
  const histograms = measured.filter(({ kind }) => kind === 'histogram')
  for (const one of measured) {
    if (one.kind === 'histogram') continue
    const key = JSON.stringify([one.name, ...Object.entries(one.tags).flat()])
    counters.set(key, { ...one, value: one.value + (counters.get(key)?.value ?? 0) })
  }
  return [...counters.values(), ...histograms]
}
