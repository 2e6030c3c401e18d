/** Which rows of segments a filter asks for; `store/list.ts` says the same of the rows of a shard. */
import type { SegmentRow } from '../shared/archive.ts'
import { idTime } from '../shared/ids.ts'
import type { CountRequest } from '../shared/list.ts'
import { hasAttributes } from './attributes.ts'
import type { AttributeTypes } from './attributes.ts'
import type { Shard } from './shard.ts'
import { storedSegments } from './store/segments.ts'
import type { StoredSegment } from './store/segments.ts'

/** Segments that may have a row of those asked for. */
export function relevantSegments(shard: Shard, request: CountRequest): StoredSegment[] {
  const { tiers, status, startedAfter, startedBefore, closedAfter, closedBefore } = request
  if (tiers && !tiers.includes('cold')) return []
  if (status?.every((one) => one === 'running')) return []
  return storedSegments(shard.sql).filter(
    ({ minRunId, maxRunId, minClosedAt, maxClosedAt }) =>
      (startedAfter === undefined || (idTime(maxRunId) ?? Infinity) >= startedAfter) &&
      (startedBefore === undefined || (idTime(minRunId) ?? 0) < startedBefore) &&
      (closedAfter === undefined || maxClosedAt >= closedAfter) &&
      (closedBefore === undefined || minClosedAt < closedBefore),
  )
}

export function matches(row: SegmentRow, request: CountRequest, declared: AttributeTypes): boolean {
  const { status, taskQueue, workflowType, idPrefix, searchAttributes } = request
  const { startedAfter, startedBefore, closedAfter, closedBefore } = request
  return (
    (!status || status.includes(row.status)) &&
    (taskQueue === undefined || row.taskQueue === taskQueue) &&
    (workflowType === undefined || row.workflowType === workflowType) &&
    (idPrefix === undefined || row.workflowId.startsWith(idPrefix)) &&
    (!searchAttributes || hasAttributes(row.searchAttributes, searchAttributes, declared)) &&
    (startedAfter === undefined || row.startedAt >= startedAfter) &&
    (startedBefore === undefined || row.startedAt < startedBefore) &&
    (closedAfter === undefined || row.closedAt >= closedAfter) &&
    (closedBefore === undefined || row.closedAt < closedBefore)
  )
}
