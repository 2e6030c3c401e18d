/** I2: rows are what folding the history gives, no more and no less. */
import { beganAt, deadlineOf } from '../../../shared/core/chain.ts'
import { closingEvent, failureOf, nextRunOf } from '../../../shared/core/closing.ts'
import type { RunState } from '../../../shared/core/state.ts'
import { folded, startedOf } from '../recorded.ts'
import type { RecordedRun, RecordedShard } from '../recorded.ts'
import { endedBeside, unwrittenOf } from '../unwritten.ts'
import { InvariantBroken } from './truth.ts'
import type { Truth } from './truth.ts'

const I2 = 'I2 projections'

export function rowsAreTheFold(truth: Truth): void {
  for (const shard of truth.shards) {
    for (const run of shard.runs) {
      if (run.row.archive_batch !== null) continue
      const state = folded(run)
      checkRow(run, state)
      checkCalls(run, state, shard)
      checkInbox(run, shard, truth)
    }
    checkIds(shard)
  }
}

function checkRow(run: RecordedRun, state: RunState): void {
  const { row } = run
  const started = startedOf(run)
  const end = closingEvent(run.events)
  const expected = {
    status: end?.status ?? (state.paused ? 'paused' : 'running'),
    workflow_type: started.workflowType,
    task_queue: started.taskQueue,
    started_at: beganAt(started),
    deadline_at: deadlineOf(started) ?? null,
    input: json(started.input),
    parent: json(started.parent),
    memo: fields(state.memo),
    search_attributes: fields(state.searchAttributes),
    first_run_id: started.firstRunId ?? null,
    completed_at: end?.event.at ?? null,
    result: end && 'result' in end.event ? json(end.event.result) : null,
    error: end ? stackless(failureOf(end.event)) : null,
    next_run_id: (end && nextRunOf(end.event)) ?? null,
    history_length: end ? run.events.length : null,
  }
  const rows = { ...row, error: row.error === null ? null : stackless(JSON.parse(row.error)) }
  for (const [column, value] of Object.entries(expected)) {
    const found = rows[column as keyof typeof expected] // its own key
    if (found !== value) throw broken(run, `${column} is ${String(found)}, its history says ${String(value)}`)
  }
}

function checkCalls(run: RecordedRun, state: RunState, shard: RecordedShard): void {
  const open = state.closed === null
  const rows = shard.tasks.filter(({ run_id }) => run_id === run.runId)
  const activities = rows.filter(({ kind }) => kind === 'activity').map(({ seq }) => seq)
  const ended = endedBeside(run, shard)
  const unwritten = unwrittenOf(run, shard)
  const expected = [...state.activities.keys()].filter(
    (seq) => !ended.includes(seq) && !unwritten.includes(seq),
  )
  same(run, 'activities', { rows: activities, fold: open ? expected : [] })
  const steps = rows.filter(({ kind }) => kind === 'step').map(({ seq }) => seq)
  const strange = steps.find((seq) => !open || !state.steps.has(seq))
  if (strange !== undefined) throw broken(run, `a row of step ${strange}, which is not open`)
  for (const task of rows) {
    const requested = state.activities.get(task.seq)?.cancelRequested ?? false
    if (task.kind === 'activity' && requested !== (task.cancel_requested === 1))
      throw broken(
        run,
        `activity ${task.seq} is ${requested ? '' : 'not '}to be cancelled, its row says otherwise`,
      )
  }
  const timers = shard.timers.filter(({ run_id }) => run_id === run.runId)
  same(run, 'timers', { rows: timers.map(({ seq }) => seq), fold: open ? state.timers.keys() : [] })
  for (const { seq, fire_at } of timers)
    if (state.timers.get(seq) !== fire_at) throw broken(run, `timer ${seq} is due ${fire_at}`)
}

/** Signals that the code has not taken, as its replay shows. */
function checkInbox(run: RecordedRun, shard: RecordedShard, truth: Truth): void {
  const rows = shard.signals.filter(({ run_id }) => run_id === run.runId).map(({ signal_id }) => signal_id)
  if (run.row.completed_at !== null) same(run, 'signals', { rows, fold: [] })
  else if (run.row.blocked === null)
    same(run, 'signals', { rows, fold: truth.replayed.get(run.runId)?.unread ?? [] })
}

function checkIds({ runs, ids }: RecordedShard): void {
  for (const [workflowId, own] of Map.groupBy(runs, (run) => run.workflowId)) {
    const open = own.filter(({ row }) => row.completed_at === null)
    if (open.length > 1) throw new InvariantBroken(I2, `${workflowId} has ${open.length} open runs`)
    const latest = own
      .map(({ runId }) => runId)
      .toSorted()
      .at(-1)
    const row = ids.find(({ workflow_id }) => workflow_id === workflowId)
    if (row?.run_id !== latest)
      throw new InvariantBroken(
        I2,
        `${workflowId} is known by run ${row?.run_id ?? 'none'}, not by ${latest}`,
      )
  }
}

function same(
  run: RecordedRun,
  what: string,
  { rows, fold }: { rows: Iterable<string | number>; fold: Iterable<string | number> },
): void {
  const [found, expected] = [sorted(rows), sorted(fold)]
  if (found !== expected) throw broken(run, `rows of ${what}: [${found}], its history has [${expected}] open`)
}

function sorted(values: Iterable<string | number>): string {
  return Array.from(values, String)
    .toSorted((one, other) => (one < other ? -1 : 1))
    .join()
}

function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value)
}

/** The stack is of whoever makes the error. */
function stackless(error: unknown): string | null {
  return error === undefined
    ? null
    : JSON.stringify(error, (key, value: unknown) => (key === 'stack' ? undefined : value))
}

function fields(value: object): string | null {
  return Object.keys(value).length === 0 ? null : JSON.stringify(value)
}

function broken(run: RecordedRun, what: string): InvariantBroken {
  return new InvariantBroken(I2, `run ${run.runId} of ${run.workflowId}: ${what}`)
}
