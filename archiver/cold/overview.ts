/** What the cold tables consist of, as their metadata says: no data file is opened. */
import type { ArchiveFile, ArchiveTable } from '../../shared/archive-reader.ts'
import type { LoadedTable } from '../iceberg/catalog.ts'
import type { DataFile } from '../iceberg/file.ts'
import { liveFiles } from '../iceberg/live.ts'
import { currentSnapshot, type Snapshot } from '../iceberg/metadata.ts'
import { CLOSED_AT_DAY } from '../iceberg/tables.ts'
import { tableNames, type ColdTier, type Table } from './tier.ts'

/** Of each table; the others are counted only. */
const MAX_FILES = 1_000

/** Those of the tables that exist. */
export async function tablesOf(cold: ColdTier): Promise<ArchiveTable[]> {
  const tables: ArchiveTable[] = []
  for (const table of ['history', 'executions'] satisfies Table[]) {
    const { namespace, name } = tableNames[table]
    const loaded = await cold.catalog.load(tableNames[table])
    if (loaded) tables.push(await tableOf(cold, [...namespace, name].join('.'), loaded))
  }
  return tables
}

async function tableOf(cold: ColdTier, name: string, { metadata }: LoadedTable): Promise<ArchiveTable> {
  const current = currentSnapshot(metadata)
  const files: ArchiveFile[] = []
  for await (const file of liveFiles(metadata, cold.warehouse)) {
    files.push(fileOf(file))
    if (files.length === MAX_FILES) break
  }
  const total = (what: string): number => Number(current?.summary[`total-${what}`] ?? 0)
  return {
    name,
    location: metadata.location,
    updatedAt: metadata['last-updated-ms'],
    records: total('records'),
    bytes: total('files-size'),
    fileCount: total('data-files'),
    files,
    snapshots: metadata.snapshots.map((one) => snapshotOf(one, one === current)),
    properties: metadata.properties,
  }
}

const DAY_MS = 86_400_000

function fileOf({ location, partition, records, bytes }: DataFile): ArchiveFile {
  const day = partition[CLOSED_AT_DAY]
  return {
    location,
    ...(typeof day === 'number' && { day: new Date(day * DAY_MS).toISOString().slice(0, 10) }),
    records,
    bytes,
  }
}

function snapshotOf(snapshot: Snapshot, current: boolean): ArchiveTable['snapshots'][number] {
  const { operation, ...summary } = snapshot.summary
  return {
    // As text: it is a number that JSON would lose digits of.
    snapshotId: String(snapshot['snapshot-id']),
    committedAt: snapshot['timestamp-ms'],
    operation,
    current,
    summary,
  }
}
