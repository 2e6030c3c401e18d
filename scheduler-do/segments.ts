/**
 * Runs whose rows are gone: a segment in R2 names them, and the cold tier has their history. Segments are read through
 * the archiver, and a few are kept in memory.
 */
import type { SegmentRow } from '../shared/archive.ts'
import type { ArchiveReader } from '../shared/archive-reader.ts'
import { WorkflowError } from '../shared/errors.ts'
import type { SchedulerConfig } from './config.ts'
import type { ExistingRun } from './start.ts'
import { deletionOf } from './store/deletions.ts'
import type { RunRow } from './store/runs.ts'
import { segmentsAround } from './store/segments.ts'
import type { StoredSegment } from './store/segments.ts'
import type { Sql } from './store/sql.ts'

const MAX_CACHED_BYTES = 8 * 1024 * 1024

interface World {
  readonly sql: Sql
  readonly config: SchedulerConfig
}

type SegmentObject = Pick<StoredSegment, 'object' | 'etag'>

export class Segments {
  readonly #world: World
  /** By object and etag, least recently used first. The last one read is kept whatever its size: `peek` may need it. */
  readonly #cache = new Map<string, { rows: SegmentRow[]; bytes: number }>()
  #bytes = 0

  constructor(world: World) {
    this.#world = world
  }

  /** The run, if only a segment knows it. */
  async find(runId: string): Promise<RunRow | null> {
    return (await this.locate(runId))?.row ?? null
  }

  async locate(runId: string): Promise<{ segment: StoredSegment; row: RunRow } | null> {
    const { sql } = this.#world
    if (deletionOf(sql, runId)) return null
    for (const segment of segmentsAround(sql, runId)) {
      const row = (await this.rowsOf(segment)).find((one) => one.runId === runId)
      // It may have been deleted while the segment was read.
      if (row) return deletionOf(sql, runId) ? null : { segment, row: coldRun(row) }
    }
    return null
  }

  /** The same, of what is in memory: a turn reads nothing. */
  peek(runId: string): (ExistingRun & { workflowId: string }) | null {
    const { sql } = this.#world
    for (const segment of segmentsAround(sql, runId)) {
      const row = this.#cache.get(keyOf(segment))?.rows.find((one) => one.runId === runId)
      if (row && !deletionOf(sql, runId))
        return {
          runId,
          workflowId: row.workflowId,
          requestId: row.requestId,
          closed: row.status,
          ...firstLink(row),
        }
    }
    return null
  }

  async rowsOf(segment: SegmentObject): Promise<SegmentRow[]> {
    const key = keyOf(segment)
    const cached = this.#cache.get(key)
    if (cached) {
      this.#cache.delete(key)
      this.#cache.set(key, cached)
      return cached.rows
    }
    const { object, etag } = segment
    const rows = await archiveOf(this.#world.config, `segment ${object}`).readSegment({ object, etag })
    this.#keep(key, rows)
    return rows
  }

  #keep(key: string, rows: SegmentRow[]): void {
    if (this.#cache.has(key)) return
    const bytes = JSON.stringify(rows).length
    this.#cache.set(key, { rows, bytes })
    this.#bytes += bytes
    for (const [oldest, entry] of this.#cache) {
      if (this.#bytes <= MAX_CACHED_BYTES || oldest === key) return
      this.#cache.delete(oldest)
      this.#bytes -= entry.bytes
    }
  }
}

function keyOf({ object, etag }: SegmentObject): string {
  return `${object} ${etag}`
}

function firstLink({ firstRunId }: SegmentRow): { firstRunId?: string } {
  return firstRunId === undefined ? {} : { firstRunId }
}

/** A run as its row would say. */
export function coldRun(row: SegmentRow): RunRow {
  const { closedAt, parent, ...facts } = row
  return {
    ...facts,
    ...(parent && { parent: { ...parent, shard: 0, seq: 0 } }), // a closed run answers its parent no more
    input: undefined,
    result: undefined,
    completedAt: closedAt,
    deadlineAt: null,
    cause: null,
    tier: 'cold',
    archiveBatch: null,
    closedSequence: null,
  }
}

/** The archiver's entrypoint, without which nothing that has left the hot tier can be read. */
export function archiveOf({ archive }: SchedulerConfig, what: string): ArchiveReader {
  if (archive) return archive
  const lines =
    '[[services]]\nbinding = "ARCHIVE_SERVICE"\nservice = "perdure-archiver"\nentrypoint = "ArchiveService"'
  const message = `${what} is archived and binding ARCHIVE_SERVICE is missing; add to wrangler.toml:\n\n${lines}\n`
  throw new WorkflowError('not_configured', message, { path: 'ARCHIVE_SERVICE' })
}
