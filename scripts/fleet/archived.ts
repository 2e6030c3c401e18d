/** Whether one archiver keeps up with what the shards close, and what it asks of R2 and of the catalog. */
export interface Archived {
  readonly stepsPerDay: number
  readonly shards: number
  /** The part of the time that the archiver is at work. */
  readonly busy: number
  /** Of CPU, in each pass. */
  readonly passS: number
  /** What one archiver, and so one namespace, keeps up with. */
  readonly mostStepsPerDay: number
  readonly batchesPerPass: number
  /** Puts and lists a day: objects, and two commits a pass. */
  readonly classAPerDay: number
  readonly commitsPerHour: number
  /** Of a table's metadata, which each commit reads and writes. */
  readonly metadataBytes: number
}

const DAY_S = 86_400
const EVENTS_PER_STEP = 2
/** Measured: docs/design/tiers.md. */
const SECONDS_PER_ROW = 1 / 100_000 + 1 / 204_000
/** A batch is 2 MB of history as JSON, and an event 150 bytes of it. */
const ROWS_PER_BATCH = (2 * 1024 * 1024) / 150
const ROW_BYTES = 13.8
const DATA_FILE_BYTES = 16 * 1024 * 1024
/** Of a cron that comes more often than each hour. */
const CPU_PER_PASS_S = 30
/** A data file, its manifest, the list of manifests, the metadata and the pointer to it. */
const PUTS_PER_COMMIT = 4
const TABLES = 2
const SNAPSHOTS_KEPT_DAYS = 7
const SNAPSHOT_BYTES = 600
/** What a summary says of a shard, and of how many. */
const NAMED_BYTES = 18
const MOST_NAMED = 16
/** `archive.watermark.default/1234` and its number. */
const WATERMARK_BYTES = 50

/** What one archiver keeps up with, in passes of which one comes each `everyS`. */
export function mostArchived(everyS: number): number {
  return (Math.min(1, CPU_PER_PASS_S / everyS) / SECONDS_PER_ROW / EVENTS_PER_STEP) * DAY_S
}

export function archivedOf(stepsPerDay: number, shards: number, everyS: number): Archived {
  const rows = (stepsPerDay * EVENTS_PER_STEP) / DAY_S
  const passes = DAY_S / everyS
  // However little a shard has closed, it is a batch of its own.
  const batchesPerPass = Math.max((rows * everyS) / ROWS_PER_BATCH, Math.min(shards, rows * everyS))
  const files = Math.ceil((rows * everyS * ROW_BYTES) / DATA_FILE_BYTES)
  const puts = batchesPerPass + TABLES * (files + PUTS_PER_COMMIT)
  const snapshot = SNAPSHOT_BYTES + NAMED_BYTES * Math.min(MOST_NAMED, batchesPerPass)
  return {
    stepsPerDay,
    shards,
    busy: rows * SECONDS_PER_ROW,
    passS: rows * SECONDS_PER_ROW * everyS,
    mostStepsPerDay: mostArchived(everyS),
    batchesPerPass,
    classAPerDay: puts * passes,
    commitsPerHour: (TABLES * 3_600) / everyS,
    metadataBytes: SNAPSHOTS_KEPT_DAYS * passes * snapshot + shards * WATERMARK_BYTES,
  }
}
