/** Batches of archived runs, numbered in the order in which they were proposed. */
import type { WarmObject } from '../../shared/archive.ts'
import { readFact, writeFact } from './meta.ts'
import type { ArchivePositions } from './meta.ts'
import type { Sql } from './sql.ts'

export interface BatchRow {
  number: number
  state: 'open' | 'warm' | 'cold' | 'void'
  runIds: string[]
  objects: WarmObject[]
  warmedAt: number | null
  expiresAt: number | null
  cold: boolean
  openedBy: number
}

const NONE: ArchivePositions = {
  lastBatch: 0,
  numbered: false,
  restoredUpTo: 0,
  openBatch: null,
  offered: 0,
  cooled: 0,
  lastSegment: 0,
  openSegment: null,
}

export function positions(sql: Sql): ArchivePositions {
  return readFact(sql, 'archive_positions') ?? NONE
}

export function setPositions(sql: Sql, changed: Partial<ArchivePositions>): void {
  writeFact(sql, 'archive_positions', { ...positions(sql), ...changed })
}

export function batchRow(sql: Sql, number: number): BatchRow | null {
  const row = sql.first<RawBatch>('SELECT * FROM archive_batches WHERE number = ?', number)
  return row ? parseBatch(row) : null
}

export function openBatch(sql: Sql): BatchRow | null {
  const { openBatch: number } = positions(sql)
  return number === null ? null : batchRow(sql, number)
}

export function insertBatch(sql: Sql, batch: BatchRow): void {
  const { number, state, warmedAt, expiresAt, cold, openedBy } = batch
  const [runIds, objects] = [JSON.stringify(batch.runIds), JSON.stringify(batch.objects)]
  const statement = `INSERT INTO archive_batches (number, state, run_ids, objects, warmed_at, expires_at, cold, opened_by)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
  sql.run(statement, number, state, runIds, objects, warmedAt, expiresAt, cold ? 1 : 0, openedBy)
}

export function updateBatch(sql: Sql, batch: BatchRow): void {
  const { number, state, warmedAt, expiresAt } = batch
  const [runIds, objects] = [JSON.stringify(batch.runIds), JSON.stringify(batch.objects)]
  const statement = `UPDATE archive_batches SET state = ?, run_ids = ?, objects = ?, warmed_at = ?, expires_at = ?
    WHERE number = ?`
  sql.run(statement, state, runIds, objects, warmedAt, expiresAt, number)
}

export function deleteBatch(sql: Sql, number: number): void {
  sql.run('DELETE FROM archive_batches WHERE number = ?', number)
}

/** Warm batches that are to be cold, in order. */
export function coolable(sql: Sql): { number: number; objects: WarmObject[] }[] {
  const statement = `SELECT number, objects FROM archive_batches WHERE number > ? AND state = 'warm' AND cold = 1
    ORDER BY number`
  type Row = { number: number; objects: string }
  const rows = sql.all<Row>(statement, positions(sql).cooled)
  return rows.map((row) => ({ number: row.number, objects: JSON.parse(row.objects) as WarmObject[] })) // our own text
}

export function markBatchesCold(sql: Sql, upTo: number): void {
  const statement = `UPDATE archive_batches SET state = 'cold' WHERE number > ? AND number <= ? AND state = 'warm' AND cold = 1`
  sql.run(statement, positions(sql).cooled, upTo)
}

/** Numbers of cold batches whose warm objects may go, in order. */
export function expiredBatches(sql: Sql, now: number): number[] {
  const statement = `SELECT number FROM archive_batches WHERE state = 'cold' AND expires_at <= ? ORDER BY number`
  return sql.all<{ number: number }>(statement, now).map((row) => row.number)
}

type RawBatch = {
  number: number
  state: string
  run_ids: string
  objects: string
  warmed_at: number | null
  expires_at: number | null
  cold: number
  opened_by: number
}

function parseBatch(row: RawBatch): BatchRow {
  return {
    number: row.number,
    state: row.state as BatchRow['state'], // written here only
    runIds: JSON.parse(row.run_ids) as string[], // our own text
    objects: JSON.parse(row.objects) as WarmObject[], // our own text
    warmedAt: row.warmed_at,
    expiresAt: row.expires_at,
    cold: row.cold === 1,
    openedBy: row.opened_by,
  }
}
