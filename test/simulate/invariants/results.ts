/** I5: a run ends once, as the model says it may, and everybody is told the same. */
import { factsOf, isStart, untouched } from '../facts.ts'
import { outcomesOf, permits } from '../model.ts'
import type { Outcomes, Told } from '../model.ts'
import type { Ended } from '../observations.ts'
import type { ProgramInput, Value } from '../program.ts'
import { startedOf } from '../recorded.ts'
import type { RecordedRun } from '../recorded.ts'
import type { Action, Scenario } from '../scenario.ts'
import { InvariantBroken, runsOf } from './truth.ts'
import type { Truth } from './truth.ts'

const I5 = 'I5 results'

export function resultsAreAllowed(truth: Truth): void {
  const allowed = outcomesByProgram(truth)
  for (const [firstRunId, runs] of chainsOf(truth)) {
    const last = runs.at(-1)
    const first = runs.find(({ runId }) => runId === firstRunId) ?? runs[0]
    if (!last || !first) continue
    const { program } = inputOf(first)
    const outcomes = allowed.get(program.id)
    if (!outcomes) throw broken(last, `nobody started program ${program.id}`)
    for (const run of runs)
      if (run.row.next_run_id === null && !permits(outcomes, endOf(run)))
        throw broken(run, `it ended as ${JSON.stringify(endOf(run))}; allowed: ${printed(outcomes)}`)
  }
  for (const [index, handle] of truth.seen.handles) checkHandle(truth, index, handle)
  for (const [workflowId, final] of truth.seen.finals) checkFinal(truth, workflowId, final)
  checkUpdates(truth)
  checkLooks(truth)
}

/** By the run that each began with, oldest first. */
function chainsOf(truth: Truth): Map<string, RecordedRun[]> {
  const runs = runsOf(truth).toSorted((one, other) => (one.runId < other.runId ? -1 : 1))
  return Map.groupBy(runs, ({ row, runId }) => row.first_run_id ?? runId)
}

function inputOf(run: RecordedRun): ProgramInput {
  return startedOf(run).input as unknown as ProgramInput // as it was started
}

function endOf({ row }: RecordedRun): Ended | null {
  if (row.completed_at === null) return null
  if (row.status !== 'completed') return { status: row.status }
  return { status: row.status, result: JSON.parse(row.result ?? 'null') as Value } // as the workflow is defined
}

function outcomesByProgram({ scenario, seen, faulty }: Truth): Map<string, Outcomes> {
  const all = new Map<string, Outcomes>()
  for (const action of scenario.actions) {
    const told = outcomesOfAction(action, scenario, { seen, faulty })
    if (!told || !('program' in action)) continue
    all.set(action.program.id, told)
    for (const [programId, outcomes] of told.children) all.set(programId, outcomes)
  }
  return all
}

function outcomesOfAction(
  action: Action,
  scenario: Scenario,
  { seen, faulty }: Pick<Truth, 'seen' | 'faulty'>,
): Told | null {
  const of = (workflowId: string) => factsOf(scenario, seen.answers, { workflowId, faulty })
  if (action.kind === 'schedule') return outcomesOf(action.program, untouched(faulty, of))
  return isStart(action) ? outcomesOf(action.program, of(action.workflowId), action) : null
}

function checkHandle(
  truth: Truth,
  index: number,
  { runId, ended }: { runId: string; ended: Ended | null },
): void {
  const run = runsOf(truth).find((one) => one.runId === runId)
  if (!run) throw new InvariantBroken(I5, `the handle of action ${index} has run ${runId}, which is nowhere`)
  const chain = chainsOf(truth).get(run.row.first_run_id ?? runId) ?? []
  const ends = chain.filter(({ row }) => row.next_run_id === null).map(endOf)
  // A reset makes a run of one that had ended: its end was told before.
  if (!ends.some((end) => same(end, ended)))
    throw broken(run, `its handle was told ${JSON.stringify(ended)}, it ended as ${JSON.stringify(ends)}`)
}

function checkFinal(
  truth: Truth,
  workflowId: string,
  { runId, ended }: { runId: string; ended: Ended | null },
): void {
  const own = runsOf(truth).filter((run) => run.workflowId === workflowId)
  const last = own.toSorted((one, other) => (one.runId < other.runId ? -1 : 1)).at(-1)
  if (!last || last.runId !== runId)
    throw new InvariantBroken(
      I5,
      `${workflowId} is described as run ${runId}, its last is ${last?.runId ?? 'none'}`,
    )
  if (!same(endOf(last), ended))
    throw broken(
      last,
      `a client is told ${JSON.stringify(ended)}, it ended as ${JSON.stringify(endOf(last))}`,
    )
}

/** What callers of updates were told is what was recorded. */
function checkUpdates(truth: Truth): void {
  const recorded = new Map<string, Value[]>()
  for (const { events } of runsOf(truth))
    for (const event of events) {
      if (event.type !== 'update_completed' && event.type !== 'update_failed') continue
      const value = event.type === 'update_completed' ? (event.result as Value) : `error: ${event.error.code}` // as `add` is defined
      recorded.set(event.updateId, [...(recorded.get(event.updateId) ?? []), value])
    }
  for (const [updateId, told] of truth.seen.updates) {
    const values = recorded.get(updateId) ?? [
      'error: workflow_closed',
      'error: terminated',
      'error: workflow_failed',
    ]
    if (!values.some((value) => JSON.stringify(value) === JSON.stringify(told)))
      throw new InvariantBroken(
        I5,
        `update ${updateId} was answered ${JSON.stringify(told)}, recorded ${JSON.stringify(values)}`,
      )
  }
}

/** What is seen of a run is committed by then, and nothing that was committed before is missing. */
function checkLooks(truth: Truth): void {
  for (const { what, workflowId, runId, before, told, after } of truth.seen.looks)
    if (told < before || told > after)
      throw new InvariantBroken(
        I5,
        `a ${what} of ${workflowId} ${runId} saw ${told} events; ${before} were committed before it, ${after} after it`,
      )
}

function same(one: Ended | null, other: Ended | null): boolean {
  return one?.status === other?.status && JSON.stringify(one?.result) === JSON.stringify(other?.result)
}

function printed({ completed, others, open }: Outcomes): string {
  return JSON.stringify({ completed, others: [...others], open })
}

function broken(run: RecordedRun, what: string): InvariantBroken {
  return new InvariantBroken(I5, `run ${run.runId} of ${run.workflowId}: ${what}`)
}
