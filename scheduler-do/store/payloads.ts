/** Payloads on their way to R2: written with the events that refer to them, deleted when their object is there. */
import type { Reference } from '../../shared/reference.ts'
import type { Sql } from './sql.ts'

/** The platform caps a row at 2 MB. */
const CHUNK_BYTES = 1024 * 1024

export interface PayloadRow {
  readonly runId: string
  readonly sha256: string
  readonly content: Uint8Array<ArrayBuffer>
}

/** An object of one run that becomes one of another. */
export interface PayloadCopy {
  readonly runId: string
  readonly from: Reference
  readonly to: Reference
}

export function insertCopy(sql: Sql, { runId, from, to }: PayloadCopy): void {
  sql.run(
    'INSERT OR IGNORE INTO payload_copies (key, run_id, source, size) VALUES (?, ?, ?, ?)',
    to.key,
    runId,
    from.key,
    to.size,
  )
}

export function deleteCopy(sql: Sql, { to }: PayloadCopy): void {
  sql.run('DELETE FROM payload_copies WHERE key = ?', to.key)
}

export function pendingCopies(sql: Sql): PayloadCopy[] {
  type Row = { key: string; run_id: string; source: string; size: number }
  return sql.all<Row>('SELECT key, run_id, source, size FROM payload_copies').map((row) => ({
    runId: row.run_id,
    from: { $type: 'ref', key: row.source, size: row.size },
    to: { $type: 'ref', key: row.key, size: row.size },
  }))
}

/** The same content once more is the same rows. */
export function insertPayload(sql: Sql, { runId, sha256, content }: PayloadRow): void {
  for (let number = 0; number * CHUNK_BYTES < content.byteLength; number += 1) {
    const chunk = content.slice(number * CHUNK_BYTES, (number + 1) * CHUNK_BYTES)
    sql.run(
      'INSERT OR IGNORE INTO payloads (run_id, sha256, number, bytes) VALUES (?, ?, ?, ?)',
      runId,
      sha256,
      number,
      chunk.buffer,
    )
  }
}

/** The content that has no object yet; null when there are no rows of it. */
export function pendingContent(sql: Sql, runId: string, sha256: string): Uint8Array<ArrayBuffer> | null {
  const statement = 'SELECT bytes FROM payloads WHERE run_id = ? AND sha256 = ? ORDER BY number'
  const chunks = sql.all<{ bytes: ArrayBuffer }>(statement, runId, sha256).map((row) => row.bytes)
  if (chunks.length === 0) return null
  const content = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.byteLength, 0))
  let at = 0
  for (const chunk of chunks) {
    content.set(new Uint8Array(chunk), at)
    at += chunk.byteLength
  }
  return content
}

export function deletePayload(sql: Sql, runId: string, sha256: string): void {
  sql.run('DELETE FROM payloads WHERE run_id = ? AND sha256 = ?', runId, sha256)
}

/** Of a run that is deleted. */
export function deletePayloads(sql: Sql, runId: string): void {
  sql.run('DELETE FROM payloads WHERE run_id = ?', runId)
}

export function pendingPayloads(sql: Sql): { runId: string; sha256: string; size: number }[] {
  const statement = 'SELECT run_id, sha256, SUM(LENGTH(bytes)) AS size FROM payloads GROUP BY run_id, sha256'
  const rows = sql.all<{ run_id: string; sha256: string; size: number }>(statement)
  return rows.map(({ run_id: runId, sha256, size }) => ({ runId, sha256, size }))
}
