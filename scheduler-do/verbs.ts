/** What clients ask of runs: start, signal, cancel, terminate, result, query. */
import { WorkflowError } from '../shared/errors.ts'
import { idAfter } from '../shared/ids.ts'
import { isOpen } from '../shared/protocol.ts'
import type { Input } from '../shared/core/inputs.ts'
import { payloadBytes } from '../shared/payload.ts'
import type { Payload } from '../shared/payload.ts'
import type {
  CloseRequest,
  Refusal,
  Reply,
  ResultReply,
  ResultRequest,
  RunRequest,
  SignalRequest,
  StartManyRequest,
  StartReply,
  StartRequest,
} from '../shared/protocol.ts'
import type { TargetReply } from '../shared/reference.ts'
import { closingEvent } from '../shared/core/closing.ts'
import { requestedRun, rowElsewhere, rowNow } from './addressed.ts'
import { readEnds } from './archived.ts'
import { arriving, carriedBy, moved } from './arrive.ts'
import { resultOf, resultReply } from './closing.ts'
import { ask } from './inbox.ts'
import { mustRecall } from './lookup.ts'
import type { Shard } from './shard.ts'
import { requireEncoded } from './encode.ts'
import { refusalOf } from './refuse.ts'
import * as requests from './requests.ts'
import { checked } from './shapes.ts'
import { startRun } from './start.ts'
import { hasSignal } from './store/history.ts'
import type { RunRow } from './store/runs.ts'
import { closedRefusal, findRun, firstLink, latestRun, notFound } from './target.ts'
import type { Turn } from './turn.ts'
import { MAX_WAIT_MS } from './waiters.ts'

export async function start(shard: Shard, request: StartRequest): Promise<Reply<StartReply>> {
  return shard.refusal('new') ?? (await startAdmitted(shard, request))
}

async function startAdmitted(shard: Shard, request: StartRequest): Promise<Reply<StartReply>> {
  const { to, workflowId, waitMs } = request
  requireEncoded(shard, Object.values(request.memo ?? {}))
  const started = await arriving(shard, [request.input, request.signal?.payload], () =>
    startNow(shard, request),
  )
  if (!started.ok || waitMs === undefined) return started
  const { runId } = started.value
  const ended = await result(shard, { to, workflowId, runId, waitMs, follow: true })
  return ended.ok ? { ok: true, value: { ...started.value, result: ended.value } } : started
}

/** All of them are in the inbox before the next turn begins. */
export async function startMany(
  shard: Shard,
  request: StartManyRequest,
): Promise<Reply<Reply<StartReply>[]>> {
  const { to, starts } = request
  const refusal = shard.refusal('new')
  if (refusal) return refusal
  return { ok: true, value: await Promise.all(starts.map((one) => startOne(shard, { ...one, to }))) }
}

async function startOne(shard: Shard, request: StartRequest): Promise<Reply<StartReply>> {
  try {
    return await startAdmitted(shard, checked(requests.start, request))
  } catch (error) {
    return refusalOf(error)
  }
}

function startNow(shard: Shard, request: StartRequest): Promise<Reply<StartReply>> {
  const { to: _to, waitMs: _waitMs, signal: first, ...spec } = request
  const { job, reply } = ask<StartReply>(
    (turn, answer) => {
      const elsewhere = first ? movedFirst(turn, shard, request) : null
      if (elsewhere) {
        answer(elsewhere)
        return
      }
      const heard = first ? heardBefore(turn, shard, request) : null
      if (heard) {
        answer({ ok: true, value: heard })
        return
      }
      // signalWithStart never fails on a running workflow: it signals it.
      const started = startRun(turn, shard, first ? { ...spec, idConflict: 'use-existing' } : spec)
      if (!started.ok) {
        answer(started)
        return
      }
      const { runId, firstRunId, created } = started
      if (first) turn.input(runId, { type: 'signal_workflow', ...first })
      if (first && !created) turn.input(runId, { type: 'end_start_delay' })
      answer({ ok: true, value: { runId, ...(firstRunId !== undefined && { firstRunId }) } })
    },
    { newBytes: payloadBytes(spec.input) + payloadBytes(first?.payload), workflowId: spec.workflowId },
  )
  shard.submit(job)
  return reply
}

/** The signal of a signalWithStart goes to the open run, or to the one that begins. */
function movedFirst(turn: Turn, shard: Shard, request: StartRequest): Refusal | null {
  const { workflowId, runId, signal: first } = request
  const found = findRun(turn, shard, { workflowId })
  return moved(first?.payload, found.ok ? found.runId : (runId ?? ''))
}

/** The run that took the signal of a signalWithStart when it came before, and has closed since. */
function heardBefore(
  turn: Turn,
  shard: Shard,
  { workflowId, signal: first }: StartRequest,
): StartReply | null {
  const latest = first ? latestRun(turn, shard, workflowId) : null
  if (!first || !latest?.closed) return null
  const { runId } = latest
  const heard =
    turn.held(runId)?.state.signalIds.has(first.signalId) || hasSignal(shard.sql, runId, first.signalId)
  return heard ? { runId, ...firstLink(latest) } : null
}

/** For a request whose payloads must be stored before it is made. */
export async function target(shard: Shard, request: RunRequest): Promise<Reply<TargetReply>> {
  const row = await requestedRun(shard, request)
  const latest = row && { runId: row.runId, open: row.completedAt === null }
  const fresh = shard.newRunId(shard.clock.now())
  return { ok: true, value: { latest, fresh: row ? idAfter(row.runId, fresh) : fresh } }
}

export async function signal(shard: Shard, request: SignalRequest): Promise<Reply<null>> {
  const refusal = shard.refusal('new')
  if (refusal) return refusal
  const { name, signalId, payload } = request
  const input: Input = { type: 'signal_workflow', name, signalId, ...(payload !== undefined && { payload }) }
  return await arriving(shard, takenOf(shard, request, payload), () =>
    message(shard, request, { input, newBytes: payloadBytes(payload) }),
  )
}

/** The payload, unless nobody takes it, or another run than it was stored for: then there is no object to be read. */
export function takenOf(shard: Shard, request: RunRequest, payload: Payload): Payload[] {
  const row = carriedBy(shard, [payload]).length > 0 ? rowNow(shard, request) : null
  return row?.completedAt === null && moved(payload, row.runId) === null ? [payload] : []
}

export function cancel(shard: Shard, request: CloseRequest): Promise<Reply<null>> {
  return ending(shard, request, { type: 'request_cancel', ...reason(request) })
}

export function terminate(shard: Shard, request: CloseRequest): Promise<Reply<null>> {
  return ending(shard, request, { type: 'terminate_workflow', ...reason(request) })
}

export function pause(shard: Shard, request: CloseRequest): Promise<Reply<null>> {
  return ending(shard, request, { type: 'pause_workflow', ...reason(request) })
}

export function resume(shard: Shard, request: RunRequest): Promise<Reply<null>> {
  return ending(shard, request, { type: 'resume_workflow' })
}

function reason(request: CloseRequest): { reason?: string } {
  return request.reason === undefined ? {} : { reason: request.reason }
}

/** What ends accepted work, or may, is taken for longer than new work is. */
async function ending(shard: Shard, request: RunRequest, input: Input): Promise<Reply<null>> {
  return shard.refusal('end') ?? (await message(shard, request, { input }))
}

/** One input for one run; refused when the run is closed, unless it is known to have taken this very signal before. */
async function message(
  shard: Shard,
  request: RunRequest,
  { input, ...size }: { input: Input; newBytes?: number },
): Promise<Reply<null>> {
  // Nothing is awaited for a run that has a row: messages are taken in the order in which they came.
  const named = request.runId ?? request.firstRunId
  if (mustRecall(shard, named)) await shard.segments.find(named)
  const latest = request.runId === undefined ? { workflowId: request.workflowId } : {}
  const { job, reply } = ask<null>(
    (turn, answer) => {
      const found = findRun(turn, shard, request)
      if (!found.ok) {
        answer(takenBefore(shard, found, input) ? { ok: true, value: null } : found)
        return
      }
      const elsewhere = input.type === 'signal_workflow' ? moved(input.payload, found.runId) : null
      if (elsewhere) {
        answer(elsewhere)
        return
      }
      answer({ ok: true, value: null })
      turn.input(found.runId, input, ({ kind }) => {
        const refusal = kind === 'nothing' ? closedMeanwhile(turn, found.runId, input) : null
        if (refusal) answer(refusal)
      })
    },
    { ...size, ...latest },
  )
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

export async function result(shard: Shard, request: ResultRequest): Promise<Reply<ResultReply>> {
  const open = liveRunId(shard, request)
  // Nothing is awaited between a row that says `running` and the wait for its end.
  const row = open === null ? (rowNow(shard, request) ?? (await rowElsewhere(shard, request))) : null
  const runId = open ?? row?.runId
  if (runId === undefined) return notFound(request)
  const refusal = row && row.completedAt !== null ? null : shard.waiters.results.refusal
  if (refusal) return refusal
  const waitMs = Math.min(request.waitMs, MAX_WAIT_MS)
  const until = shard.clock.now() + waitMs
  const ended =
    row && row.completedAt !== null
      ? await closedResult(shard, row)
      : ((await shard.waiters.results.wait(runId, waitMs)) ?? { status: 'running', runId })
  const closed = request.follow ? await followed(shard, request.workflowId, ended) : ended
  // A result whose object is still being written comes with the next poll.
  const readable = closed.status !== 'completed' || (await stored(shard, closed.result, until))
  return { ok: true, value: readable ? closed : { status: 'running', runId } }
}

/** The run that took over is the one to wait for, unless it has been deleted. */
async function followed(shard: Shard, workflowId: string, ended: ResultReply): Promise<ResultReply> {
  const runId = 'nextRunId' in ended ? ended.nextRunId : undefined
  if (runId === undefined) return ended
  const next = await requestedRun(shard, { to: shard.address, workflowId, runId })
  return next ? { status: 'running', runId } : ended
}

/** At least a moment is given to R2, however short the caller's wait. */
const STORING_MS = 1_000

function stored(shard: Shard, payload: Payload, until: number): Promise<boolean> {
  return shard.payloads.stored(payload, Math.max(STORING_MS, until - shard.clock.now()))
}

/** The open run asked for, when memory has it: no row needs to be read then. */
function liveRunId(shard: Shard, request: RunRequest): string | null {
  const state = shard.memory.runs.peek(request.runId ?? request.firstRunId ?? '')?.state
  return state && state.workflowId === request.workflowId && !state.closed ? state.runId : null
}

async function closedResult(shard: Shard, row: RunRow): Promise<ResultReply> {
  const { runId, status, result: value, error, nextRunId } = row
  if (isOpen(status)) return { status: 'running', runId }
  if (row.tier === 'hot') return resultReply(runId, { status, result: value, error, nextRunId })
  const closing = closingEvent(await readEnds(shard, row))
  if (!closing) throw new WorkflowError('internal', `the archived run ${runId} has no closing event`)
  return resultOf(runId, closing)
}
