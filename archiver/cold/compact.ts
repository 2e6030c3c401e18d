/**
 * Small files of a day made into one, sorted as its sources are.
 *
 * Z1 Only files that this project wrote are touched: of others nobody knows whether they are sorted, or what else they
 *    hold.
 * Z2 A file is replaced only while it is live. Appends in between change nothing: their files are others.
 */
import { executionColumns, historyColumns } from '../columns.ts'
import { ArchiveError } from '../error.ts'
import type { LoadedTable } from '../iceberg/catalog.ts'
import type { DataFile } from '../iceberg/file.ts'
import { liveFiles } from '../iceberg/live.ts'
import { dataLocation, isOwn } from '../iceberg/names.ts'
import { replaceFiles } from '../iceberg/replace.ts'
import { dayOfFile, writeDataFile } from './datafile.ts'
import { merged } from './merge.ts'
import { executionOrder, historyOrder, SORT_ORDER_ID } from './order.ts'
import { ColdSource } from './sources.ts'
import { StatisticsGatherer } from './statistics.ts'
import { tableNames, type ColdTier, type Table } from './tier.ts'

/** Fewer than this many small files of a day are left alone. */
const WORTHWHILE = 4
/** How many files are merged at once: each holds a row group in memory. */
const MERGE_FILES = 8

export interface Compacted {
  readonly before: number
  readonly after: number
  readonly rows: number
}

/** Compacts one day of the table, the one with the most small files. Null when none is worth it. */
export async function compact(cold: ColdTier, table: Table, newId: () => string): Promise<Compacted | null> {
  const loaded = await cold.catalog.load(tableNames[table])
  if (loaded === null) return null
  const removed = await smallFiles(cold, loaded)
  if (removed.length < WORTHWHILE) return null
  const added = await mergedFile(cold, { table, loaded, removed, newId })
  await replaceFiles(cold.open(table), { removed, added: [added], operation: 'replace' })
  return { before: removed.length, after: 1, rows: added.records }
}

async function smallFiles(
  { warehouse, fileBytes }: ColdTier,
  { metadata }: LoadedTable,
): Promise<DataFile[]> {
  const byDay = new Map<number, DataFile[]>()
  for await (const file of liveFiles(metadata, warehouse)) {
    const small = file.bytes < fileBytes / 2 && isOwn(file.location) && file.sortOrderId === SORT_ORDER_ID
    if (!small) continue
    const day = dayOfFile(file)
    const files = byDay.get(day)
    if (files) files.push(file)
    else byDay.set(day, [file])
  }
  const most = [...byDay.values()].toSorted((a, b) => b.length - a.length)[0] ?? []
  const smallest = most.toSorted((a, b) => a.bytes - b.bytes)
  let bytes = 0
  return smallest.slice(0, MERGE_FILES).filter((file) => (bytes += file.bytes) <= fileBytes)
}

async function mergedFile(
  { warehouse }: ColdTier,
  from: { table: Table; loaded: LoadedTable; removed: readonly DataFile[]; newId: () => string },
): Promise<DataFile> {
  const [columns, order] =
    from.table === 'history' ? [historyColumns, historyOrder] : [executionColumns, executionOrder]
  const [first] = from.removed
  if (first === undefined) throw new RangeError('a compaction of no files')
  const day = dayOfFile(first)
  const statistics = new StatisticsGatherer(columns, order.constant)
  using opened = new DisposableStack()
  const sources: ColdSource[] = []
  for (const { location } of from.removed) {
    sources.push(opened.use(await ColdSource.open(warehouse, location, order)))
  }
  const frames = merged({ order, sources, wanted: () => true, seen: (slice) => statistics.add(slice) })
  const key = warehouse.keyOf(dataLocation(from.loaded.metadata.location, day, from.newId()))
  const place = { warehouse, key, columns, day, sortOrderId: SORT_ORDER_ID }
  const file = await writeDataFile({ ...place, statistics }, frames)
  const records = from.removed.reduce((sum, one) => sum + one.records, 0)
  if (file?.records === records) return file
  throw new ArchiveError('object_corrupt', key, `${file?.records ?? 0} of ${records} rows were merged`)
}
