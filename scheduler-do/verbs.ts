/** What clients ask of runs: start, signal, cancel, terminate, result, query. */
import { WorkflowError } from '../shared/errors.ts'
import type { HistoryEvent } from '../shared/core/events.ts'
import { serializeError } from '../shared/core/failure.ts'
import type { Input } from '../shared/core/inputs.ts'
import type { Payload } from '../shared/payload.ts'
import type {
  CloseRequest,
  QueryRequest,
  Refusal,
  Reply,
  ResultReply,
  ResultRequest,
  RunRequest,
  SignalRequest,
  StartReply,
  StartRequest,
} from '../shared/protocol.ts'
import { closingEvent } from '../shared/core/closing.ts'
import { readEnds, readWhole } from './archived.ts'
import { resultOf, resultReply } from './closing.ts'
import { ask } from './inbox.ts'
import { replayRun } from './live.ts'
import type { Loaded } from './live.ts'
import { loadRun, mustRecall } from './lookup.ts'
import type { Shard } from './shard.ts'
import { startRun } from './start.ts'
import { hasSignal } from './store/history.ts'
import { latestRunId } from './store/ids.ts'
import { runRow } from './store/runs.ts'
import type { RunRow } from './store/runs.ts'
import { closedRefusal, findRun, notFound } from './target.ts'
import type { Turn } from './turn.ts'

const MAX_WAIT_MS = 25_000

export async function start(shard: Shard, request: StartRequest): Promise<Reply<StartReply>> {
  const { to, workflowId, waitMs } = request
  const started = await startNow(shard, request)
  if (!started.ok || waitMs === undefined) return started
  const { runId } = started.value
  const ended = await result(shard, { to, workflowId, runId, waitMs })
  return ended.ok ? { ok: true, value: { runId, result: ended.value } } : started
}

function startNow(shard: Shard, request: StartRequest): Promise<Reply<StartReply>> {
  const { to: _to, waitMs: _waitMs, signal: first, ...spec } = request
  const { job, reply } = ask<StartReply>((turn, answer) => {
    // signalWithStart never fails on a running workflow: it signals it.
    const started = startRun(turn, shard, first ? { ...spec, idConflict: 'use-existing' } : spec)
    if (!started.ok) {
      answer(started)
      return
    }
    const { runId } = started
    if (first) turn.input(runId, { type: 'signal_workflow', ...first })
    answer({ ok: true, value: { runId } })
  })
  shard.submit(job)
  return reply
}

export function signal(shard: Shard, request: SignalRequest): Promise<Reply<null>> {
  const { name, signalId, payload } = request
  const input: Input = { type: 'signal_workflow', name, signalId, ...(payload !== undefined && { payload }) }
  return message(shard, request, input)
}

export function cancel(shard: Shard, request: CloseRequest): Promise<Reply<null>> {
  return message(shard, request, { type: 'request_cancel', ...reason(request) })
}

export function terminate(shard: Shard, request: CloseRequest): Promise<Reply<null>> {
  return message(shard, request, { type: 'terminate_workflow', ...reason(request) })
}

function reason(request: CloseRequest): { reason?: string } {
  return request.reason === undefined ? {} : { reason: request.reason }
}

/** One input for one run; refused when the run is closed, unless it is known to have taken this very signal before. */
async function message(shard: Shard, request: RunRequest, input: Input): Promise<Reply<null>> {
  // Nothing is awaited for a run that has a row: messages are taken in the order in which they came.
  if (mustRecall(shard, request.runId)) await shard.segments.find(request.runId)
  const { job, reply } = ask<null>((turn, answer) => {
    const found = findRun(turn, shard, request)
    if (!found.ok) {
      answer(takenBefore(shard, found, input) ? { ok: true, value: null } : found)
      return
    }
    answer({ ok: true, value: null })
    turn.input(found.runId, input, ({ kind }) => {
      const refusal = kind === 'nothing' ? closedMeanwhile(turn, found.runId, input) : null
      if (refusal) answer(refusal)
    })
  })
  shard.submit(job)
  return await reply
}

function takenBefore(shard: Shard, refusal: Refusal, input: Input): boolean {
  const runId = refusal.facts?.['runId']
  return (
    input.type === 'signal_workflow' &&
    typeof runId === 'string' &&
    hasSignal(shard.sql, runId, input.signalId)
  )
}

/** The run closed in this very turn, ahead of the message. */
function closedMeanwhile(turn: Turn, runId: string, input: Input): Refusal | null {
  const state = turn.held(runId)?.state
  if (!state?.closed) return null
  if (input.type === 'signal_workflow' && state.signalIds.has(input.signalId)) return null
  return closedRefusal(state.workflowId, runId, state.closed)
}

/** The run that is asked about: the one named, or the latest of its id. */
export async function requestedRun(shard: Shard, request: RunRequest): Promise<RunRow | null> {
  return rowOf(shard, request) ?? (await expiredRow(shard, request))
}

/** Its row, if it has one. */
function rowOf(shard: Shard, request: RunRequest): RunRow | null {
  const runId = request.runId ?? latestRunId(shard.sql, request.workflowId)
  const row = runId === undefined ? undefined : runRow(shard.sql, runId)
  return row?.workflowId === request.workflowId ? row : null
}

async function expiredRow(shard: Shard, request: RunRequest): Promise<RunRow | null> {
  const runId = request.runId ?? latestRunId(shard.sql, request.workflowId)
  const row = runId === undefined ? null : await shard.segments.find(runId)
  return row?.workflowId === request.workflowId ? row : null
}

export async function result(shard: Shard, request: ResultRequest): Promise<Reply<ResultReply>> {
  const open = liveRunId(shard, request)
  // Nothing is awaited between a row that says `running` and the wait for its end.
  const row = open === null ? (rowOf(shard, request) ?? (await expiredRow(shard, request))) : null
  const runId = open ?? row?.runId
  if (runId === undefined) return notFound(request)
  if (row && row.status !== 'running') return closedResult(shard, row)
  const closed = await shard.waiters.wait(runId, Math.min(request.waitMs, MAX_WAIT_MS))
  return { ok: true, value: closed ?? { status: 'running', runId } }
}

/** The open run asked for, when memory has it: no row needs to be read then. */
function liveRunId(shard: Shard, request: RunRequest): string | null {
  const state = shard.memory.runs.peek(request.runId ?? '')?.state
  return state && state.workflowId === request.workflowId && !state.closed ? state.runId : null
}

async function closedResult(shard: Shard, row: RunRow): Promise<Reply<ResultReply>> {
  const { runId, status, result: value, error } = row
  if (status === 'running') return { ok: true, value: { status, runId } }
  if (row.tier === 'hot') return { ok: true, value: resultReply(runId, { status, result: value, error }) }
  const closing = closingEvent(await readEnds(shard, row))
  if (!closing) throw new WorkflowError('internal', `the archived run ${runId} has no closing event`)
  return { ok: true, value: resultOf(runId, closing) }
}

export async function query(shard: Shard, request: QueryRequest): Promise<Reply<Payload>> {
  const row = await requestedRun(shard, request)
  if (!row) return notFound(request)
  // Read before the shard stands still for the answer.
  const events = row.tier === 'hot' ? null : await readWhole(shard, row)
  const reply = await shard.read(async () => {
    if (events) return answerQuery(await replayArchived(shard, row, events), request)
    // It may have left the hot tier since its row was read.
    const hot = runRow(shard.sql, row.runId)?.tier === 'hot'
    return hot ? answerQuery(await loadRun(shard, row.runId), request) : null
  })
  return reply ?? (await query(shard, request))
}

function replayArchived(shard: Shard, row: RunRow, events: HistoryEvent[]): Promise<Loaded> {
  return replayRun(shard.workshop, row, { events, length: 0, fresh: false })
}

function answerQuery(loaded: Loaded | null, request: QueryRequest): Reply<Payload> {
  if (!loaded || loaded.blocked) {
    const why = loaded?.blocked?.reason ?? 'its history cannot be read'
    return { ok: false, code: 'blocked', message: `workflow ${request.workflowId} cannot answer: ${why}` }
  }
  const { live } = loaded
  try {
    return { ok: true, value: live.coroutine.query(request.name, request.args) }
  } catch (error) {
    const serialized = serializeError(error)
    const known = [...live.coroutine.queries.keys()]
    const code = error instanceof WorkflowError ? error.code : 'application_error'
    return { ok: false, code, message: serialized.message, facts: { known }, error: serialized }
  }
}
