/** I10: a history is one story, with a beginning, at most one end, and code that tells it again. */
import { closedStatus } from '../../../shared/core/events.ts'
import type { HistoryEvent } from '../../../shared/core/events.ts'
import type { RecordedRun } from '../recorded.ts'
import { InvariantBroken, runsOf } from './truth.ts'
import type { Truth } from './truth.ts'

const I10 = 'I10 histories'

export function historiesAreWhole(truth: Truth): void {
  for (const { strays } of truth.shards)
    if (strays[0]) throw new InvariantBroken(I10, `turns of run ${strays[0].run_id}, which has no row`)
  for (const run of runsOf(truth)) {
    if (run.row.archive_batch !== null) continue
    checkContiguous(run)
    checkEnds(run)
    checkTimes(run)
    const difference = truth.replayed.get(run.runId)?.difference
    if (difference !== null && run.row.blocked === null)
      throw broken(run, `it does not replay: ${difference ?? 'it has no history'}`)
  }
}

function checkContiguous(run: RecordedRun): void {
  let next = 1
  for (const turn of run.turns) {
    if (turn.first_event_id !== next)
      throw broken(run, `event ${next} is to follow, and a turn begins with ${turn.first_event_id}`)
    if (turn.event_count !== turn.events.length)
      throw broken(run, `a turn counts ${turn.event_count} events and has ${turn.events.length}`)
    next += turn.event_count
  }
}

function checkEnds(run: RecordedRun): void {
  const starts = run.events.filter(({ type }) => type === 'workflow_started')
  if (starts.length !== 1 || run.events[0] !== starts[0])
    throw broken(run, `it has ${starts.length} starts, and begins with ${run.events[0]?.type ?? 'nothing'}`)
  const ends = run.events.flatMap(({ type }, index) => (closedStatus(type) === null ? [] : [index]))
  // A reset keeps no end of the run that it was made from.
  if (ends.length > 1) throw broken(run, `it ends ${ends.length} times`)
  const [end] = ends
  const open = run.row.completed_at === null
  if (open !== (end === undefined)) throw broken(run, `its row says ${run.row.status}, its history otherwise`)
  const after = end === undefined ? undefined : run.events[end + 1]
  if (after) throw broken(run, `${after.type} follows its end`)
}

function checkTimes(run: RecordedRun): void {
  let at = 0
  for (const event of run.events) {
    if (event.at < at) throw broken(run, `${event.type} is earlier than the event before it`)
    at = event.at
  }
}

function broken(run: RecordedRun, what: string): InvariantBroken {
  return new InvariantBroken(I10, `run ${run.runId} of ${run.workflowId}: ${what}; ${typesOf(run.events)}`)
}

function typesOf(events: readonly HistoryEvent[]): string {
  return events.map(({ type }) => type).join(', ')
}
