/** I1: what was accepted happened, once; what was refused did not happen. */
import type { HistoryEvent } from '../../../shared/core/events.ts'
import type { Answer } from '../observations.ts'
import type { RecordedRun } from '../recorded.ts'
import { startedOf } from '../recorded.ts'
import type { Action } from '../scenario.ts'
import { InvariantBroken, runsOf } from './truth.ts'
import type { Truth } from './truth.ts'

const I1 = 'I1 inputs'

export function inputsCountOnce(truth: Truth): void {
  for (const [index, action] of truth.scenario.actions.entries()) {
    const answer = truth.seen.answers.get(index)
    if (answer) checkAction(truth, action, answer)
  }
  checkExternals(truth)
  for (const key of truth.seen.finished) checkFinished(truth, key)
  const [surprise] = truth.seen.surprises
  if (surprise !== undefined)
    throw new InvariantBroken(I1, `a client was thrown what has no code: ${surprise}`)
}

function checkAction(truth: Truth, action: Action, answer: Answer): void {
  switch (action.kind) {
    case 'start':
      checkStart(truth, action, answer)
      return
    case 'signal_with_start':
      checkStart(truth, action, answer)
      checkSignal(truth, { ...action, signalId: action.program.id }, answer) // the id of the request
      return
    case 'signal':
      checkSignal(truth, { ...action, signalId: action.payload }, answer)
      return
    case 'update': {
      const { updateId } = action
      const holds = (event: HistoryEvent) => event.type === 'update_accepted' && event.updateId === updateId
      checkMessage(truth, { answer, what: `update ${updateId}`, holds })
      return
    }
    case 'cancel':
    case 'terminate':
      checkEnding(truth, action, answer)
      return
    case 'reset':
      checkReset(truth, answer)
      return
    default:
  }
}

function checkStart(
  truth: Truth,
  { kind, workflowId, program, ...options }: Extract<Action, { kind: 'start' | 'signal_with_start' }>,
  answer: Answer,
): void {
  const begun = runsOf(truth).filter((run) => isFirst(run) && startedOf(run).requestId === program.id)
  const [run, again] = begun
  if (again) throw new InvariantBroken(I1, `start ${program.id} of ${workflowId} began ${begun.length} runs`)
  if (answer.kind === 'refused' && run)
    throw new InvariantBroken(
      I1,
      `start ${program.id} was refused as ${answer.code} and began run ${run.runId}`,
    )
  if (answer.kind !== 'accepted') return
  const told = runsOf(truth).find(({ runId }) => runId === answer.value)
  const joins = kind === 'signal_with_start' || options.idConflict === 'use-existing'
  if (told?.workflowId !== workflowId || (told !== run && !joins))
    throw new InvariantBroken(
      I1,
      `start ${program.id} of ${workflowId} was answered with run ${JSON.stringify(answer.value)}, and began ${run?.runId ?? 'none'}`,
    )
}

function isFirst(run: RecordedRun): boolean {
  return startedOf(run).previousRunId === undefined
}

function checkSignal(
  truth: Truth,
  { payload, signalId }: { payload: string; signalId: string },
  answer: Answer,
): void {
  checkMessage(truth, { answer, what: `signal ${payload}`, signalId, holds: isSignal(payload) })
}

interface Message {
  readonly answer: Answer
  readonly signalId?: string
  readonly what: string
  readonly holds: (event: HistoryEvent) => boolean
}

function isSignal(payload: string): Message['holds'] {
  return (event) => event.type === 'signal_received' && event.payload === payload
}

/** In one history, or in those of runs that took it over from the one before them, each time once. */
function checkMessage(truth: Truth, { answer, what, signalId, holds }: Message): void {
  const runs = runsOf(truth)
  const having = runs.filter(({ events }) => events.some(holds))
  const twice = having.find(({ events }) => events.filter(holds).length > 1)
  if (twice) throw new InvariantBroken(I1, `run ${twice.runId} has ${what} more than once`)
  const ids = new Set(having.map(({ runId }) => runId))
  const origins = having.filter((run) => !ids.has(startedOf(run).previousRunId ?? ''))
  if (origins.length > 1)
    throw new InvariantBroken(I1, `${what} is in the runs ${origins.map(({ runId }) => runId).join()}`)
  const waits = truth.shards.flatMap((shard) => shard.parked).some(({ input }) => isParked(input, what))
  const parked = waits || runs.some((run) => isUnheard(run, signalId))
  if (answer.kind === 'accepted' && having.length === 0 && !parked)
    throw new InvariantBroken(I1, `${what} was accepted and is nowhere`)
  if (answer.kind === 'refused' && (having.length > 0 || parked))
    throw new InvariantBroken(I1, `${what} was refused as ${answer.code} and is in run ${[...ids].join()}`)
}

/** It waited for a run that was ended without having heard of it. */
function isUnheard({ events }: RecordedRun, signalId: string | undefined): boolean {
  const ids = (type: 'signal_received' | 'signals_discarded'): string[] =>
    events.flatMap((event) => {
      if (event.type !== type) return []
      return event.type === 'signal_received' ? [event.signalId] : event.signalIds
    })
  const named = (id: string): boolean => id === signalId
  return ids('signals_discarded').some(named) && !ids('signal_received').some(named)
}

/** Of a run that is paused. */
function isParked(input: string, what: string): boolean {
  return input.includes(JSON.stringify(what.split(' ').at(-1)))
}

/** Under faults the answer may have been lost, and the run closed by itself: then the client's repetition is told so. */
function checkEnding(
  truth: Truth,
  { kind, workflowId }: Action & { workflowId: string },
  answer: Answer,
): void {
  if (answer.kind !== 'accepted') return
  const type = kind === 'cancel' ? 'workflow_cancel_requested' : 'workflow_terminated'
  const runs = runsOf(truth).filter((run) => run.workflowId === workflowId)
  const parked = truth.shards.flatMap((shard) => shard.parked)
  const waits = parked.some(({ run_id }) => runs.some(({ runId }) => runId === run_id))
  if (waits || runs.some(({ events }) => events.some((event) => event.type === type))) return
  const closed = runs.some(({ row }) => row.completed_at !== null)
  if (!truth.faulty || !closed)
    throw new InvariantBroken(I1, `${kind} of ${workflowId} was accepted, and no run of it has ${type}`)
}

function checkReset(truth: Truth, answer: Answer): void {
  if (answer.kind !== 'accepted') return
  const made = runsOf(truth).find(({ runId }) => runId === answer.value)
  if (!made?.events.some(({ type }) => type === 'workflow_reset'))
    throw new InvariantBroken(
      I1,
      `a reset was answered with run ${JSON.stringify(answer.value)}, which was not made by one`,
    )
}

/** What one workflow sent to another, and was told to have arrived. */
function checkExternals(truth: Truth): void {
  for (const { events: all, runId } of runsOf(truth)) {
    // What a run that was reset has taken over was sent by that one.
    const events = all.slice(all.findLastIndex(({ type }) => type === 'workflow_reset') + 1)
    for (const event of events) {
      if (event.type !== 'external_signal_requested') continue
      const { seq, payload } = event
      const end = events.find(
        (one) => 'seq' in one && one.seq === seq && one.type.endsWith('ed') && one !== event,
      )
      const holds = (one: HistoryEvent) =>
        one.type === 'signal_received' && one.payload === payload && one.signalId === signalId
      const signalId = `external:${runId}/${seq}`
      const what = `signal ${signalId}`
      if (end?.type === 'external_signal_delivered')
        checkMessage(truth, { answer: { kind: 'accepted', value: null }, what, signalId, holds })
      if (end?.type === 'external_signal_failed') {
        const refused = { kind: 'refused', code: end.error.code, message: end.error.message } as const
        checkMessage(truth, { answer: refused, what, signalId, holds })
      }
    }
  }
}

function checkFinished(truth: Truth, key: string): void {
  const runs = runsOf(truth)
  const completed = runs.some(({ events }) =>
    events.some((event) => event.type === 'activity_completed' && event.result === key),
  )
  const parked = truth.shards.flatMap((shard) => shard.parked).some(({ input }) => input.includes(`"${key}"`))
  if (!completed && !parked && !runs.some((run) => endsUnheard(truth, run, key)))
    throw new InvariantBroken(I1, `the end of ${key} was accepted, and no run has it`)
}

/** It waited for a run that was ended while it stood: without the end of an activity that it had asked for. */
function endsUnheard({ watched }: Truth, run: RecordedRun, key: string): boolean {
  const asked = run.events.some((event) => event.type === 'activity_scheduled' && isOf(event.input, key))
  return asked && watched.stood.has(run.runId)
}

function isOf(input: unknown, key: string): boolean {
  return typeof input === 'object' && input !== null && 'key' in input && input.key === key
}
