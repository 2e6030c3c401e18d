/** What can be seen of runs: one described, its history, and lists of many. */
import { nextDeadline } from '../shared/core/attempt.ts'
import type { HistoryEvent } from '../shared/core/events.ts'
import type {
  HistoryPage,
  HistoryRequest,
  PendingActivity,
  Reply,
  RunDescription,
  RunRequest,
  RunSummary,
  WaitingFor,
} from '../shared/protocol.ts'
import { closingEvent, failureOf } from '../shared/core/closing.ts'
import { WorkflowError } from '../shared/errors.ts'
import { readEnds, readPage } from './archived.ts'
import { loadRun } from './lookup.ts'
import type { Shard } from './shard.ts'
import { historyPage, historySize } from './store/history.ts'
import { runRow } from './store/runs.ts'
import type { RunRow } from './store/runs.ts'
import { notFound } from './target.ts'
import { requestedRun } from './verbs.ts'

/** Of JSON, in UTF-16 units: well below what one RPC carries. */
const PAGE_LENGTH = 1_000_000

export async function describe(shard: Shard, request: RunRequest): Promise<Reply<RunDescription>> {
  const row = await requestedRun(shard, request)
  if (!row) return notFound(request)
  if (row.status === 'running') return shard.read(() => describeOpen(shard, row.runId))
  const payloads = row.tier === 'hot' ? {} : archivedPayloads(await readEnds(shard, row))
  return { ok: true, value: { ...described(shard, row), ...payloads } }
}

/** Between two turns: what it waits for is of the same moment as its row. */
async function describeOpen(shard: Shard, runId: string): Promise<Reply<RunDescription>> {
  const row = runRow(shard.sql, runId)
  if (!row) throw new WorkflowError('internal', `the row of the open run ${runId} is gone`)
  const { waitingFor, activities } = await open(shard, row)
  return { ok: true, value: { ...described(shard, row), waitingFor, pendingActivities: activities } }
}

function described(shard: Shard, row: RunRow): RunDescription {
  const parent = row.parent && { parent: { workflowId: row.parent.workflowId, runId: row.parent.runId } }
  return { ...summary(shard, row), ...parent, waitingFor: [], pendingActivities: [] }
}

async function open(
  shard: Shard,
  row: RunRow,
): Promise<{ waitingFor: WaitingFor[]; activities: PendingActivity[] }> {
  if (row.status !== 'running') return { waitingFor: [], activities: [] }
  const loaded = await loadRun(shard, row.runId)
  if (!loaded) return { waitingFor: [], activities: [] }
  const { state, coroutine } = loaded.live
  const activities = Array.from(state.activities.keys(), (seq) =>
    pendingActivity(shard, row.runId, seq),
  ).filter((one) => one !== null)
  const waitingFor = loaded.blocked
    ? []
    : coroutine.waitingFor().map(({ kind, ...facts }) => ({ kind: shown(kind), ...facts }))
  return { waitingFor, activities }
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
    ...(row.blocked && { blocked: row.blocked }),
  }
}

function historyOf(shard: Shard, row: RunRow): { events: number; length: number } {
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
