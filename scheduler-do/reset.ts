/** A run made from an earlier point of another one's history: that one ends with it, if it is open, in one transaction. */
import { heardAgain, leftTo, resetHistory, resetPoint } from '../shared/core/reset.ts'
import type { Reset, ResetPoint } from '../shared/core/reset.ts'
import type { HistoryEvent } from '../shared/core/events.ts'
import type { Input } from '../shared/core/inputs.ts'
import { evolve } from '../shared/core/state.ts'
import { invalid } from '../shared/names.ts'
import type { Payload } from '../shared/payload.ts'
import type { Refusal, Reply, ResetRequest, StartReply } from '../shared/protocol.ts'
import { requestedRun } from './addressed.ts'
import { readWhole } from './archived.ts'
import { handedOn } from './chain.ts'
import { openCalls } from './commands.ts'
import { hearChildren } from './hear-children.ts'
import { ask } from './inbox.ts'
import { unfedRun } from './live.ts'
import type { Shard } from './shard.ts'
import { wholeHistory } from './store/history.ts'
import { begunBy, replaceLatest } from './repeated.ts'
import { firstOf, latestRun, notFound } from './target.ts'
import type { Turn } from './turn.ts'

export async function reset(shard: Shard, request: ResetRequest): Promise<Reply<StartReply>> {
  const row = await requestedRun(shard, request)
  if (!row) return notFound(request)
  const run = { workflowId: row.workflowId, runId: row.runId, firstRunId: firstOf(row) }
  // No turn reads the archive. A run that is still hot is read when its turn has come.
  const archived = row.tier === 'hot' ? null : await readWhole(shard, row)
  const { job, reply } = ask<StartReply>((turn, answer) => {
    const done = before(turn, shard, request)
    if (done) {
      answer(done)
      return
    }
    const { runId } = run
    const events = archived ?? wholeHistory(shard.sql, runId).events
    const point = resetPoint(events, request)
    if (!point.ok) {
      answer(outOfRange(point, request))
      return
    }
    const next = {
      from: runId,
      runId: turn.world.newRunIdAfter(runId),
      eventId: point.eventId,
      now: turn.now,
    }
    const plan = { ...next, reason: request.reason, requestId: request.requestId }
    const ended = (refusal: Refusal | null): void => {
      const unseen = turn.changes.runs.get(runId)?.events ?? []
      if (!refusal) begin(turn, shard, { run, reset: plan, events: [...events, ...unseen] })
      answer(refusal ?? { ok: true, value: { runId: plan.runId, firstRunId: run.firstRunId } })
    }
    endOld(turn, shard, { workflowId: run.workflowId, reset: plan, ended })
  })
  shard.submit(job)
  const made = await reply
  if (!made.ok) return made
  return (await hearChildren(shard, { workflowId: run.workflowId, runId: made.value.runId })) ?? made
}

/** The same request has been here. */
function before(turn: Turn, shard: Shard, request: ResetRequest): Reply<StartReply> | null {
  const latest = latestRun(turn, shard, request.workflowId)
  const made = begunBy(turn, shard, { ...request, latest })
  return made && { ok: true, value: { runId: made.runId, firstRunId: firstOf(made) } }
}

function outOfRange({ path, problem }: Extract<ResetPoint, { ok: false }>, request: ResetRequest): Refusal {
  const { code, message } = invalid(path, problem, path === 'toEvent' ? request.toEvent : request.toActivity)
  return { ok: false, code, message, facts: { path } }
}

interface Ending {
  workflowId: string
  reset: Reset
  ended: (refusal: Refusal | null) => void
}

/** Ends the run that is reset, if it is open, then goes on; with a refusal where another run of the id is. */
function endOld(
  turn: Turn,
  shard: Shard,
  { workflowId, reset: { from, runId, reason }, ended }: Ending,
): void {
  const latest = latestRun(turn, shard, workflowId)
  if (!latest || latest.closed || latest.runId !== from) {
    ended(latest && !latest.closed ? otherOpen(workflowId, latest.runId) : null)
    return
  }
  turn.input(from, { type: 'terminate_workflow', reason: `reset: ${reason}`, nextRunId: runId }, () => {
    const now = latestRun(turn, shard, workflowId)
    ended(now && now.runId !== from && !now.closed ? otherOpen(workflowId, now.runId) : null)
  })
}

function otherOpen(workflowId: string, runId: string): Refusal {
  const message = `workflow ${workflowId} is running as another run, ${runId}: end that one first, or reset it`
  return { ok: false, code: 'workflow_already_started', message, facts: { workflowId, runId } }
}

interface Plan {
  run: { workflowId: string; runId: string; firstRunId: string }
  reset: Reset
  /** Of the old run, all of them. */
  events: readonly HistoryEvent[]
}

function begin(turn: Turn, shard: Shard, { run, reset: plan, events }: Plan): void {
  const { runId } = plan
  const { workflowId } = run
  replaceLatest(turn, shard, { workflowId, latest: latestRun(turn, shard, workflowId) })
  const history = resetHistory(events, plan).map((event) => own(turn, runId, event))
  const live = unfedRun(shard.workshop, { workflowId, runId })
  turn.adopt(live, { requestId: plan.requestId, firstRunId: run.firstRunId })
  for (const event of history) {
    turn.changes.append(live, event)
    evolve(live.state, event)
  }
  turn.changes.awaiting.add(runId)
  openCalls(turn, live, history)
  const left = turn.left.get(plan.from) ?? []
  for (const input of [...heardAgain(live.state, events.slice(plan.eventId)), ...leftTo(live.state, left)])
    turn.changes.parked.push({ runId, input: own(turn, runId, input) })
}

/** An event or input with its payload as an object of the run. */
function own<T extends HistoryEvent | Input>(turn: Turn, runId: string, of: T): T {
  const fields = ['input', 'result', 'payload', 'args'].filter((field) => field in of)
  const copies = fields.map((field) => [field, handedOn(turn, runId, Reflect.get(of, field) as Payload)]) // payloads by their names
  return { ...of, ...Object.fromEntries(copies) }
}
