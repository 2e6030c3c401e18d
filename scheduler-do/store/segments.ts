/** Segments: objects that name runs of which only the cold tier and they know. */
import type { Sql } from './sql.ts'

/** What a segment's rows lie between, inclusive. */
interface SegmentRanges {
  rows: number
  minRunId: string
  maxRunId: string
  minClosedAt: number
  maxClosedAt: number
}

export interface OpenSegment extends SegmentRanges {
  number: number
  /** The batches that it is to replace. */
  batches: number[]
}

export interface StoredSegment extends SegmentRanges {
  number: number
  object: string
  etag: string
  bytes: number
}

export function insertSegment(sql: Sql, segment: OpenSegment): void {
  const { number, batches, rows, minRunId, maxRunId, minClosedAt, maxClosedAt } = segment
  const statement = `INSERT INTO archive_segments (number, state, batches, rows, min_run_id, max_run_id, min_closed_at,
    max_closed_at) VALUES (?, 'open', ?, ?, ?, ?, ?, ?)`
  sql.run(statement, number, JSON.stringify(batches), rows, minRunId, maxRunId, minClosedAt, maxClosedAt)
}

export function openSegment(sql: Sql, number: number): OpenSegment | null {
  const statement = `SELECT * FROM archive_segments WHERE number = ? AND state = 'open'`
  const row = sql.first<RawSegment>(statement, number)
  const batches = JSON.parse(row?.batches ?? '[]') as number[] // our own text
  return row ? { number, batches, ...ranges(row) } : null
}

export function storeSegment(
  sql: Sql,
  number: number,
  to: { object: string; etag: string; bytes: number; rows: number },
): void {
  const { object, etag, bytes, rows } = to
  const statement = `UPDATE archive_segments SET state = 'stored', batches = NULL, object = ?, etag = ?, bytes = ?, rows = ?
    WHERE number = ?`
  sql.run(statement, object, etag, bytes, rows, number)
}

export function deleteSegment(sql: Sql, number: number): void {
  sql.run('DELETE FROM archive_segments WHERE number = ?', number)
}

export function storedSegments(sql: Sql): StoredSegment[] {
  return stored(sql, '')
}

/** Segments whose rows may include the run. */
export function segmentsAround(sql: Sql, runId: string): StoredSegment[] {
  return stored(sql, 'AND min_run_id <= ? AND max_run_id >= ?', runId, runId)
}

export function storedSegment(sql: Sql, number: number): StoredSegment | null {
  return stored(sql, 'AND number = ?', number)[0] ?? null
}

type RawSegment = {
  number: number
  batches: string | null
  object: string
  etag: string
  rows: number
  bytes: number
  min_run_id: string
  max_run_id: string
  min_closed_at: number
  max_closed_at: number
}

function stored(sql: Sql, where: string, ...values: (string | number)[]): StoredSegment[] {
  const statement = `SELECT * FROM archive_segments WHERE state = 'stored' ${where} ORDER BY number`
  return sql.all<RawSegment>(statement, ...values).map((row) => ({
    number: row.number,
    object: row.object,
    etag: row.etag,
    bytes: row.bytes,
    ...ranges(row),
  }))
}

function ranges(row: RawSegment): SegmentRanges {
  return {
    rows: row.rows,
    minRunId: row.min_run_id,
    maxRunId: row.max_run_id,
    minClosedAt: row.min_closed_at,
    maxClosedAt: row.max_closed_at,
  }
}
