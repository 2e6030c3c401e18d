/** I4: a signal is read once, or waits; those of one sender in the order in which they were sent. */
import type { HistoryEvent } from '../../../shared/core/events.ts'
import { startedOf } from '../recorded.ts'
import type { RecordedRun } from '../recorded.ts'
import { InvariantBroken, runsOf } from './truth.ts'
import type { Truth } from './truth.ts'

const I4 = 'I4 signals'

export function signalsAreReadOnce(truth: Truth): void {
  const runs = runsOf(truth)
  for (const run of runs) {
    if (run.row.archive_batch !== null) continue
    checkOrder(truth, run)
    const unread = truth.replayed.get(run.runId)?.unread ?? []
    const next = runs.find(({ runId }) => runId === run.row.next_run_id)
    if (next && !next.events.some(({ type }) => type === 'workflow_reset')) checkCarried(run, unread, next)
    else if (!next && run.row.completed_at !== null) checkDiscarded(run, unread)
  }
}

/** Of what was answered: a call that was given up may arrive after the one that followed it. */
function checkOrder(truth: Truth, run: RecordedRun): void {
  const sent = truth.scenario.actions.flatMap((action, index) => {
    const accepted = truth.seen.answers.get(index)?.kind === 'accepted'
    return accepted && action.kind === 'signal' ? [{ sender: action.by, payload: action.payload, index }] : []
  })
  const places = new Map(sent.map((one) => [one.payload, one]))
  const last = new Map<number, number>()
  for (const payload of received(run.events)) {
    const one = places.get(String(payload))
    if (!one) continue
    if ((last.get(one.sender) ?? -1) > one.index)
      throw broken(run, `signal ${one.payload} came after one that its sender sent later`)
    last.set(one.sender, one.index)
  }
}

function received(events: readonly HistoryEvent[]): unknown[] {
  return events.flatMap((event) => (event.type === 'signal_received' ? [event.payload] : []))
}

function receivedIds(events: readonly HistoryEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'signal_received' ? [event.signalId] : []))
}

function checkCarried(run: RecordedRun, unread: readonly string[], next: RecordedRun): void {
  const ids = receivedIds(next.events)
  const own = new Set(receivedIds(run.events))
  const carried = ids.filter((signalId) => own.has(signalId))
  const left = unread.toSorted()
  if (carried.toSorted().join() !== left.join())
    throw broken(
      run,
      `its code left [${left.join()}], and run ${next.runId} received [${carried.join()}] again`,
    )
}

function checkDiscarded(run: RecordedRun, unread: readonly string[]): void {
  const told = run.events.flatMap((event) => (event.type === 'signals_discarded' ? event.signalIds : []))
  // What was parked for a run that was ended meanwhile was never received.
  const heard = told.filter((signalId) => receivedIds(run.events).includes(signalId))
  const left = unread.toSorted()
  if (heard.toSorted().join() !== left.join())
    throw broken(run, `its code left [${left.join()}], and it tells of [${told.join()}]`)
}

function broken(run: RecordedRun, what: string): InvariantBroken {
  return new InvariantBroken(
    I4,
    `run ${run.runId} of ${run.workflowId} (${startedOf(run).workflowType}): ${what}`,
  )
}
