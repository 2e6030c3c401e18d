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

/** An event as its row has it: `data` is its JSON without `type` and `at`. */
export interface EventRow {
  readonly type: string
  readonly at: number
  readonly data: string
}

/** Appends events of a run, the first of which has id `firstEvent`. */
export function appendEvents(
  builder: FrameBuilder,
  run: ProposedRun & Proposal,
  from: { events: readonly EventRow[]; firstEvent: number },
): void {
  const { events, firstEvent } = from
  const ids = builder.long('event_id')
  const times = builder.long('timestamp')
  for (const [index, { at }] of events.entries()) {
    ids.push(BigInt(firstEvent + index))
    times.push(micros(at))
  }
  builder.string('event_type').pushAll(events.map(({ type }) => type))
  builder.string('event_data').pushAll(events.map(({ data }) => data))
  const count = events.length
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
export function eventsOf(run: ProposedRun, turns: readonly string[]): EventRow[] {
  for (const text of [run.workflowId, run.runId, run.workflowType, run.taskQueue]) {
    if (!text.isWellFormed()) throw new Poisoned(run.runId, `${JSON.stringify(text)} is not Unicode`)
  }
  return turns.flatMap((turn) => eventsOfTurn(run, turn))
}

function eventsOfTurn(run: ProposedRun, turn: string): EventRow[] {
  // Where the next event's text begins; -1 once the turn turns out to be written in another way than shards do.
  let from = 1
  return parsedTurn(run, turn).map((event, index, { length }) => {
    if (!isEvent(event)) throw new Poisoned(run.runId, `an event of it has no type or no time`)
    const end = index === length - 1 ? turn.length - 1 : objectEnd(turn, from)
    const data = dataWithin(turn, { from, end }, event)
    from = data === null ? -1 : end + 1
    return { type: event.type, at: event.at, data: data ?? dataOf(event) }
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

/**
 * The event's data out of its text, if `type` and `at` stand in front of it, as shards write them: cut out, it need not
 * be written again. Null otherwise.
 */
function dataWithin(
  turn: string,
  { from, end }: { from: number; end: number },
  { type, at }: HistoryEvent,
): string | null {
  const front = `{"type":"${type}","at":${at}`
  if (from < 0 || turn[end - 1] !== '}' || !turn.startsWith(front, from)) return null
  const next = from + front.length
  if (turn[next] === ',') return `{${turn.slice(next + 1, end)}`
  return next === end - 1 ? '{}' : null
}

function dataOf(event: HistoryEvent): string {
  const { type: _type, at: _at, ...data } = event
  return JSON.stringify(data)
}

const [QUOTE, BACKSLASH, OPEN, CLOSE] = [0x22, 0x5c, 0x7b, 0x7d]

/** Behind the object that begins at `from`, in text that is known to be JSON. */
function objectEnd(text: string, from: number): number {
  let depth = 0
  for (let i = Math.max(0, from); i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === QUOTE) i = closingQuote(text, i)
    else if (unit === OPEN) depth++
    else if (unit === CLOSE && --depth === 0) return i + 1
  }
  return text.length
}

function closingQuote(text: string, opening: number): number {
  let quote = opening
  do quote = text.indexOf('"', quote + 1)
  while (isEscaped(text, quote))
  return quote
}

/** Whether an odd number of backslashes stands in front. */
function isEscaped(text: string, at: number): boolean {
  let first = at
  while (text.charCodeAt(first - 1) === BACKSLASH) first--
  return (at - first) % 2 === 1
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
