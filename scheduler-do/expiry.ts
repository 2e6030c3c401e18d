/**
 * Warm objects at their end: cold runs whose warm age is over lose their rows, and a segment in R2 names them.
 *
 * X1 A segment is persisted before it is shown, and shown again, the same, until it is confirmed.
 * X2 Whole batches only, and none with a run that is deleted and not purged: what is proposed stays as it is.
 * X3 Rows are deleted by the confirmation only, in the transaction that records the segment.
 */
import type { ConfirmExpiryRequest, Expiry, ProposeExpiryRequest, SegmentRow } from '../shared/archive.ts'
import { WorkflowError } from '../shared/errors.ts'
import { isOpen } from '../shared/protocol.ts'
import type { Reply } from '../shared/protocol.ts'
import type { Shard } from './shard.ts'
import { addGarbage } from './store/archive.ts'
import { batchRow, deleteBatch, expiredBatches, positions, setPositions } from './store/batches.ts'
import type { BatchRow } from './store/batches.ts'
import { batchesToPurge, deletionOf, putDeletion } from './store/deletions.ts'
import { keepStatus } from './store/ids.ts'
import { anyRunRow, deleteRun } from './store/runs.ts'
import { insertSegment, openSegment, storeSegment } from './store/segments.ts'

export function proposeExpiry(shard: Shard, request: ProposeExpiryRequest): Reply<Expiry | null> {
  const { sql } = shard
  const { openSegment: open } = positions(sql)
  const number = open ?? newSegment(shard, request.maxRuns)
  if (number === null) return { ok: true, value: null }
  const rows = batchesOf(shard, number).flatMap(({ runIds }) =>
    runIds.map((runId) => segmentRow(shard, runId)),
  )
  return { ok: true, value: { segment: number, rows: rows.toSorted(byRunId) } }
}

/** Of JSON, in UTF-16 units: a segment crosses RPC whole. One batch has less, since its histories hold the same. */
const MAX_SEGMENT_LENGTH = 8_000_000

function newSegment(shard: Shard, maxRuns: number): number | null {
  const { sql, clock } = shard
  const deleted = batchesToPurge(sql)
  const batches: BatchRow[] = []
  const rows: SegmentRow[] = []
  let length = 0
  for (const number of expiredBatches(sql, clock.now())) {
    const batch = deleted.has(number) ? null : batchRow(sql, number)
    if (!batch) continue
    const own = batch.runIds.map((runId) => segmentRow(shard, runId))
    length += JSON.stringify(own).length
    const full = rows.length + own.length > maxRuns || length > MAX_SEGMENT_LENGTH
    if (batches.length > 0 && full) break
    batches.push(batch)
    rows.push(...own)
  }
  if (batches.length === 0) return null
  const number = positions(sql).lastSegment + 1
  shard.transaction(() => {
    insertSegment(sql, { number, batches: batches.map((batch) => batch.number), ...rangesOf(rows) })
    setPositions(sql, { lastSegment: number, openSegment: number })
  })
  return number
}

function rangesOf(rows: readonly SegmentRow[]) {
  const [first, ...others] = rows.toSorted(byRunId)
  if (!first) throw new WorkflowError('internal', 'a batch without runs is to expire')
  const closed = rows.map((row) => row.closedAt)
  return {
    rows: rows.length,
    minRunId: first.runId,
    maxRunId: (others.at(-1) ?? first).runId,
    minClosedAt: closed.reduce((one, other) => Math.min(one, other)),
    maxClosedAt: closed.reduce((one, other) => Math.max(one, other)),
  }
}

function byRunId(one: SegmentRow, other: SegmentRow): number {
  return one.runId < other.runId ? -1 : 1
}

function batchesOf(shard: Shard, segment: number): BatchRow[] {
  const numbers = openSegment(shard.sql, segment)?.batches ?? []
  return numbers.map((number) => batchRow(shard.sql, number)).filter((batch) => batch !== null)
}

function segmentRow(shard: Shard, runId: string): SegmentRow {
  const row = anyRunRow(shard.sql, runId)
  if (!row || isOpen(row.status) || row.completedAt === null)
    throw new WorkflowError('internal', `run ${runId} is in a batch and has no row of a closed run`)
  const { workflowId, workflowType, status, taskQueue, startedAt, completedAt, parent } = row
  const { memo, searchAttributes, version, requestId, historyLength, historyBytes } = row
  const { firstRunId, nextRunId, eventNumbers } = row
  return {
    workflowId,
    runId,
    workflowType,
    status,
    taskQueue,
    startedAt,
    closedAt: completedAt,
    ...(parent && { parent: { workflowId: parent.workflowId, runId: parent.runId } }),
    memo,
    searchAttributes,
    version,
    requestId,
    ...(firstRunId !== undefined && { firstRunId }),
    ...(nextRunId !== undefined && { nextRunId }),
    historyLength: historyLength ?? 0,
    historyBytes: historyBytes ?? 0,
    ...(eventNumbers && { eventNumbers }),
  }
}

/** The runs' rows go, and their warm objects become garbage. A segment that is not open (any more) changes nothing. */
export function confirmExpiry(shard: Shard, request: ConfirmExpiryRequest): Reply<null> {
  const { sql } = shard
  const { segment } = request
  if (positions(sql).openSegment !== segment) return { ok: true, value: null }
  const batches = batchesOf(shard, segment)
  shard.transaction(() => {
    for (const batch of batches) {
      for (const runId of batch.runIds) expireRun(shard, runId, segment)
      addGarbage(
        sql,
        batch.objects.map(({ object }) => object),
      )
      deleteBatch(sql, batch.number)
    }
    const rows = batches.reduce((sum, { runIds }) => sum + runIds.length, 0)
    storeSegment(sql, segment, { ...request, rows })
    setPositions(sql, { openSegment: null })
  })
  return { ok: true, value: null }
}

function expireRun(shard: Shard, runId: string, segment: number): void {
  const { sql } = shard
  const { workflowId, status } = segmentRow(shard, runId)
  keepStatus(sql, { workflowId, runId, status })
  const deletion = deletionOf(sql, runId)
  if (deletion) putDeletion(sql, { ...deletion, segment })
  deleteRun(sql, runId)
}
