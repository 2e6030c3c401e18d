/**
 * The change events of one run and of those that take over from it, in whatever tier each of them is. A position is an event
 * of a run, so that what follows is sought and not looked for.
 */
import type { WorkflowCdcEvent } from '../shared/cdc.ts'
import { eventBehind, numberOf } from '../shared/core/numbers.ts'
import type { Reply, RunRequest } from '../shared/protocol.ts'
import type { RunEventPage, RunEventsRequest } from '../shared/tail.ts'
import { requestedRun, rowElsewhere, rowNow } from './addressed.ts'
import { readPage } from './archived.ts'
import type { Shard } from './shard.ts'
import { eventNumbers, historyPage } from './store/history.ts'
import { runRow } from './store/runs.ts'
import type { RunRow } from './store/runs.ts'
import { notFound } from './target.ts'
import { changeEvent } from './told.ts'
import type { NumberedEvent } from './told.ts'

/** Of history as JSON, in UTF-16 units. */
const PAGE_LENGTH = 1_000_000

export async function runEvents(shard: Shard, request: RunEventsRequest): Promise<Reply<RunEventPage>> {
  const place = await placeOf(shard, request)
  if (!place) return notFound(request)
  const { runId, fromEvent } = place
  if (request.waitMs > 0 && isTold(shard, place)) {
    const refusal = await shard.tail.next(runId, request.waitMs)
    if (refusal) return refusal
  }
  const run = { to: shard.address, workflowId: request.workflowId, runId }
  const page = await eventsFrom(shard, run, fromEvent)
  if (!page) return notFound(request)
  const { row, events } = page
  const following = (events.at(-1)?.eventId ?? fromEvent - 1) + 1
  const next = await nextPlace(shard, row, { fromEvent: following, follow: request.follow })
  return { ok: true, value: { events: await told(shard, row, events), ...(next && { next }) } }
}

interface Place {
  readonly runId: string
  readonly fromEvent: number
}

/** Where to begin: a run is passed over that was told whole before, and that another has taken over from. */
async function placeOf(shard: Shard, request: RunEventsRequest): Promise<Place | null> {
  const { runId, fromEvent, after, follow } = request
  if (runId !== undefined && fromEvent !== undefined) return { runId, fromEvent }
  let row = await firstRun(shard, request)
  for (;;) {
    if (!row) return null
    const place = { runId: row.runId, fromEvent: firstEventBehind(shard, row, after) }
    const next = follow && isWhole(row, place.fromEvent) ? await successorOf(shard, row) : null
    if (!next) return place
    row = next
  }
}

/** With a position the chain is gone through from its first run: whichever of them it lies in, it is found. */
async function firstRun(shard: Shard, request: RunEventsRequest): Promise<RunRow | null> {
  const { to, workflowId, after } = request
  const latest = await requestedRun(shard, request)
  const firstRunId = request.firstRunId ?? (after > 0 ? latest?.firstRunId : undefined)
  if (request.runId !== undefined || firstRunId === undefined) return latest
  return (await requestedRun(shard, { to, workflowId, runId: firstRunId })) ?? latest
}

function firstEventBehind({ sql }: Shard, row: RunRow, position: number): number {
  const { runId, tier, historyLength, closedSequence } = row
  if (position === 0) return 1
  const numbers = tier === 'hot' ? eventNumbers(sql, runId) : row.eventNumbers
  if (numbers) return eventBehind(numbers, position)
  return closedSequence !== null && closedSequence <= position ? (historyLength ?? 0) + 1 : 1
}

/** Nothing has been recorded from the event on, and more may be. Nothing is awaited between this look and the wait. */
function isTold({ sql }: Shard, { runId, fromEvent }: Place): boolean {
  return (
    runRow(sql, runId)?.completedAt === null &&
    historyPage(sql, runId, { fromEvent, maxLength: 0 }).length === 0
  )
}

/** A page of the run's events, and its row of the same moment; null where there is no such run (any more). */
async function eventsFrom(
  shard: Shard,
  run: RunRequest & { runId: string },
  fromEvent: number,
): Promise<{ row: RunRow; events: NumberedEvent[] } | null> {
  const row = rowNow(shard, run) ?? (await rowElsewhere(shard, run))
  if (!row) return null
  if (row.tier === 'hot') return { row, events: hotEvents(shard, run.runId, fromEvent) }
  if (isWhole(row, fromEvent)) return { row, events: [] }
  const { events } = await readPage(shard, row, { fromEvent, maxBytes: PAGE_LENGTH })
  const numbers = row.eventNumbers ?? []
  const numbered = events.map((event, index) => {
    const eventId = fromEvent + index
    return { eventId, event, sequence: numberOf(numbers, eventId) }
  })
  return { row, events: numbered }
}

function hotEvents({ sql }: Shard, runId: string, fromEvent: number): NumberedEvent[] {
  return historyPage(sql, runId, { fromEvent, maxLength: PAGE_LENGTH })
    .flatMap(({ firstEventId, sequence, events }) =>
      events.map((event, index) => ({ eventId: firstEventId + index, event, sequence: sequence + index })),
    )
    .filter(({ eventId }) => eventId >= fromEvent)
}

async function nextPlace(
  shard: Shard,
  row: RunRow,
  { fromEvent, follow }: { fromEvent: number; follow: boolean },
): Promise<Place | null> {
  if (!isWhole(row, fromEvent)) return { runId: row.runId, fromEvent }
  const next = follow ? await successorOf(shard, row) : null
  return next && { runId: next.runId, fromEvent: 1 }
}

/** The run has ended, and its last event lies in front of this one. */
function isWhole({ completedAt, historyLength }: RunRow, fromEvent: number): boolean {
  return completedAt !== null && fromEvent > (historyLength ?? 0)
}

/** Unless it has been deleted. */
async function successorOf(shard: Shard, { workflowId, nextRunId }: RunRow): Promise<RunRow | null> {
  if (nextRunId === undefined) return null
  return await requestedRun(shard, { to: shard.address, workflowId, runId: nextRunId })
}

/** Events of a run as change events: which activity an outcome is of, earlier ones say. */
export async function told(
  shard: Shard,
  run: RunRow,
  page: readonly NumberedEvent[],
): Promise<WorkflowCdcEvent[]> {
  const { workflowId, runId } = run
  const request = { to: shard.address, workflowId, runId }
  const activityTypes = await shard.tail.activityTypes.of(
    runId,
    page,
    async (fromEvent) => (await eventsFrom(shard, request, fromEvent))?.events ?? [],
  )
  return page.map((one) => changeEvent(shard.address, { run, activityTypes }, one))
}
