/**
 * Runs of a batch as rows of the warm table, which has the columns of the Iceberg table `workflow_history`: one row per
 * event.
 *
 * W1 Rows are sorted by (workflow_id, run_id, event_id), strings by their UTF-8 bytes: the order of SQLite, of Parquet
 *    statistics and of Iceberg.
 * W2 `event_data` is the event's JSON without `type` and `at`, which have columns of their own; put back in front of it
 *    they give the event.
 */
import type { HistoryEvent } from '../shared/core/events.ts'
import type { ArchiveBatch, ArchivedRun } from '../shared/archive.ts'
import { ArchiveError } from './error.ts'
import { longsOf, stringsOf, type Column, type ColumnValues, type Frame } from './parquet.ts'

export const historyColumns: readonly Column[] = [
  { id: 1, name: 'namespace', type: 'string', required: true, dictionary: true },
  { id: 2, name: 'workflow_id', type: 'string', required: true, dictionary: true },
  { id: 3, name: 'run_id', type: 'string', required: true, dictionary: true },
  { id: 4, name: 'event_id', type: 'long', required: true, dictionary: false },
  { id: 5, name: 'event_type', type: 'string', required: true, dictionary: true },
  { id: 6, name: 'event_data', type: 'string', required: true, dictionary: false },
  { id: 7, name: 'timestamp', type: 'timestamptz', required: true, dictionary: false },
  { id: 8, name: 'workflow_type', type: 'string', required: true, dictionary: true },
  { id: 9, name: 'task_queue', type: 'string', required: false, dictionary: true },
  { id: 10, name: 'closed_at', type: 'timestamptz', required: true, dictionary: true },
  { id: 11, name: 'archive_batch_id', type: 'string', required: true, dictionary: true },
]

/** The columns that `eventsJson` and a check of identity need. */
export const eventColumns = ['workflow_id', 'run_id', 'event_id', 'event_type', 'event_data', 'timestamp']

/** One run on its way into an object: its own columns, and how large they are as Arrow. */
export interface RunRows {
  readonly run: ArchivedRun
  /** `event_data` of each event. */
  readonly eventData: readonly string[]
  readonly arrowBytes: number
}

/** The runs of `batch` in the order of W1. */
export function runsOf(batch: ArchiveBatch): RunRows[] {
  return batch.runs
    .toSorted(
      ({ execution: a }, { execution: b }) =>
        compareUtf8(a.workflowId, b.workflowId) || compareUtf8(a.runId, b.runId),
    )
    .map((run) => runRows(run, batch.batchId))
}

export function historyFrame(runs: readonly RunRows[], batchId: string): Frame {
  const each = <T>(value: (rows: RunRows, event: HistoryEvent, index: number) => T): T[] =>
    runs.flatMap((run) => run.run.events.map((event, index) => value(run, event, index)))
  const values = {
    namespace: each(({ run }) => run.execution.namespace),
    workflow_id: each(({ run }) => run.execution.workflowId),
    run_id: each(({ run }) => run.execution.runId),
    event_id: BigInt64Array.from(each((_, __, index) => BigInt(index + 1))),
    event_type: each((_, event) => event.type),
    event_data: runs.flatMap(({ eventData }) => eventData),
    timestamp: BigInt64Array.from(each((_, event) => micros(event.at))),
    workflow_type: each(({ run }) => run.execution.workflowType),
    task_queue: each(({ run }) => run.execution.taskQueue),
    closed_at: BigInt64Array.from(each(({ run }) => micros(run.execution.closedAt))),
    archive_batch_id: each(() => batchId),
  }
  return { rows: values.event_id.length, values: new Map<string, ColumnValues>(Object.entries(values)) }
}

/** Why the rows are not the history of `run` from its first event on, or null when they are. */
export function differsFromRun(frame: Frame, run: { workflowId: string; runId: string }): string | null {
  const workflowIds = stringsOf(frame, 'workflow_id')
  const runIds = stringsOf(frame, 'run_id')
  const eventIds = longsOf(frame, 'event_id')
  for (let i = 0; i < frame.rows; i++) {
    if (workflowIds[i] !== run.workflowId || runIds[i] !== run.runId) {
      return `row ${i} belongs to run ${runIds[i]} of workflow ${workflowIds[i]}`
    }
    if (eventIds[i] !== BigInt(i + 1)) return `row ${i} holds event ${eventIds[i]}, not ${i + 1}`
  }
  return null
}

/** The rows' events as a JSON array, without parsing any. */
export function eventsJson(frame: Frame): string {
  const types = stringsOf(frame, 'event_type')
  const data = stringsOf(frame, 'event_data')
  const times = longsOf(frame, 'timestamp')
  const events: string[] = []
  for (let i = 0; i < frame.rows; i++) {
    const rest = data[i] === '{}' ? '}' : `,${data[i]?.slice(1)}`
    events.push(`{"type":${JSON.stringify(types[i])},"at":${(times[i] ?? 0n) / 1000n}${rest}`)
  }
  return `[${events.join(',')}]`
}

/** The order of the strings' UTF-8 bytes; `<` orders UTF-16 units, where a surrogate pair sorts before U+E000. */
export function compareUtf8(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) {
    const difference = byteRank(a.charCodeAt(i)) - byteRank(b.charCodeAt(i))
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

function byteRank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** Offsets of eight strings, three numbers. */
const FIXED_BYTES_PER_ROW = 8 * 4 + 3 * 8

function runRows(run: ArchivedRun, batchId: string): RunRows {
  const { namespace, workflowId, runId, workflowType, taskQueue } = run.execution
  if (run.events.length === 0) {
    throw new ArchiveError('batch_invalid', batchId, `run ${runId} of workflow ${workflowId} has no events`)
  }
  for (const text of [namespace, workflowId, runId, workflowType, taskQueue]) {
    if (!text.isWellFormed())
      throw new ArchiveError('batch_invalid', batchId, `${text} of run ${runId} is not Unicode`)
  }
  const perRow = utf8Bytes(namespace + workflowId + runId + workflowType + taskQueue + batchId)
  const eventData = run.events.map((event) => JSON.stringify({ ...event, type: undefined, at: undefined }))
  const arrowBytes = run.events.reduce(
    (sum, { type }, i) => sum + FIXED_BYTES_PER_ROW + perRow + type.length + utf8Bytes(eventData[i] ?? ''),
    0,
  )
  return { run, eventData, arrowBytes }
}

const encoder = new TextEncoder()

function utf8Bytes(text: string): number {
  return encoder.encode(text).length
}

/** Through BigInt from the start: as a double, microseconds lose their last digits in some 250 years. */
function micros(epochMs: number): bigint {
  return BigInt(epochMs) * 1000n
}
