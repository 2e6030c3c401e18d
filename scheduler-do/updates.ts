/** Updates: accepted or refused by the run's own code in its round, answered when the handler has ended. */
import type { HistoryEvent, UpdateEnd } from '../shared/core/events.ts'
import type { Input } from '../shared/core/inputs.ts'
import type { RunState } from '../shared/core/state.ts'
import { payloadBytes, tooLarge } from '../shared/payload.ts'
import type { Refusal, Reply } from '../shared/protocol.ts'
import { MAX_VISIBLE_BYTES, referenceOf } from '../shared/reference.ts'
import type { UpdateReply, UpdateRequest, UpdateResultRequest } from '../shared/update.ts'
import { requestedRun } from './addressed.ts'
import { readEnds, readWhole } from './archived.ts'
import { arriving, moved } from './arrive.ts'
import { ask } from './inbox.ts'
import { mustRecall } from './lookup.ts'
import type { Shard } from './shard.ts'
import { historyPage, updateEvents } from './store/history.ts'
import type { RunRow } from './store/runs.ts'
import { closedRefusal, findRun, notFound } from './target.ts'
import type { Turn } from './turn.ts'
import type { Decided } from './turn-world.ts'
import { takenOf } from './verbs.ts'
import { MAX_WAIT_MS } from './waiters.ts'

export async function update(shard: Shard, request: UpdateRequest): Promise<Reply<UpdateReply>> {
  const refusal = shard.refusal('new')
  if (refusal) return refusal
  const { to, workflowId, updateId, args, waitMs } = request
  const large = referenceOf(args)
  if (large && large.size > MAX_VISIBLE_BYTES)
    throw tooLarge('args', `are ${large.size} bytes as JSON, and at most 8 MiB of them`)
  const taken = await arriving(shard, takenOf(shard, request, args), () => accept(shard, request))
  if (taken.ok) {
    const { runId } = taken.value
    const ended = await updateResult(shard, { to, workflowId, runId, updateId, waitMs })
    const isBusy = !ended.ok && ended.code === 'overloaded'
    return isBusy ? { ok: true, value: { status: 'accepted', runId } } : ended
  }
  const closedRun = taken.code === 'workflow_closed' ? taken.facts?.['runId'] : undefined
  if (typeof closedRun !== 'string') return taken
  const known = await updateResult(shard, { to, workflowId, runId: closedRun, updateId, waitMs: 0 })
  return !known.ok && known.code === 'update_not_found' ? taken : known
}

async function accept(shard: Shard, request: UpdateRequest): Promise<Reply<{ runId: string }>> {
  const named = request.runId ?? request.firstRunId
  if (mustRecall(shard, named)) await shard.segments.find(named)
  const { name, updateId, args } = request
  const input: Input = { type: 'update_workflow', updateId, name, ...(args !== undefined && { args }) }
  const { job, reply } = ask<{ runId: string }>(
    (turn, answer) => {
      const found = findRun(turn, shard, request)
      const refusal = found.ok ? moved(args, found.runId) : found
      if (!found.ok || refusal) {
        answer(refusal ?? notFound(request))
        return
      }
      turn.input(found.runId, input, (decided) => answer(accepted(turn, updateId, decided)))
    },
    { newBytes: payloadBytes(args) },
  )
  shard.submit(job)
  return await reply
}

/** The run that has accepted the update, now or before, or why none has. */
function accepted(turn: Turn, updateId: string, { kind, input, runId }: Decided): Reply<{ runId: string }> {
  if (kind === 'applied') return { ok: true, value: { runId } }
  const by = acceptedBy(turn, runId, updateId)
  if (by !== undefined) return { ok: true, value: { runId: by } }
  if (kind === 'parked') return unable(turn, runId)
  const state = turn.held(runId)?.state
  if (state?.closed) return closedRefusal(state.workflowId, runId, state.closed)
  const { args, refusal } = input?.type === 'update_workflow' ? input : {}
  if (!state || !refusal) return notFound({ workflowId: state?.workflowId ?? '', runId })
  const { known, retryAfterMs, ...told } = refusal
  const facts = { ...(known && { known }), ...(retryAfterMs !== undefined && { retryAfterMs }) }
  return moved(args, runId) ?? { ok: false, ...told, facts }
}

/** Of a run whose code is not there its history says it. */
function acceptedBy(turn: Turn, runId: string, updateId: string): string | undefined {
  const state = turn.held(runId)?.state
  if (state) return state.updates.has(updateId) ? runId : state.pastUpdates.get(updateId)
  const events = turn.world.events(runId)
  if (endOf(events, updateId) !== undefined) return runId
  return pastAcceptance(events[0], updateId)
}

function pastAcceptance(first: HistoryEvent | undefined, updateId: string): string | undefined {
  if (first?.type !== 'workflow_started') return undefined
  return first.updates?.find((known) => known.updateId === updateId)?.runId
}

/** It has no code that could say whether it accepts the update. Such an input is not kept: its caller is there to ask again. */
function unable(turn: Turn, runId: string): Refusal {
  if (turn.held(runId)?.state.paused)
    return { ok: false, code: 'workflow_paused', message: `run ${runId} takes no updates while it is paused` }
  const reason = turn.changes.blocked.get(runId)?.reason
  if (reason === undefined)
    return { ok: false, code: 'overloaded', message: `run ${runId} is being replayed: ask again` }
  return {
    ok: false,
    code: 'blocked',
    message: `run ${runId} takes no updates while it is blocked: ${reason}`,
  }
}

/** How the update ended, or that it has not within the time. */
export async function updateResult(shard: Shard, request: UpdateResultRequest): Promise<Reply<UpdateReply>> {
  const waitMs = Math.min(request.waitMs, MAX_WAIT_MS)
  const until = shard.clock.now() + waitMs
  const reply = await outcome(shard, request, waitMs)
  if (!reply.ok || reply.value.status !== 'completed') return reply
  const stored = await shard.payloads.stored(reply.value.result, Math.max(1_000, until - shard.clock.now()))
  // A result whose object is still being written comes with the next poll.
  return stored ? reply : { ok: true, value: { status: 'accepted', runId: reply.value.runId } }
}

async function outcome(
  shard: Shard,
  request: UpdateResultRequest,
  waitMs: number,
): Promise<Reply<UpdateReply>> {
  const { updateId } = request
  const state = shard.memory.runs.peek(request.runId ?? '')?.state
  const live = state?.workflowId === request.workflowId ? state : null
  const row = live ? null : await requestedRun(shard, request)
  const runId = live?.runId ?? row?.runId
  if (runId === undefined) return notFound(request)
  const recorded = live ? live.updates.get(updateId) : row && (await recordedEnd(shard, row, updateId))
  if (recorded) return { ok: true, value: endReply(runId, recorded) }
  if (recorded === undefined) {
    const by = live ? live.pastUpdates.get(updateId) : row && (await pastRun(shard, row, updateId))
    return by ? await outcome(shard, { ...request, runId: by }, waitMs) : unknownUpdate(runId, updateId)
  }
  if (row && row.completedAt !== null) return lost(row, updateId)
  const { refusal } = shard.waiters.updates
  if (refusal && waitMs > 0) return refusal
  const told = await shard.waiters.updates.wait(updateKey(runId, updateId), waitMs)
  return told ?? { ok: true, value: { status: 'accepted', runId } }
}

/** Null: accepted and not ended; undefined: not known. Nothing is awaited for an open run, which could go on meanwhile. */
function recordedEnd(
  shard: Shard,
  row: RunRow,
  updateId: string,
): UpdateEnd | null | undefined | Promise<UpdateEnd | null | undefined> {
  if (row.tier === 'hot') return endOf(updateEvents(shard.sql, row.runId, updateId), updateId)
  return readWhole(shard, row).then((events) => endOf(events, updateId))
}

function endOf(events: readonly HistoryEvent[], updateId: string): UpdateEnd | null | undefined {
  const own = events.filter((event) => 'updateId' in event && event.updateId === updateId)
  const end = own.find((event) => event.type === 'update_completed' || event.type === 'update_failed')
  return end ?? (own.length > 0 ? null : undefined)
}

/** The run before this one that has accepted the update, as this one's first event says. */
async function pastRun(shard: Shard, row: RunRow, updateId: string): Promise<string | undefined> {
  const page = { fromEvent: 1, maxLength: 0 }
  const hot = row.tier === 'hot' ? historyPage(shard.sql, row.runId, page)[0]?.events : undefined
  const [first] = hot ?? (await readEnds(shard, row))
  return pastAcceptance(first, updateId)
}

function updateKey(runId: string, updateId: string): string {
  return `${runId}/${updateId}`
}

function endReply(runId: string, end: UpdateEnd): UpdateReply {
  if (end.type === 'update_failed') return { status: 'failed', runId, error: end.error }
  return { status: 'completed', runId, ...(end.result !== undefined && { result: end.result }) }
}

function unknownUpdate(runId: string, updateId: string): Refusal {
  const message = `run ${runId} has accepted no update ${updateId}`
  return { ok: false, code: 'update_not_found', message, facts: { runId } }
}

function lost(run: { workflowId: string; runId: string; status: string }, updateId: string): Refusal {
  const message = `workflow ${run.workflowId} ended (${run.status}) before its update ${updateId} did`
  return { ok: false, code: 'workflow_closed', message, facts: { runId: run.runId, status: run.status } }
}

/** After a commit: whoever waits for an update hears how it ended, or that it never will. */
export function tellUpdates(shard: Shard, state: RunState, events: readonly HistoryEvent[]): void {
  const { runId, workflowId, closed } = state
  const { updates } = shard.waiters
  for (const event of events) {
    if (event.type !== 'update_completed' && event.type !== 'update_failed') continue
    updates.tell(updateKey(runId, event.updateId), { ok: true, value: endReply(runId, event) })
  }
  if (!closed || state.updatesInFlight === 0) return
  for (const [updateId, end] of state.updates)
    if (!end) updates.tell(updateKey(runId, updateId), lost({ workflowId, runId, status: closed }, updateId))
}
