/**
 * The warm tier: one batch of a shard as a few Parquet objects in R2, and one run of them by its locator.
 *
 * A1 A run lies in one object. An object holds whole runs of one batch, in order; a batch's objects are numbered from 0.
 * A2 An object is written once, under a key made of its batch. If the key is taken, a pass before this one was killed
 *    after its put: the object is used as it is, and the plan goes on from what it holds (its writer may have had other
 *    limits or another encoder), but only if its rows are exactly the batch's.
 * A3 Nothing is confirmed to a shard that was not read back from R2 and compared, row by row.
 * A4 A lookup is one GET. It answers events 1 to `rowCount` of the run or throws; never another run's, never damaged ones.
 */
import type { ArchiveBatch, ArchiveReader, ConfirmArchiveRequest, WarmLocator } from '../shared/archive.ts'
import { ArchiveError } from './error.ts'
import { decodeParquet, type Frame, type ParquetBytes } from './parquet.ts'
import { defaultLimits, planObject, type PlannedObject, type WarmLimits } from './plan.ts'
import { differsFromRun, eventColumns, eventsJson, historyFrame, runsOf, type RunRows } from './rows.ts'

export interface WrittenBatch {
  locators: ConfirmArchiveRequest['locators']
  objects: number
  rows: number
  bytes: number
}

/** Write `batch`, read it back, and answer where each of its runs lies. May be repeated, after any interruption. */
export async function writeBatch(
  bucket: R2Bucket,
  batch: ArchiveBatch,
  limits: WarmLimits = defaultLimits,
): Promise<WrittenBatch> {
  const written: WrittenBatch = { locators: [], objects: 0, rows: 0, bytes: 0 }
  let remaining = runsOf(batch)
  while (remaining.length > 0) {
    const key = `warm/${batch.namespace}/${batch.shard}/${batch.batchId}-${written.objects}.parquet`
    const planned = await planObject(remaining, batch.batchId, limits)
    const put = await putOnce(bucket, key, { batchId: batch.batchId, remaining, planned })
    const stored = await fetchObject(bucket, key, put?.etag)
    const runs = runsHeldBy(stored, remaining, batch.batchId)
    written.locators.push(...locatorsOf(runs, stored, batch.batchId))
    written.objects++
    written.rows += runs.reduce((sum, { eventData }) => sum + eventData.length, 0)
    written.bytes += stored.bytes.length
    remaining = remaining.slice(runs.length)
  }
  return written
}

/** The run's events in order, as a UTF-8 JSON array. */
export async function readRun(
  bucket: R2Bucket,
  request: Parameters<ArchiveReader['readRun']>[0],
): Promise<Uint8Array> {
  const { object: key, etag, rowGroupFirst, rowGroupCount, rowOffset, rowCount } = request.locator
  const stored = await fetchObject(bucket, key, etag)
  const rowGroups = Array.from({ length: rowGroupCount }, (_, i) => rowGroupFirst + i)
  const rows = rowGroups.reduce((sum, group) => sum + (stored.rowGroups[group] ?? NaN), 0)
  if (!(rowCount > 0 && rowOffset >= 0 && rowOffset + rowCount <= rows)) {
    throw new ArchiveError('run_mismatch', key, `its row groups do not hold the rows of run ${request.runId}`)
  }
  const part = { columns: eventColumns, rowGroups, offset: rowOffset, limit: rowCount }
  const frame = decodeParquet(stored.bytes, part)
  const difference = frame.rows === rowCount ? differsFromRun(frame, request) : `${frame.rows} rows were read`
  if (difference !== null) {
    throw new ArchiveError(
      'run_mismatch',
      key,
      `not run ${request.runId} of ${request.workflowId}: ${difference}`,
    )
  }
  return new TextEncoder().encode(eventsJson(frame))
}

interface StoredObject extends ParquetBytes {
  readonly key: string
  readonly etag: string
}

interface ObjectToPut {
  readonly batchId: string
  readonly remaining: readonly RunRows[]
  readonly planned: PlannedObject
}

/** Null when the key was taken. A put that throws may still have happened; the next pass finds out the same way. */
async function putOnce(bucket: R2Bucket, key: string, object: ObjectToPut): Promise<R2Object | null> {
  const { bytes, rowGroups } = object.planned.parquet
  const first = object.remaining[0]
  const last = object.remaining[object.planned.runs - 1]
  const sha256 = await sha256Of(bytes)
  return await bucket.put(key, bytes, {
    onlyIf: { etagDoesNotMatch: '*' },
    sha256,
    httpMetadata: { contentType: 'application/vnd.apache.parquet' },
    // So that an object can be checked, and a run found, without the shard. ASCII, and far below R2's 8 kB in all.
    customMetadata: {
      batchId: object.batchId,
      min: encodeURIComponent(bound(first?.run.execution.workflowId ?? '', '')),
      max: encodeURIComponent(bound(last?.run.execution.workflowId ?? '', '\u{10FFFF}')),
      rows: String(object.planned.frame.rows),
      rowGroups: rowGroups.join(),
      sha256,
    },
  })
}

const BOUND_CHARACTERS = 100

/** A long id is cut short; with the highest character behind it, it is still not below the id. */
function bound(workflowId: string, whenCut: string): string {
  const characters = Array.from(workflowId)
  if (characters.length <= BOUND_CHARACTERS) return workflowId
  return characters.slice(0, BOUND_CHARACTERS).join('') + whenCut
}

/** The object's bytes, as they were written: checked against its own size and checksum, and `etag` when it is known. */
async function fetchObject(bucket: R2Bucket, key: string, etag: string | undefined): Promise<StoredObject> {
  const object = await bucket.get(key)
  if (object === null) throw new ArchiveError('object_missing', key, 'R2 has no such object')
  const bytes = new Uint8Array(await object.arrayBuffer())
  if (etag !== undefined && object.etag !== etag) {
    throw new ArchiveError('object_corrupt', key, `its etag is ${object.etag}, not ${etag}`)
  }
  if (bytes.length !== object.size) {
    throw new ArchiveError('object_corrupt', key, `${bytes.length} of ${object.size} bytes were read`)
  }
  const { sha256, rowGroups } = object.customMetadata ?? {}
  if (rowGroups === undefined || sha256 !== (await sha256Of(bytes))) {
    throw new ArchiveError(
      'object_corrupt',
      key,
      'its bytes do not match the checksum they were written with',
    )
  }
  return { key, etag: object.etag, bytes, rowGroups: rowGroups.split(',').map(Number) }
}

/** The first of the `remaining` runs, which `stored` holds exactly. */
function runsHeldBy(
  stored: StoredObject,
  remaining: readonly RunRows[],
  batchId: string,
): readonly RunRows[] {
  const frame = decodeParquet(stored.bytes)
  let rows = 0
  const last = remaining.findIndex(({ eventData }) => (rows += eventData.length) >= frame.rows)
  const runs = remaining.slice(0, last + 1)
  const difference =
    rows === frame.rows
      ? differingColumn(frame, historyFrame(runs, batchId))
      : `it has ${frame.rows} rows, which is no number of whole runs`
  if (difference === null) return runs
  throw new ArchiveError('object_conflict', stored.key, `it does not hold batch ${batchId}: ${difference}`)
}

function differingColumn(stored: Frame, expected: Frame): string | null {
  for (const [name, values] of expected.values) {
    const found = stored.values.get(name)
    const row = values.findIndex((value: string | bigint | null, i: number) => found?.[i] !== value)
    if (row !== -1) return `${name} differs in row ${row}`
  }
  return null
}

function locatorsOf(
  runs: readonly RunRows[],
  stored: StoredObject,
  batchId: string,
): { runId: string; locator: WarmLocator }[] {
  let end = 0
  const groupEnds = stored.rowGroups.map((rows) => (end += rows))
  let next = 0
  return runs.map(({ run, eventData: { length: rowCount } }) => {
    const row = next
    next += rowCount
    const rowGroupFirst = groupEnds.findIndex((groupEnd) => groupEnd > row)
    const rowGroupCount = groupEnds.findIndex((groupEnd) => groupEnd >= next) - rowGroupFirst + 1
    const rowOffset = row - (groupEnds[rowGroupFirst - 1] ?? 0)
    const { key: object, etag } = stored
    const locator = { object, etag, batchId, rowGroupFirst, rowGroupCount, rowOffset, rowCount }
    return { runId: run.execution.runId, locator }
  })
}

async function sha256Of(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
