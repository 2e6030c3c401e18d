/** Requests that come again after another run has taken over their workflow id: they are answered as the first time. */
import type { ExistingRun, StartWorld } from './start.ts'
import { earlierStarts } from './store/ids.ts'
import type { EarlierStart } from './store/ids.ts'
import { firstLink } from './target.ts'
import type { Turn } from './turn.ts'

/** Of one id: beyond that many later starts and resets a repetition is taken for a new request. */
const REMEMBERED = 10

/** The run that the request has begun, if it has been here. */
export function begunBy(
  turn: Turn,
  world: StartWorld,
  { workflowId, requestId, latest }: { workflowId: string; requestId: string; latest: ExistingRun | null },
): EarlierStart | null {
  if (latest === null || latest.requestId === requestId) return latest
  return earlierOf(turn, world, workflowId).find((one) => one.requestId === requestId) ?? null
}

/** Another run is about to become the latest of the id: what began the one before is remembered. */
export function replaceLatest(
  turn: Turn,
  world: StartWorld,
  { workflowId, latest }: { workflowId: string; latest: ExistingRun | null },
): void {
  // What began a run that is known from the archive alone is not known any more.
  if (!latest?.requestId) return
  const { requestId, runId } = latest
  const start = { requestId, runId, ...firstLink(latest) }
  turn.changes.earlier.set(workflowId, [...earlierOf(turn, world, workflowId), start].slice(-REMEMBERED))
}

function earlierOf(turn: Turn, { sql }: StartWorld, workflowId: string): EarlierStart[] {
  return turn.changes.earlier.get(workflowId) ?? earlierStarts(sql, workflowId)
}
