/** A packed object's place in R2, and that of each of its runs within it. */
import type { WarmObject, WarmPiece } from '../shared/archive.ts'
import { historyColumns } from './columns.ts'
import { putVerified, type StoredObject } from './objects.ts'
import type { Packed, Span } from './pack.ts'
import { ParquetReader } from './parquet.ts'

export interface PlacedObject {
  readonly object: WarmObject
  readonly pieces: readonly { runId: string; piece: WarmPiece }[]
}

/** Puts the object and reads it back. `identity` says which one of its batch it is. */
export async function putWarm(
  bucket: R2Bucket,
  { key, identity }: { key: string; identity: Readonly<Record<string, number>> },
  { bytes, frame, spans }: Packed,
): Promise<PlacedObject> {
  using reader = await ParquetReader.open(new Blob([bytes]), historyColumns, key)
  const { rowGroups } = reader.footer
  const numbers = { ...identity, rows: frame.rows }
  const metadata = {
    ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)])),
    ...rangeOf(spans),
    rowGroups: rowGroups.join(),
  }
  const contentType = 'application/vnd.apache.parquet'
  const { etag } = await putVerified(bucket, key, { bytes, contentType, metadata })
  return placed({ key, etag, bytes }, spans, rowGroups)
}

/** An object that is in R2, and its runs. */
export function placed(
  { key: object, etag, bytes }: Pick<StoredObject, 'key' | 'etag' | 'bytes'>,
  spans: readonly Span[],
  rowGroups: readonly number[],
): PlacedObject {
  const closed = spans.map(({ closedAt }) => closedAt)
  const times = { minClosedAt: Math.min(...closed), maxClosedAt: Math.max(...closed) }
  const rows = rowGroups.reduce((sum, count) => sum + count, 0)
  return {
    object: { object, etag, bytes: bytes.length, rows, ...times },
    pieces: piecesOf({ object, etag }, spans, rowGroups),
  }
}

function piecesOf(
  object: { object: string; etag: string },
  spans: readonly Span[],
  rowGroups: readonly number[],
): PlacedObject['pieces'] {
  let end = 0
  const groupEnds = rowGroups.map((rows) => (end += rows))
  let row = 0
  return spans.map(({ runId, rows: rowCount }) => {
    const rowGroupFirst = groupEnds.findIndex((groupEnd) => groupEnd > row)
    const rowGroupCount = groupEnds.findIndex((groupEnd) => groupEnd >= row + rowCount) - rowGroupFirst + 1
    const rowOffset = row - (groupEnds[rowGroupFirst - 1] ?? 0)
    row += rowCount
    return { runId, piece: { ...object, rowGroupFirst, rowGroupCount, rowOffset, rowCount } }
  })
}

/** The workflow ids between which the object's runs lie. ASCII, and far below R2's 8 kB in all. */
function rangeOf(spans: readonly Span[]): { min: string; max: string } {
  const min = bound(spans[0]?.workflowId ?? '', '')
  const max = bound(spans.at(-1)?.workflowId ?? '', '\u{10FFFF}')
  return { min: encodeURIComponent(min), max: encodeURIComponent(max) }
}

const BOUND_CHARACTERS = 100

/** A long id is cut short; with the highest character behind it, it is still not below the id. */
function bound(workflowId: string, whenCut: string): string {
  const characters = Array.from(workflowId)
  if (characters.length <= BOUND_CHARACTERS) return workflowId
  return characters.slice(0, BOUND_CHARACTERS).join('') + whenCut
}
