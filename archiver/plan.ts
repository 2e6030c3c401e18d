import { encodeParquet, type Frame, type ParquetBytes } from './parquet.ts'
import { historyColumns, historyFrame, type RunRows } from './rows.ts'

export interface WarmLimits {
  /** Compressed, of one object: a lookup fetches all of it. */
  readonly objectBytes: number
  /** Arrow, of one object: bounds memory while it is encoded. */
  readonly arrowBytes: number
}

export const defaultLimits: WarmLimits = { objectBytes: 256 * 1024, arrowBytes: 8 * 1024 * 1024 }

/** The next object of a batch: the first `runs` of those that remain. */
export interface PlannedObject {
  readonly runs: number
  readonly frame: Frame
  readonly parquet: ParquetBytes
}

/** As many of the first `remaining` runs as fit, at least one: a run is never split, and one over the limits stands alone. */
export async function planObject(
  remaining: readonly RunRows[],
  batchId: string,
  limits: WarmLimits,
): Promise<PlannedObject> {
  let runs = runsWithin(remaining, limits.arrowBytes)
  for (;;) {
    const frame = historyFrame(remaining.slice(0, runs), batchId)
    const parquet = await encodeParquet(historyColumns, frame)
    if (parquet.bytes.length <= limits.objectBytes || runs === 1) return { runs, frame, parquet }
    // Compression is known only afterwards: go on from what it was here, with some room for its variation.
    const arrowBytes = remaining.slice(0, runs).reduce((sum, run) => sum + run.arrowBytes, 0)
    const share = (0.95 * limits.objectBytes) / parquet.bytes.length
    runs = Math.min(runs - 1, runsWithin(remaining, arrowBytes * share))
  }
}

function runsWithin(remaining: readonly RunRows[], arrowBytes: number): number {
  let sum = 0
  const first = remaining.findIndex((run) => (sum += run.arrowBytes) > arrowBytes)
  return first === -1 ? remaining.length : Math.max(1, first)
}
