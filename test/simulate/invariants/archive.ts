/** I12: a closed run is in one tier, whole, and is told the same of wherever it lies; what it has left behind goes. */
import type { HistoryEvent } from '../../../shared/core/events.ts'
import type { RecordedRun } from '../recorded.ts'
import { InvariantBroken } from './truth.ts'
import type { Truth } from './truth.ts'
import type { Tiers } from '../archive/tiers.ts'

const I12 = 'I12 archive'

/** Of a world that has an archiver. */
export interface Archived extends Truth {
  readonly archive: NonNullable<Truth['archive']>
}

/** By its shard's account. Those that are open are hot. */
export function everyRunHasOnePlace({ archive: { tiers, closed }, shards }: Archived): void {
  const open = shards.flatMap(({ runs }) => runs).filter(({ row }) => row.completed_at === null)
  for (const { runId } of open)
    if (placesOf(tiers, runId) !== 'hot') throw broken(`run ${runId} is open: ${placesOf(tiers, runId)}`)
  for (const { runId } of closed)
    if ((tiers.places.get(runId) ?? []).length !== 1)
      throw broken(`closed run ${runId} is in these tiers: ${placesOf(tiers, runId) || 'none'}`)
  const known = new Set([...open, ...closed].map(({ runId }) => runId))
  for (const runId of tiers.places.keys()) if (!known.has(runId)) throw broken(`nobody knows run ${runId}`)
}

function placesOf({ places }: Tiers, runId: string): string {
  return (places.get(runId) ?? []).join(', ')
}

export function closedRunsHaveArrived({ archive: { tiers } }: Archived): void {
  if (tiers.unarchived.length > 0)
    throw broken(`there is something to do:\n  ${tiers.unarchived.join('\n  ')}`)
  if (tiers.surprises[0] !== undefined) throw broken(`a pass ended with an error: ${tiers.surprises[0]}`)
  if (tiers.failed > 0) throw broken(`with nothing going wrong, ${tiers.failed} parts of a pass failed`)
}

/** Each exactly once, as they were recorded. */
export function archivedHistoriesAreWhole({ archive: { tiers, closed, plan } }: Archived): void {
  for (const run of closed) {
    const [place] = tiers.places.get(run.runId) ?? []
    if (place === 'warm') checkEvents(run, 'its warm object', tiers.warm.get(run.runId) ?? [])
    if (!plan.cold || place === 'hot') continue
    checkEvents(run, 'the table of histories', tiers.cold.get(run.runId) ?? [])
    const rows = tiers.executions.get(run.runId) ?? 0
    if (rows !== 1) throw broken(`the table of executions has run ${run.runId} ${rows} times`)
  }
  const known = new Set(closed.map(({ runId }) => runId))
  for (const runId of [...tiers.warm.keys(), ...tiers.cold.keys(), ...tiers.executions.keys()])
    if (!known.has(runId)) throw broken(`run ${runId} is archived, and was never closed`)
}

function checkEvents(run: RecordedRun, where: string, events: readonly HistoryEvent[]): void {
  const [is, was] = [events.map(sorted), run.events.map(sorted)]
  const at = was.findIndex((event, index) => event !== is[index])
  if (is.length === was.length && at === -1) return
  const first = at === -1 ? was.length : at
  throw broken(
    `of run ${run.runId} of ${run.workflowId} ${where} has ${is.length} events, and it had ${was.length}; event ${first + 1} is ${is[first]}, and was ${was[first]}`,
  )
}

/** What its keys are, in whatever order. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  )
}

/** Nothing is left, and nothing that is needed was taken. */
export function objectsAreNamed({ archive: { tiers } }: Archived): void {
  if (tiers.unnamed.length > 0) throw broken(`nothing names ${tiers.unnamed.join(', ')}`)
  if (tiers.missing.length > 0) throw broken(`there is no ${tiers.missing.join(', ')}`)
}

export function readersAreToldTheSame({ seen }: Archived): void {
  if (seen.changed[0] !== undefined) throw broken(seen.changed[0])
}

function broken(what: string): InvariantBroken {
  return new InvariantBroken(I12, what)
}
