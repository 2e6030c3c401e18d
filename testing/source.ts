/** Histories, from wherever they are kept. */
import type { HistoryEvent as RecordedEvent, WorkflowStarted } from '../shared/core/events.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { WorkflowHandle } from '../shared/workflow-handle.ts'
import type { HistoryEvent } from '../shared/info.ts'
import { invalid } from '../shared/names.ts'
import { isFields, lineOf, recordedEvent } from './event.ts'

/** The events of a run, all of them, from the first: as clients are given them, as JSON Lines, or where to read them. */
export type HistorySource =
  | readonly HistoryEvent[]
  | string
  | AsyncIterable<HistoryEvent>
  | Pick<WorkflowHandle, 'history' | 'describe'>

export interface RunIdentity {
  readonly workflowId: string
  readonly runId: string
}

export interface RecordedRun {
  readonly started: WorkflowStarted
  readonly events: readonly RecordedEvent[]
  /** Null where the history does not name its run. */
  readonly run: RunIdentity | null
  /** False for a run that is blocked before its first commands were recorded. */
  readonly complete: boolean
}

/**
 * A history as text, one event a line, to be kept in a file and given to `replayHistory`. Unlike `JSON.stringify` it
 * keeps what JSON has no form for: dates, maps, bytes.
 * `await writeFile('order-1.jsonl', await historyLines(client.getHandle('order-1').history()))`
 */
export async function historyLines(
  history: Iterable<HistoryEvent> | AsyncIterable<HistoryEvent>,
): Promise<string> {
  let lines = ''
  for await (const event of history) lines += `${lineOf(event)}\n`
  return lines
}

export async function recordedRun(source: HistorySource): Promise<RecordedRun> {
  if (typeof source === 'string') return await gathered(parsedLines(source))
  if ('history' in source) return await runOf(source)
  return await gathered(source)
}

async function runOf(handle: Pick<WorkflowHandle, 'history' | 'describe'>): Promise<RecordedRun> {
  const recorded = await gathered(handle.history())
  if (recorded.events.length > 1) return recorded
  const { blocked } = await handle.describe()
  return { ...recorded, complete: blocked === undefined }
}

function* parsedLines(text: string): Generator<unknown> {
  for (const [index, line] of text.split('\n').entries())
    if (line.trim() !== '') yield parsed(line, index + 1)
}

function parsed(line: string, number: number): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    const message = `history must be JSON Lines, one event a line; line ${number} is no JSON`
    throw new WorkflowError('invalid_argument', message, { cause, path: 'history' })
  }
}

async function gathered(source: Iterable<unknown> | AsyncIterable<unknown>): Promise<RecordedRun> {
  const events: RecordedEvent[] = []
  let run: RunIdentity | null = null
  for await (const given of source) {
    const place = `history[${events.length}]`
    if (!isFields(given)) throw invalid(place, 'an event', given)
    if (events.length === 0) run ??= identityIn(given)
    if (events.length === 0 && run && given['type'] === undefined) continue // a line of its own, ahead of the events
    checkNumber(given['eventId'], events.length + 1)
    events.push(recordedEvent(given, place))
  }
  const [started] = events
  if (started?.type === 'workflow_started') return { started, events, run, complete: true }
  throw invalid(
    'history',
    'all the events of a run, from workflow_started',
    started?.type ?? 'an empty history',
  )
}

/** What the client says with the first event. */
function identityIn(first: Record<string, unknown>): RunIdentity | null {
  const { workflowId, runId } = isFields(first['data']) ? first['data'] : first
  return typeof workflowId === 'string' && typeof runId === 'string' ? { workflowId, runId } : null
}

function checkNumber(eventId: unknown, expected: number): void {
  if (eventId === undefined || eventId === expected) return
  throw invalid('history', `all the events of a run, event ${expected} next`, eventId)
}
