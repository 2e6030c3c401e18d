/** What can be seen of runs: one described, its history, and lists of many. */
import { nextDeadline } from '../shared/core/attempt.ts'
import type { HistoryEvent } from '../shared/core/events.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { Payload } from '../shared/payload.ts'
import type {
  HistoryPage,
  HistoryRequest,
  ListRequest,
  PendingActivity,
  Reply,
  RunDescription,
  RunRequest,
  RunSummary,
  WaitingFor,
} from '../shared/protocol.ts'
import { readArchived } from './archived.ts'
import { closingEvent, failureOf } from './closing.ts'
import type { Loaded } from './live.ts'
import { loadRun } from './lookup.ts'
import type { Shard } from './shard.ts'
import { historyPage, historySize } from './store/history.ts'
import { countRuns, listRuns } from './store/list.ts'
import type { RunRow } from './store/runs.ts'
import { notFound } from './target.ts'
import { requestedRun } from './verbs.ts'

/** Of JSON, in UTF-16 units: well below what one RPC carries. */
const PAGE_LENGTH = 1_000_000

export async function describe(shard: Shard, request: RunRequest): Promise<Reply<RunDescription>> {
  const { reply, awaits } = await described(shard, request)
  // Where its replay needs R2, no turn waits for that.
  const last = awaits === undefined ? reply : await describedReplayed(shard, request, awaits)
  if (!last.ok) return last
  for (const payload of [last.value.input, last.value.result]) await mustBeStored(shard, payload)
  return last
}

/** How long a caller waits for R2. */
const PATIENCE_MS = 5_000

/** A run whose replay waits for R2 is described as blocked by that. */
async function describedReplayed(
  shard: Shard,
  request: RunRequest,
  runId: string,
): Promise<Reply<RunDescription>> {
  const since = shard.clock.now()
  try {
    const replayed = await shard.payloads.rebuilds.of(runId, PATIENCE_MS)
    return (await described(shard, request, replayed ?? undefined)).reply
  } catch (error) {
    if (!(error instanceof WorkflowError) || error.code !== 'overloaded') throw error
    const { reply } = await described(shard, request)
    if (!reply.ok) return reply
    return {
      ok: true,
      value: { ...reply.value, blocked: { code: error.code, reason: error.message, since } },
    }
  }
}

async function mustBeStored(shard: Shard, payload: Payload): Promise<void> {
  if (await shard.payloads.stored(payload, PATIENCE_MS)) return
  throw new WorkflowError('overloaded', 'a payload of the run is on its way to R2: ask again')
}

function described(
  shard: Shard,
  request: RunRequest,
  replayed?: Loaded,
): Promise<{ reply: Reply<RunDescription>; awaits?: string }> {
  return shard.read(async () => {
    const row = requestedRun(shard, request)
    if (!row) return { reply: notFound(request) }
    const loaded = row.status === 'running' ? (replayed ?? (await loadRun(shard, row.runId))) : null
    const { waitingFor, activities } = open(shard, row, loaded)
    const parent = row.parent && { parent: { workflowId: row.parent.workflowId, runId: row.parent.runId } }
    const payloads = row.tier === 'hot' ? {} : archivedPayloads(await readArchived(shard, row))
    const facts = { ...summary(shard, row), ...payloads, ...parent }
    const value = { ...facts, waitingFor, pendingActivities: activities }
    return { reply: { ok: true, value }, ...(loaded?.awaits && { awaits: row.runId }) }
  })
}

function open(
  shard: Shard,
  row: RunRow,
  loaded: Loaded | null,
): { waitingFor: WaitingFor[]; activities: PendingActivity[] } {
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

function summary(shard: Shard, row: RunRow): RunSummary {
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
  const row = requestedRun(shard, request)
  if (!row) return notFound(request)
  const { runId } = row
  if (row.tier !== 'hot')
    return { ok: true, value: archivedPage(runId, await readArchived(shard, row), request.fromEvent) }
  const rows = historyPage(shard.sql, runId, { fromEvent: request.fromEvent, maxLength: PAGE_LENGTH })
  const events = rows
    .flatMap((one) => one.events.map((event, index) => ({ eventId: one.firstEventId + index, event })))
    .filter(({ eventId }) => eventId >= request.fromEvent)
  const last = events.at(-1)?.eventId ?? request.fromEvent - 1
  const more = historyPage(shard.sql, runId, { fromEvent: last + 1, maxLength: 0 }).length > 0
  return { ok: true, value: { runId, events, ...(more && { nextEvent: last + 1 }) } }
}

function archivedPage(runId: string, all: readonly HistoryEvent[], fromEvent: number): HistoryPage {
  const events: HistoryPage['events'] = []
  let length = 0
  for (const [index, event] of all.entries()) {
    if (index + 1 < fromEvent) continue
    if (length > PAGE_LENGTH) return { runId, events, nextEvent: index + 1 }
    length += JSON.stringify(event).length
    events.push({ eventId: index + 1, event })
  }
  return { runId, events }
}

export function list(shard: Shard, request: ListRequest): Reply<RunSummary[]> {
  return { ok: true, value: listRuns(shard.sql, request).map((row) => summary(shard, row)) }
}

export function count(shard: Shard, request: ListRequest): Reply<number> {
  return { ok: true, value: countRuns(shard.sql, request) }
}
