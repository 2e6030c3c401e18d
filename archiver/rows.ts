/**
 * Runs as rows of the history table: one row per event.
 *
 * W1 Rows are sorted by (workflow_id, run_id, event_id), strings by their UTF-8 bytes: the order of SQLite, of Parquet
 *    statistics and of Iceberg.
 * W2 `event_data` is the event's JSON without `type` and `at`, which have columns of their own; put back in front of it
 *    they give the event.
 */
import type { HistoryEvent } from '../shared/core/events.ts'
import type { ProposedRun } from '../shared/archive.ts'
import type { FrameBuilder } from './build.ts'
import { longsOf, stringsOf, textAt, type Frame } from './frame.ts'

/** Who proposed a run, as its rows say. */
export interface Proposal {
  readonly namespace: string
  readonly batchId: string
}

/** Some of a run cannot be archived: the run is taken out of its batch. */
export class Poisoned extends Error {
  override readonly name = 'Poisoned'
  readonly runId: string
  constructor(runId: string, reason: string) {
    super(`run ${runId}: ${reason}`)
    this.runId = runId
  }
}

/** Appends events of a run, the first of which has id `firstEvent`. */
export function appendEvents(
  builder: FrameBuilder,
  run: ProposedRun & Proposal,
  from: { events: readonly HistoryEvent[]; firstEvent: number },
): void {
  const ids = builder.long('event_id')
  const types = builder.string('event_type')
  const data = builder.string('event_data')
  const times = builder.long('timestamp')
  for (const [index, event] of from.events.entries()) {
    const { type, at, ...rest } = event
    ids.push(BigInt(from.firstEvent + index))
    types.push(type)
    times.push(micros(at))
    data.push(JSON.stringify(rest))
  }
  const count = from.events.length
  builder.string('namespace').repeat(run.namespace, count)
  builder.string('workflow_id').repeat(run.workflowId, count)
  builder.string('run_id').repeat(run.runId, count)
  builder.string('workflow_type').repeat(run.workflowType, count)
  builder.string('task_queue').repeat(run.taskQueue, count)
  builder.long('closed_at').repeat(micros(run.closedAt), count)
  builder.string('archive_batch_id').repeat(run.batchId, count)
  builder.added(count)
}

/** The events of some turns of a run. Throws `Poisoned` for what no row can hold. */
export function eventsOf(run: ProposedRun, turns: readonly string[]): HistoryEvent[] {
  for (const text of [run.workflowId, run.runId, run.workflowType, run.taskQueue]) {
    if (!text.isWellFormed()) throw new Poisoned(run.runId, `${JSON.stringify(text)} is not Unicode`)
  }
  const events: unknown[] = turns.flatMap((turn) => parsedTurn(run, turn))
  return events.map((event) => {
    if (isEvent(event)) return event
    throw new Poisoned(run.runId, `an event of it has no type or no time`)
  })
}

function parsedTurn(run: ProposedRun, turn: string): unknown[] {
  try {
    const events: unknown = JSON.parse(turn)
    if (Array.isArray(events)) return events
  } catch (error) {
    throw new Poisoned(run.runId, `its history is not JSON: ${String(error)}`)
  }
  throw new Poisoned(run.runId, 'a turn of it is no list of events')
}

function isEvent(event: unknown): event is HistoryEvent {
  if (typeof event !== 'object' || event === null) return false
  const { type, at }: { type?: unknown; at?: unknown } = event
  return typeof type === 'string' && type.isWellFormed() && Number.isSafeInteger(at)
}

/** Why the rows are not the events of `run` from `firstEvent` on, or null when they are. */
export function differsFromRun(
  frame: Frame,
  run: { workflowId: string; runId: string },
  firstEvent: number,
): string | null {
  const workflowIds = stringsOf(frame, 'workflow_id')
  const runIds = stringsOf(frame, 'run_id')
  const eventIds = longsOf(frame, 'event_id')
  for (let row = 0; row < frame.rows; row++) {
    const [workflowId, runId] = [textAt(workflowIds, row), textAt(runIds, row)]
    if (workflowId !== run.workflowId || runId !== run.runId) {
      return `row ${row} belongs to run ${runId} of workflow ${workflowId}`
    }
    if (eventIds[row] !== BigInt(firstEvent + row)) return `row ${row} holds event ${eventIds[row]}`
  }
  return null
}

/** Row `row` as the JSON of its event, which is not parsed. */
export function eventJson(frame: Frame, row: number): string {
  const type = textAt(stringsOf(frame, 'event_type'), row)
  const at = (longsOf(frame, 'timestamp')[row] ?? 0n) / 1000n
  const data = textAt(stringsOf(frame, 'event_data'), row) ?? '{}'
  return `{"type":${JSON.stringify(type)},"at":${at}${data === '{}' ? '}' : `,${data.slice(1)}`}`
}

/** Through BigInt from the start: as a double, microseconds lose their last digits in some 250 years. */
export function micros(epochMs: number): bigint {
  return BigInt(epochMs) * 1000n
}
