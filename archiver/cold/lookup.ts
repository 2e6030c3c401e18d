/**
 * One run out of the cold tier: the file by day and bounds, its row groups by the order they are sorted in.
 *
 * T1 It answers events of that run, in order and without gap, or throws.
 * T2 A file that is not known to be sorted, as other engines write them, is looked through from its beginning.
 */
import type { RunPage, RunPageRequest } from '../../shared/archive.ts'
import { ArchiveError } from '../error.ts'
import { longsOf, stringsOf, textAt, type Frame } from '../frame.ts'
import { compareBytes, dayOf } from '../iceberg/bounds.ts'
import type { DataFile } from '../iceberg/file.ts'
import { liveFiles } from '../iceberg/live.ts'
import { Page } from '../page.ts'
import { FrameBuilder } from '../build.ts'
import { historyColumns } from '../columns.ts'
import { historyOrder, SORT_ORDER_ID } from './order.ts'
import { ColdSource } from './sources.ts'
import { tableNames, type ColdTier } from './tier.ts'

type Run = Omit<RunPageRequest, 'fromEvent' | 'maxBytes'>

export async function readCold(cold: ColdTier, request: RunPageRequest): Promise<RunPage> {
  const rows = await rowsOf(cold, request)
  const page = new Page(request.maxBytes)
  const next = page.add(rows, request.fromEvent, request.fromEvent - 1)
  return page.taken(next)
}

export async function readColdEnds(cold: ColdTier, run: Run): Promise<RunPage> {
  const rows = await rowsOf(cold, run)
  const page = new Page(Infinity)
  page.addRow(rows, 0)
  if (rows.rows > 1) page.addRow(rows, rows.rows - 1)
  return page.taken()
}

async function rowsOf(cold: ColdTier, run: Run): Promise<Frame> {
  const { catalog, warehouse } = cold
  const loaded = await catalog.load(tableNames.history)
  const missing = (problem: string): ArchiveError =>
    new ArchiveError('object_missing', `${run.workflowId}/${run.runId}`, problem)
  if (loaded === null) throw missing('there is no cold tier')
  const builder = new FrameBuilder(historyColumns)
  const days = [dayOf(run.closedAt), dayOf(run.closedAt)] as const
  const equals = { workflow_id: run.workflowId, run_id: run.runId }
  for await (const file of liveFiles(loaded.metadata, warehouse, { days, equals })) {
    await copyRows(cold, run, { file, builder })
    if (builder.rows >= run.historyLength) break
  }
  const rows = builder.take()
  const ids = longsOf(rows, 'event_id')
  const whole = rows.rows === run.historyLength && ids.every((id, row) => id === BigInt(row + 1))
  if (!whole) throw missing(`the cold tier has ${rows.rows} of its ${run.historyLength} events`)
  return rows
}

async function copyRows(
  { warehouse }: ColdTier,
  run: Run,
  { file, builder }: { file: DataFile; builder: FrameBuilder },
): Promise<void> {
  using source = await ColdSource.open(warehouse, file.location, historyOrder)
  const sorted = file.sortOrderId === SORT_ORDER_ID
  if (sorted) await source.seek(['workflow_id', 'run_id'], (keys) => compareToRun(keys, run) >= 0)
  for (let frame = await source.next(); frame !== null; frame = await source.next()) {
    let from = 0
    while (from < frame.rows) {
      const to = historyOrder.sliceEnd(frame, from)
      if (isOf(run, frame, from)) builder.copy(frame, from, to)
      from = to
    }
    if (builder.rows >= run.historyLength || (sorted && compareToRun(frame, run) > 0)) return
  }
}

/** Of the frame's last row. */
function compareToRun(frame: Frame, run: Run): number {
  const at = (name: string): string => textAt(stringsOf(frame, name), frame.rows - 1) ?? ''
  return compareTexts(at('workflow_id'), run.workflowId) || compareTexts(at('run_id'), run.runId)
}

const encoder = new TextEncoder()

function compareTexts(one: string, other: string): number {
  return compareBytes(encoder.encode(one), encoder.encode(other))
}

function isOf(run: Run, frame: Frame, row: number): boolean {
  return (
    textAt(stringsOf(frame, 'run_id'), row) === run.runId &&
    textAt(stringsOf(frame, 'workflow_id'), row) === run.workflowId
  )
}
