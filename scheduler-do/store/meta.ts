/** The shard's own facts: who it is, and positions that must survive. */
import type { ShardAddress } from '../../shared/protocol.ts'
import { fromJson } from './sql.ts'
import type { Sql } from './sql.ts'

export interface ArchivePositions {
  /** The last batch number used. */
  lastBatch: number
  /** Whether a batch was confirmed: numbers below the next one are the shard's own. */
  numbered: boolean
  /** Batches up to here may have been restored from their objects: one that has no row is not known to be over. */
  restoredUpTo: number
  openBatch: number | null
  /** The last batch that was offered to the cold tier: it may be there. */
  offered: number
  /** The last batch that is known to be there. */
  cooled: number
  lastSegment: number
  openSegment: number | null
}

interface ArchiveLeaseFact {
  holder: string | null
  until: number
  fence: number
  /** When the last pass began, and when one last ended; epoch ms. */
  beganAt?: number
  endedAt?: number
}

interface Facts {
  address: ShardAddress
  /** Every event up to this sequence number has reached the change-event sink. */
  cdc_position: number
  /** Written when runs leave the hot tier: rows alone would forget how far the sequence had come. */
  next_sequence: number
  archive_positions: ArchivePositions
  /** Written by migrations: the number of the migration that code must know to make sense of the rows. */
  min_code: number
  /** The highest fence that an archiver has come with. */
  archive_fence: number
  /** When an archiver first came, epoch ms: the shard knows of every run that began after it. */
  archived_since: number
  /** Only in the object of a namespace that keeps the lease: who holds it, until when, and the last fence given. */
  archive_lease: ArchiveLeaseFact
  /** Runs that a release is loading: found at a wake when its code ended the object. */
  loading: { runIds: string[]; timesAlone: number; release: string }
  /** Debug hook: how far the shard's clock is ahead of the platform's. */
  clock_offset: number
}

export function readFact<K extends keyof Facts>(sql: Sql, key: K): Facts[K] | undefined {
  const row = sql.first<{ value: string }>('SELECT value FROM meta WHERE key = ?', key)
  return fromJson<Facts[K]>(row?.value)
}

export function writeFact<K extends keyof Facts>(sql: Sql, key: K, value: Facts[K]): void {
  const statement =
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value'
  sql.run(statement, key, JSON.stringify(value))
}

export function clearFact(sql: Sql, key: keyof Facts): void {
  sql.run('DELETE FROM meta WHERE key = ?', key)
}
