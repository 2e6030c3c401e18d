/** How the rows of each table are sorted, and which of them always stay together. */
import { executionColumns, historyColumns, type Column } from '../columns.ts'
import { compareCells, longsOf, stringsOf, type Frame } from '../frame.ts'

/** What each table calls its order. */
export const SORT_ORDER_ID = 1

/** Rows `from` to `to` of a frame. */
export interface Slice {
  readonly frame: Frame
  readonly from: number
  readonly to: number
}

export interface Order {
  readonly columns: readonly Column[]
  /** Those that have one value in all rows of a slice. */
  readonly constant: ReadonlySet<string>
  /** Where the slice that begins with row `from` ends. */
  sliceEnd(frame: Frame, from: number): number
  /** The order of two slices. */
  compare(one: Slice, other: Slice): number
}

/** A slice is consecutive events of one run. */
export const historyOrder: Order = {
  columns: historyColumns,
  constant: new Set(
    ['namespace', 'workflow_id', 'run_id', 'workflow_type', 'task_queue', 'closed_at'].concat(
      'archive_batch_id',
    ),
  ),
  sliceEnd(frame, from) {
    const runIds = stringsOf(frame, 'run_id')
    const workflowIds = stringsOf(frame, 'workflow_id')
    const eventIds = longsOf(frame, 'event_id')
    let row = from + 1
    while (
      row < frame.rows &&
      eventIds[row] === (eventIds[row - 1] ?? 0n) + 1n &&
      compareCells({ strings: runIds, row }, { strings: runIds, row: from }) === 0 &&
      compareCells({ strings: workflowIds, row }, { strings: workflowIds, row: from }) === 0
    ) {
      row++
    }
    return row
  },
  compare: (one, other) =>
    compareStrings('workflow_id', one, other) ||
    compareStrings('run_id', one, other) ||
    compareLongs('event_id', one, other),
}

/** A slice is one execution. */
export const executionOrder: Order = {
  columns: executionColumns,
  constant: new Set(),
  sliceEnd: (_frame, from) => from + 1,
  compare: (one, other) =>
    compareLongs('closed_at', one, other) ||
    compareStrings('workflow_id', one, other) ||
    compareStrings('run_id', one, other),
}

function compareStrings(name: string, one: Slice, other: Slice): number {
  return compareCells(
    { strings: stringsOf(one.frame, name), row: one.from },
    { strings: stringsOf(other.frame, name), row: other.from },
  )
}

function compareLongs(name: string, one: Slice, other: Slice): number {
  const [a, b] = [longsOf(one.frame, name)[one.from] ?? 0n, longsOf(other.frame, name)[other.from] ?? 0n]
  return Number(a > b) - Number(a < b)
}
