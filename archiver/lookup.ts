/**
 * The warm tier, read: some events of one run, by its locator.
 *
 * L1 A page of a run within one object is one GET.
 * L2 It answers events of that run, in order and without gap, or throws; never another run's, never damaged ones.
 */
import type { WarmPiece } from '../shared/archive.ts'
import type { RunPage, RunPageRequest } from '../shared/archive-reader.ts'
import { historyColumns } from './columns.ts'
import { ArchiveError } from './error.ts'
import type { Frame } from './frame.ts'
import { fetchVerified, rowGroupsIn } from './objects.ts'
import { Page } from './page.ts'
import { decodeParquet, type Part } from './parquet.ts'
import { differsFromRun } from './rows.ts'

type Run = Pick<RunPageRequest, 'workflowId' | 'runId'>

/** The columns that an event and a check of identity need. */
const COLUMNS = ['workflow_id', 'run_id', 'event_id', 'event_type', 'event_data', 'timestamp']

export async function readWarm(
  bucket: R2Bucket,
  run: Run,
  request: { pieces: readonly WarmPiece[]; fromEvent: number; maxBytes: number },
): Promise<RunPage> {
  const page = new Page(request.maxBytes)
  let firstEvent = 1
  for (const piece of request.pieces) {
    const skip = Math.max(0, request.fromEvent - firstEvent)
    // A piece of no rows is no piece: reading it says so.
    if (skip < piece.rowCount || !(piece.rowCount > 0)) {
      if (page.full) return page.taken(firstEvent)
      const next = page.add(await readPiece(bucket, run, { piece, skip, firstEvent }), firstEvent + skip)
      if (next !== undefined) return page.taken(next)
    }
    firstEvent += piece.rowCount
  }
  return page.taken()
}

/** The first and the last event; of a run in one object, with one GET. */
export async function readWarmEnds(
  bucket: R2Bucket,
  run: Run,
  pieces: readonly WarmPiece[],
): Promise<RunPage> {
  const page = new Page(Infinity)
  let firstEvent = 1
  for (const [index, piece] of pieces.entries()) {
    const ends = [...(index === 0 ? [0] : []), ...(index === pieces.length - 1 ? [piece.rowCount - 1] : [])]
    if (ends.length > 0) {
      const frame = await readPiece(bucket, run, { piece, skip: 0, firstEvent })
      for (const row of new Set(ends)) page.addRow(frame, row)
    }
    firstEvent += piece.rowCount
  }
  return page.taken()
}

async function readPiece(
  bucket: R2Bucket,
  run: Run,
  { piece, skip, firstEvent }: { piece: WarmPiece; skip: number; firstEvent: number },
): Promise<Frame> {
  const { object: key, etag, rowOffset, rowCount } = piece
  const { bytes, metadata } = await fetchVerified(bucket, key, etag)
  const mismatch = (problem: string): ArchiveError =>
    new ArchiveError('run_mismatch', key, `not run ${run.runId} of ${run.workflowId}: ${problem}`)
  const limit = rowCount - skip
  const rowGroups = Number.isSafeInteger(limit) ? rowGroupsOf(piece, rowGroupsIn(metadata)) : null
  if (rowGroups === null) throw mismatch('its row groups do not hold the rows')
  const part: Part = { columns: COLUMNS, rowGroups, offset: rowOffset + skip, limit }
  const frame = decodeParquet(historyColumns, bytes, part)
  const problem =
    frame.rows === limit ? differsFromRun(frame, run, firstEvent + skip) : `${frame.rows} rows were read`
  if (problem !== null) throw mismatch(problem)
  return frame
}

/** Null when the object has not got the rows: asked for them, parquet-wasm would trap. */
function rowGroupsOf(piece: WarmPiece, sizes: readonly number[]): number[] | null {
  const { rowGroupFirst, rowGroupCount, rowOffset, rowCount } = piece
  const numbers = [rowGroupFirst, rowGroupCount, rowOffset, rowCount]
  if (!numbers.every(Number.isSafeInteger) || rowGroupCount > sizes.length) return null
  const groups = Array.from({ length: rowGroupCount }, (_, i) => rowGroupFirst + i)
  const rows = groups.reduce((sum, group) => sum + (sizes[group] ?? NaN), 0)
  return rowCount > 0 && rowOffset >= 0 && rowOffset + rowCount <= rows ? groups : null
}
