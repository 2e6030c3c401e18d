/**
 * The data files that a table consists of, or those of them that can hold what is asked for.
 *
 * O1 A file is left out only when its partition or its bounds exclude what is asked for; what is unknown excludes nothing.
 * O2 A table with delete files, which other engines write, is refused: its data files hold rows that are no longer there.
 */
import { ArchiveError } from '../error.ts'
import { compareBytes, deserialize } from './bounds.ts'
import type { DataFile } from './file.ts'
import { DELETED } from './manifest.ts'
import { fetchManifest, manifestsOf, type ListedManifest } from './manifests.ts'
import { currentSnapshot, type Snapshot, type TableMetadata } from './metadata.ts'
import { CLOSED_AT_DAY } from './tables.ts'
import type { Warehouse } from './warehouse.ts'

/** First and last day, counted from 1970-01-01. */
export type DayRange = readonly [number, number]

export interface FileFilter {
  /** Of an earlier state of the table; the current one when absent. */
  readonly snapshotId?: bigint
  /** On which the runs closed. */
  readonly days?: DayRange
  /** Values of string columns by their names: `{ workflow_id: 'order-1' }`. */
  readonly equals?: Readonly<Record<string, string>>
  /** Counted up while files are listed. */
  readonly counts?: FileCounts
}

export interface FileCounts {
  manifestsRead: number
  manifestsSkipped: number
  filesSkipped: number
}

/** One manifest at a time is in memory. */
export async function* liveFiles(
  metadata: TableMetadata,
  warehouse: Warehouse,
  filter: FileFilter = {},
): AsyncGenerator<DataFile> {
  const snapshot = wantedSnapshot(metadata, filter)
  if (snapshot === null) return
  const counts = filter.counts ?? { manifestsRead: 0, manifestsSkipped: 0, filesSkipped: 0 }
  const values = wantedValues(metadata, filter)
  for (const manifest of await manifestsOf(warehouse, snapshot)) {
    const { addedFiles, existingFiles } = manifest
    if (addedFiles + existingFiles === 0 || !canHoldDays(manifest, metadata, filter.days)) {
      counts.manifestsSkipped++
      continue
    }
    refuseDeletes(manifest)
    counts.manifestsRead++
    const { header, entries } = await fetchManifest(warehouse, manifest)
    const day = header.spec.find((field) => isDay(metadata, field))
    for (const { status, file } of entries()) {
      if (status === DELETED) continue
      if (isWithin(filter, day === undefined ? undefined : file.partition[day.name]) && mayHold(file, values))
        yield file
      else counts.filesSkipped++
    }
  }
}

/** The smallest range with the days of all `files`; undefined when one of them is not partitioned by day. */
export function daysOf(files: Iterable<DataFile>): DayRange | undefined {
  let range: DayRange = [Infinity, -Infinity]
  for (const { partition } of files) {
    const day = partition[CLOSED_AT_DAY]
    if (typeof day !== 'number') return undefined
    range = [Math.min(range[0], day), Math.max(range[1], day)]
  }
  return range
}

/** By what its list says of the manifest (O1). */
export function canHoldDays(
  manifest: ListedManifest,
  metadata: TableMetadata,
  days: DayRange | undefined,
): boolean {
  const summary = manifest.partitions[dayField(metadata, manifest)]
  if (days === undefined || summary === undefined || summary.containsNull) return true
  if (summary.lower === null || summary.upper === null) return true
  const [first, last] = days
  return (
    Number(deserialize('date', summary.lower)) <= last && Number(deserialize('date', summary.upper)) >= first
  )
}

/** Nothing here applies the deletes of other engines, and rewritten data would escape from them. */
export function refuseDeletes(manifest: ListedManifest): void {
  if (manifest.content === 0 || manifest.addedFiles + manifest.existingFiles === 0) return
  const advice = 'it lists delete files: have the engine that wrote them rewrite the data files of the table'
  throw new ArchiveError('deletes_pending', manifest.location, advice)
}

type Field = TableMetadata['partition-specs'][number]['fields'][number]

function wantedSnapshot(metadata: TableMetadata, { snapshotId }: FileFilter): Snapshot | null {
  if (snapshotId === undefined) return currentSnapshot(metadata)
  const snapshot = metadata.snapshots.find((one) => one['snapshot-id'] === snapshotId)
  if (snapshot !== undefined) return snapshot
  throw new ArchiveError(
    'object_missing',
    metadata.location,
    `it has no snapshot ${snapshotId}; it may have expired`,
  )
}

/** By column id, as bounds are. */
function wantedValues(metadata: TableMetadata, { equals = {} }: FileFilter): Map<number, Uint8Array> {
  const current = metadata['current-schema-id']
  const schema = metadata.schemas.find((one) => one['schema-id'] === current)
  const wanted = Object.entries(equals).map(([name, value]): [number, Uint8Array] => {
    const column = schema?.fields.find((field) => field.name === name)
    if (column?.type !== 'string') throw new RangeError(`${name} is no string column of ${metadata.location}`)
    return [column.id, new TextEncoder().encode(value)]
  })
  return new Map(wanted)
}

/** Where the day is among the partitions of the manifest's spec; -1 when it is not. */
function dayField(metadata: TableMetadata, { specId }: ListedManifest): number {
  const spec = metadata['partition-specs'].find((one) => one['spec-id'] === specId)
  return spec?.fields.findIndex((field) => isDay(metadata, field)) ?? -1
}

function isDay(metadata: TableMetadata, field: Field): boolean {
  if (field.transform !== 'day') return false
  const columns = metadata.schemas.flatMap(({ fields }) => fields)
  return columns.some(({ id, name }) => id === field['source-id'] && name === 'closed_at')
}

function isWithin({ days }: FileFilter, day: unknown): boolean {
  if (days === undefined || typeof day !== 'number') return true
  return day >= days[0] && day <= days[1]
}

function mayHold(file: DataFile, values: ReadonlyMap<number, Uint8Array>): boolean {
  for (const [id, value] of values) {
    const lower = file.lowerBounds.get(id)
    const upper = file.upperBounds.get(id)
    if (lower !== undefined && compareBytes(value, lower) < 0) return false
    if (upper !== undefined && compareBytes(value, upper) > 0) return false
  }
  return true
}
