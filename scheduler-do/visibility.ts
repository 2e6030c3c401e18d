/** What can be seen of runs: one described, its history, and lists of many. */
import { nextDeadline } from '../shared/core/attempt.ts'
import type { HistoryEvent } from '../shared/core/events.ts'
import { FIRST_TURN } from '../shared/core/state.ts'
import type { RunState } from '../shared/core/state.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { Payload } from '../shared/payload.ts'
import type {
  PendingActivity,
  RunDescription,
  DescribeRequest,
  RunSummary,
  WaitingFor,
} from '../shared/description.ts'
import type { HistoryPage, HistoryRequest, Reply } from '../shared/protocol.ts'
import type { Coroutine } from '../shared/replay/coroutine.ts'
import { closingEvent, failureOf } from '../shared/core/closing.ts'
import { readEnds, readPage } from './archived.ts'
import { withCallSites } from './call-sites.ts'
import type { Loaded } from './live.ts'
import { loadRun } from './lookup.ts'
import type { Shard } from './shard.ts'
import { firstEvent, historyPage, historySize } from './store/history.ts'
import { runRow } from './store/runs.ts'
import type { RunRow } from './store/runs.ts'
import { notFound } from './target.ts'
import { requestedRun } from './addressed.ts'

/** Of JSON, in UTF-16 units: well below what one RPC carries. */
const PAGE_LENGTH = 1_000_000

export async function describe(shard: Shard, request: DescribeRequest): Promise<Reply<RunDescription>> {
  const row = await requestedRun(shard, request)
  if (!row) return notFound(request)
  const value =
    row.completedAt === null
      ? await describedOpen(shard, row.runId, request.callSites)
      : await describedClosed(shard, row)
  // It has closed since its row was read.
  if (value === null) return await describe(shard, request)
  for (const payload of [value.input, value.result]) await mustBeStored(shard, payload)
  return { ok: true, value }
}

async function describedClosed(shard: Shard, row: RunRow): Promise<RunDescription> {
  if (row.tier === 'hot') return described(shard, row, firstEvent(shard.sql, row.runId))
  const ends = await readEnds(shard, row)
  return { ...described(shard, row, ends[0]), ...archivedPayloads(ends) }
}

/** How long a caller waits for R2. */
const PATIENCE_MS = 5_000

/** Null when it is not open any more. One whose replay waits for R2 is described as blocked by that: no turn waits with it. */
async function describedOpen(shard: Shard, runId: string, callSites = false): Promise<RunDescription | null> {
  const since = shard.clock.now()
  const now = await openNow(shard, { runId, callSites })
  if (!now?.awaits) return now && now.value
  try {
    const replayed = await shard.payloads.rebuilds.of(runId, PATIENCE_MS)
    return (await openNow(shard, { runId, callSites: false }, replayed ?? undefined))?.value ?? null
  } catch (error) {
    if (!(error instanceof WorkflowError) || error.code !== 'overloaded') throw error
    return { ...now.value, blocked: { code: error.code, reason: error.message, since } }
  }
}

/** Between two turns: what it waits for is of the same moment as its row. */
function openNow(
  shard: Shard,
  { runId, callSites }: { runId: string; callSites: boolean },
  replayed?: Loaded,
): Promise<{ value: RunDescription; awaits: boolean } | null> {
  return shard.read(async () => {
    const row = runRow(shard.sql, runId)
    if (row?.completedAt !== null) return null
    const loaded = replayed ?? (await loadRun(shard, runId))
    const replayable = callSites && loaded && !loaded.blocked && !loaded.awaits
    const traced = replayable ? await withCallSites(shard, row) : null
    const { waitingFor, activities } = open(shard, row, { loaded, traced })
    const first = loaded?.live.state.started ?? undefined
    const value = { ...described(shard, row, first), waitingFor, pendingActivities: activities }
    return { value, awaits: Boolean(loaded?.awaits) }
  })
}

async function mustBeStored(shard: Shard, payload: Payload): Promise<void> {
  if (await shard.payloads.stored(payload, PATIENCE_MS)) return
  throw new WorkflowError('overloaded', 'a payload of the run is on its way to R2: ask again')
}

function described(shard: Shard, row: RunRow, first: HistoryEvent | undefined): RunDescription {
  const parent = row.parent && { parent: { workflowId: row.parent.workflowId, runId: row.parent.runId } }
  return { ...summary(shard, row), ...parent, ...begunBy(first), waitingFor: [], pendingActivities: [] }
}

function begunBy(first: HistoryEvent | undefined): Pick<RunDescription, 'schedule'> {
  if (first?.type !== 'workflow_started' || !first.schedule) return {}
  const { scheduleId, scheduledAt } = first.schedule
  return { schedule: { scheduleId, scheduledAt } }
}

function open(
  shard: Shard,
  row: RunRow,
  { loaded, traced }: { loaded: Loaded | null; traced: Coroutine | null },
): { waitingFor: WaitingFor[]; activities: PendingActivity[] } {
  if (!loaded) return { waitingFor: [], activities: [] }
  const { state, coroutine } = loaded.live
  const activities = [
    ...Array.from(state.activities.keys(), (seq) => pendingActivity(shard, row.runId, seq)),
    ...Array.from(state.steps.keys(), (seq) => shard.steps.pending(row.runId, seq)),
  ].filter((one) => one !== null)
  const calls = loaded.blocked ? [] : (traced ?? coroutine).waitingFor()
  const waitingFor = [
    ...firstTurn(state),
    ...calls.map(({ kind, ...facts }) => ({ kind: shown(kind), ...facts })),
  ]
  return { waitingFor, activities }
}

/** A delayed run waits for its first turn. */
function firstTurn({ timers, started }: RunState): WaitingFor[] {
  const until = timers.get(FIRST_TURN)
  if (until === undefined || !started) return []
  return [{ kind: 'timer', name: 'first turn', since: started.at, until }]
}

/** A message to another workflow is answered by that workflow's shard: to a reader it waits for a signal's delivery. */
function shown(kind: WaitingFor['kind'] | 'external'): WaitingFor['kind'] {
  return kind === 'external' ? 'signal' : kind
}

function pendingActivity(shard: Shard, runId: string, seq: number): PendingActivity | null {
  const task = shard.memory.tasks.get(`${runId}/${seq}`)
  if (!task) return null
  const { activityType, attempt, dueAt, lastFailure, claim } = task
  const waits = !claim && dueAt > shard.clock.now() && nextDeadline(task) === dueAt
  return {
    activityId: `${runId}/${seq}`,
    activityType,
    attempt,
    ...(waits && { nextAttemptAt: dueAt }),
    ...(lastFailure && { lastError: lastFailure }),
  }
}

/** What a row gives up when its run is archived is in the run's first and last event. */
function archivedPayloads(events: readonly HistoryEvent[]): Pick<RunSummary, 'input' | 'result' | 'error'> {
  const [started] = events
  const closing = closingEvent(events)
  const error = closing && failureOf(closing.event)
  return {
    ...(started?.type === 'workflow_started' && started.input !== undefined && { input: started.input }),
    ...(closing && 'result' in closing.event && { result: closing.event.result }),
    ...(error && { error }),
  }
}

export function summary(shard: Shard, row: RunRow): RunSummary {
  const {
    workflowId,
    runId,
    workflowType,
    status,
    taskQueue,
    startedAt,
    completedAt,
    tier,
    version,
    memo,
    searchAttributes,
  } = row
  const size = historyOf(shard, row)
  return {
    workflowId,
    runId,
    workflowType,
    status,
    taskQueue,
    startedAt,
    tier,
    version,
    memo,
    searchAttributes,
    historyEvents: size.events,
    historyBytes: size.length,
    ...(completedAt !== null && { completedAt }),
    ...(row.input !== undefined && { input: row.input }),
    ...(row.result !== undefined && { result: row.result }),
    ...(row.error && { error: row.error }),
    // One that has ended may be blocked for those who would run its code again, to query it.
    ...(row.blocked && completedAt === null && { blocked: row.blocked }),
  }
}

export function historyOf(shard: Shard, row: RunRow): { events: number; length: number } {
  if (row.historyLength === null) return historySize(shard.sql, row.runId)
  return { events: row.historyLength, length: row.historyBytes ?? 0 }
}

export async function history(shard: Shard, request: HistoryRequest): Promise<Reply<HistoryPage>> {
  const row = await requestedRun(shard, request)
  if (!row) return notFound(request)
  const { runId } = row
  if (row.tier !== 'hot') return { ok: true, value: await archivedPage(shard, row, request.fromEvent) }
  const rows = historyPage(shard.sql, runId, { fromEvent: request.fromEvent, maxLength: PAGE_LENGTH })
  const events = rows
    .flatMap((one) => one.events.map((event, index) => ({ eventId: one.firstEventId + index, event })))
    .filter(({ eventId }) => eventId >= request.fromEvent)
  const last = events.at(-1)?.eventId ?? request.fromEvent - 1
  const more = historyPage(shard.sql, runId, { fromEvent: last + 1, maxLength: 0 }).length > 0
  return { ok: true, value: { runId, events, ...(more && { nextEvent: last + 1 }) } }
}

async function archivedPage(shard: Shard, row: RunRow, fromEvent: number): Promise<HistoryPage> {
  const { runId, historyLength } = row
  if (fromEvent > (historyLength ?? 0)) return { runId, events: [] }
  const { events, nextEvent } = await readPage(shard, row, { fromEvent, maxBytes: PAGE_LENGTH })
  const numbered = events.map((event, index) => ({ eventId: fromEvent + index, event }))
  return { runId, events: numbered, ...(nextEvent !== undefined && { nextEvent }) }
}
