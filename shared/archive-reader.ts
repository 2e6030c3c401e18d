/** How the scheduler reads what has left the hot tier. */
import type { SegmentRow, WarmLocator } from './archive.ts'

export interface RunPageRequest {
  namespace: string
  workflowId: string
  runId: string
  closedAt: number
  historyLength: number
  /** Absent: the run is read from the cold tier. */
  warm?: WarmLocator
  fromEvent: number
  /** Of JSON; at least one event is answered. */
  maxBytes: number
}

export interface RunPage {
  /** Events from `fromEvent` on, as a JSON array in UTF-8. */
  events: Uint8Array
  nextEvent?: number
}

/** A table of the cold tier, as its metadata says. Times in epoch ms. */
export interface ArchiveTable {
  /** `durable.workflow_history` */
  name: string
  location: string
  updatedAt: number
  /** Of the current snapshot. */
  records: number
  bytes: number
  fileCount: number
  /** Of the current snapshot, at most 1,000. */
  files: ArchiveFile[]
  snapshots: {
    /** As text: JSON has no such large numbers. */
    snapshotId: string
    committedAt: number
    operation: string
    current: boolean
    /** What Iceberg counts, by its names. */
    summary: Record<string, string>
  }[]
  /** Among them how far each shard is archived: `archive.watermark.<namespace>/<shard>`. */
  properties: Record<string, string>
}

export interface ArchiveFile {
  location: string
  /** On which its runs closed, in UTC: `2026-11-30`. */
  day?: string
  records: number
  bytes: number
}

/** The archiver's RPC entrypoint, as the scheduler calls it. Each throws when the archive does not hold what it should. */
export interface ArchiveReader {
  readRun(request: RunPageRequest): Promise<RunPage>
  /** The first and the last event: what describes a run. */
  readEnds(request: Omit<RunPageRequest, 'fromEvent' | 'maxBytes'>): Promise<RunPage>
  readSegment(request: { object: string; etag: string }): Promise<SegmentRow[]>
  /** Those of the two tables that exist. Only metadata is read. */
  tables(): Promise<ArchiveTable[]>
  /** The Iceberg REST server of the embedded catalog. */
  fetch(request: Request): Response | Promise<Response>
}
