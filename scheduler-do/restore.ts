/**
 * A shard that lost its storage is told its batches by the warm objects that still name them.
 *
 * R1 What the shard knows is left as it is: a batch that has a row, runs that have one or were deleted, and batches of
 *    its own numbering that are over.
 * R2 Numbers go on above every restored one. A batch that the shard has opened in the meantime gets one of those: under
 *    the number it has, another one lies in the archive.
 */
import type { RestoreArchiveRequest, SegmentRow, WarmLocator } from '../shared/archive.ts'
import type { Reply } from '../shared/protocol.ts'
import type { Shard } from './shard.ts'
import { batchRow, deleteBatch, insertBatch, openBatch, positions, setPositions } from './store/batches.ts'
import type { BatchRow } from './store/batches.ts'
import { deletionOf } from './store/deletions.ts'
import { addToId } from './store/ids.ts'
import { anyRunRow, insertClosedRun } from './store/runs.ts'

export function restoreArchive(shard: Shard, request: RestoreArchiveRequest): Reply<null> {
  const { sql, config, clock } = shard
  const { number, objects } = request
  const { lastBatch, restoredUpTo, cooled } = positions(sql)
  const open = openBatch(sql)
  const isOpen = number === open?.number
  const over = number <= lastBatch && number > restoredUpTo
  if (!isOpen && (over || batchRow(sql, number))) return { ok: true, value: null }
  const runs = request.runs.filter(({ row }) => !anyRunRow(sql, row.runId) && !deletionOf(sql, row.runId))
  const [first] = runs
  // What a pass left that was lost before it could confirm: the runs are still here.
  if (isOpen && !first && objects.length > 0) return { ok: true, value: null }
  shard.transaction(() => {
    setPositions(sql, {
      lastBatch: Math.max(lastBatch, number),
      restoredUpTo: Math.max(restoredUpTo, number),
      cooled: Math.min(cooled, number - 1),
    })
    if (open && number >= open.number) renumber(shard, open)
    if (!first) return
    const { cold, warmMs } = config.retention.of(first.row.workflowType)
    const now = clock.now()
    const runIds = runs.map(({ row }) => row.runId)
    const expiresAt = cold ? now + warmMs : null
    const times = { warmedAt: now, expiresAt, openedBy: request.fence }
    insertBatch(sql, { number, state: 'warm', runIds, objects, cold, ...times })
    for (const { row, locator } of runs) restoreRun(shard, row, { batch: number, locator })
  })
  return { ok: true, value: null }
}

function renumber({ sql }: Shard, open: BatchRow): void {
  const number = positions(sql).lastBatch + 1
  deleteBatch(sql, open.number)
  insertBatch(sql, { ...open, number })
  setPositions(sql, { lastBatch: number, openBatch: number })
}

function restoreRun(shard: Shard, row: SegmentRow, to: { batch: number; locator: WarmLocator }): void {
  insertClosedRun(shard.sql, row, to)
  addToId(shard.sql, row.workflowId, row.runId)
}
