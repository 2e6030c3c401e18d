/** What `workflow_executions` says of a run, read off its history: the first event begins it, the last one closes it. */
import { closingEvent, failureOf } from '../../shared/core/closing.ts'
import type { HistoryEvent } from '../../shared/core/events.ts'
import { FrameBuilder } from '../build.ts'
import { executionColumns } from '../columns.ts'
import { ArchiveError } from '../error.ts'
import { RunFields } from '../fields.ts'
import { longsOf, release, stringsOf, textAt, type Frame } from '../frame.ts'
import { eventJson, micros } from '../rows.ts'
import type { Slice } from './order.ts'

/** Gathers executions out of slices that come in the order of history. */
export class ExecutionGatherer {
  readonly #builder = new FrameBuilder(executionColumns)
  #run: { runId: string; started: HistoryEvent; fields: RunFields; bytes: number } | null = null

  get bytes(): number {
    return this.#builder.bytes
  }

  add(slice: Slice): void {
    const { frame, from, to } = slice
    const runId = textAt(stringsOf(frame, 'run_id'), from) ?? ''
    if (longsOf(frame, 'event_id')[from] === 1n) {
      const started = eventAt(frame, from)
      this.#run = { runId, started, fields: new RunFields(), bytes: 0 }
      this.#run.fields.take(started)
    }
    const run = this.#run
    if (run === null || run.runId !== runId) {
      throw new ArchiveError('batch_invalid', runId, `its events do not begin with the first`)
    }
    run.bytes += eventsLength(slice)
    run.fields.add(slice)
    const type = textAt(stringsOf(frame, 'event_type'), to - 1)
    if (type?.startsWith('workflow_') !== true) return
    const last = eventAt(frame, to - 1)
    const closing = closingEvent([last])
    if (closing === null || run.started.type !== 'workflow_started') return
    this.#append(slice, { ...closing, started: run.started, fields: run.fields, bytes: run.bytes })
    this.#run = null
  }

  /** The executions so far, sorted by (closed_at, workflow_id). */
  taken(): Frame {
    const frame = this.#builder.take()
    const closed = longsOf(frame, 'closed_at')
    // The slices came by workflow id, and the sort is stable.
    const order = Array.from({ length: frame.rows }, (_, row) => row).toSorted((a, b) =>
      Number((closed[a] ?? 0n) - (closed[b] ?? 0n)),
    )
    for (const row of order) this.#builder.copy(frame, row, row + 1)
    release(frame)
    return this.#builder.take()
  }

  #append({ frame, to }: Slice, run: Closed): void {
    const { started, fields, event, status } = run
    const row = to - 1
    const same = (name: string): string => textAt(stringsOf(frame, name), row) ?? ''
    const failure = failureOf(event)
    const batchId = same('archive_batch_id')
    const strings: Record<string, string | null> = {
      namespace: same('namespace'),
      workflow_id: same('workflow_id'),
      run_id: same('run_id'),
      workflow_type: same('workflow_type'),
      task_queue: same('task_queue'),
      status,
      parent_workflow_id: started.parent?.workflowId ?? null,
      parent_run_id: started.parent?.runId ?? null,
      input: json(started.input),
      result: 'result' in event ? json(event.result) : null,
      failure: json(failure),
      memo: json(fields.memo),
      search_attributes: json(fields.searchAttributes),
      shard_id: batchId.slice(0, batchId.indexOf('-')),
      archive_batch_id: batchId,
    }
    for (const [name, text] of Object.entries(strings)) {
      if (text === null) this.#builder.string(name).pushNull()
      else this.#builder.string(name).push(text)
    }
    this.#builder.long('started_at').push(micros(started.at))
    this.#builder.long('closed_at').push(longsOf(frame, 'closed_at')[row] ?? 0n)
    this.#builder.long('history_length').push(longsOf(frame, 'event_id')[row] ?? 0n)
    this.#builder.long('history_bytes').push(BigInt(run.bytes))
    this.#builder.added(1)
  }
}

type Closed = NonNullable<ReturnType<typeof closingEvent>> & {
  started: Extract<HistoryEvent, { type: 'workflow_started' }>
  fields: RunFields
  bytes: number
}

function eventAt(frame: Frame, row: number): HistoryEvent {
  return JSON.parse(eventJson(frame, row)) as HistoryEvent // as the shard recorded it
}

function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value)
}

/** `{"type":"","at":` around the type and the time, whose place in the event's JSON is known. */
const AROUND = '{"type":"","at":'.length

/** Length of the events' JSON in UTF-16 units, as the shard counts it; nothing is decoded. */
export function eventsLength({ frame, from, to }: Slice): number {
  const types = stringsOf(frame, 'event_type').offsets
  const { offsets, bytes } = stringsOf(frame, 'event_data')
  const times = longsOf(frame, 'timestamp')
  let units = (to - from) * AROUND + (types[to] ?? 0) - (types[from] ?? 0)
  for (let row = from; row < to; row++) {
    units += digits(Number((times[row] ?? 0n) / 1000n))
    const [start, end] = [offsets[row] ?? 0, offsets[row + 1] ?? 0]
    // `{}` leaves its closing brace; anything else is written whole, a comma in place of its opening brace.
    units += end - start === 2 ? 1 : end - start
  }
  return units - surplus(bytes, offsets[from] ?? 0, offsets[to] ?? 0)
}

/** By how much UTF-8 is longer than UTF-16: two and three bytes are one unit, four bytes are two. */
function surplus(bytes: Uint8Array, start: number, end: number): number {
  let more = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0
    if (byte < 0x80) continue
    if (byte < 0xc0) more++
    else if (byte >= 0xf0) more--
  }
  return more
}

function digits(at: number): number {
  return at >= 1e12 && at < 1e13 ? 13 : String(at).length
}
