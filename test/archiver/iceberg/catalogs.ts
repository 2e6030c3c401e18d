/** Tables in the embedded catalog of the real bucket, and catalogs that fail on their way. */
import type { Catalog, CommitRequest, LoadedTable } from '../../../archiver/iceberg/catalog.ts'
import { appendFiles } from '../../../archiver/iceberg/append.ts'
import type { DataFile } from '../../../archiver/iceberg/file.ts'
import { liveFiles } from '../../../archiver/iceberg/live.ts'
import { allOf, dataFile, namesOf, type FileOptions } from './files.ts'
import { EmbeddedCatalog } from '../../../archiver/iceberg/embedded.ts'
import { printMetadata } from '../../../archiver/iceberg/json.ts'
import type { OpenTable } from '../../../archiver/iceberg/commit.ts'
import type { TableMetadata } from '../../../archiver/iceberg/metadata.ts'
import { workflowHistory } from '../../../archiver/iceberg/tables.ts'
import { Warehouse } from '../../../archiver/iceberg/warehouse.ts'
import { noon, seeded } from '../batches.ts'
import { bucket } from '../buckets.ts'

export const root = 's3://perdure-archive'

export interface TestTable extends OpenTable {
  readonly catalog: Catalog
  readonly location: string
  /** The pauses between attempts. */
  readonly pauses: number[]
  readonly metadata: () => TableMetadata
}

export interface TableOptions {
  readonly now?: () => number
  readonly root?: string
  readonly metadata?: Partial<TableMetadata>
}

/** An empty `workflow_history` with a name of its own. */
export async function historyTable(name: string, options: TableOptions = {}): Promise<TestTable> {
  const { now = () => noon } = options
  const warehouse = new Warehouse(bucket, options.root ?? root)
  const catalog = remembering(new EmbeddedCatalog(warehouse, { now }))
  const tableName = { namespace: ['durable'], name }
  const created = await catalog.create(tableName, workflowHistory)
  if (options.metadata) {
    await rewrite(warehouse, created, options.metadata)
    await catalog.load(tableName)
  }
  const pauses: number[] = []
  const metadata = () => catalog.last!.metadata
  return {
    catalog,
    warehouse,
    name: tableName,
    location: metadata().location,
    now,
    sleep: async (ms) => {
      pauses.push(ms)
      await Promise.resolve()
    },
    random: seeded(1),
    uuid: () => crypto.randomUUID(),
    pauses,
    metadata,
  }
}

/** `catalog`, whose commits go through `around`. */
export function interrupted(
  catalog: Catalog,
  around: (commit: () => Promise<LoadedTable>, request: CommitRequest) => Promise<LoadedTable>,
): Catalog {
  return {
    load: (table) => catalog.load(table),
    create: (table, definition) => catalog.create(table, definition),
    commit: (table, request) => around(() => catalog.commit(table, request), request),
  }
}

/** `catalog`, with what it answered last. */
function remembering(catalog: Catalog): Catalog & { last: LoadedTable | null } {
  const remembered: Catalog & { last: LoadedTable | null } = {
    last: null,
    load: async (table) => (remembered.last = await catalog.load(table)),
    create: async (table, definition) => (remembered.last = await catalog.create(table, definition)),
    commit: async (table, request) => {
      const loaded = await catalog.commit(table, request)
      const { last } = remembered
      // Answers of commits at the same time may come in any order.
      if (newer(loaded, last)) remembered.last = loaded
      return loaded
    },
  }
  return remembered
}

function newer({ metadata }: LoadedTable, last: LoadedTable | null): boolean {
  return last === null || metadata['metadata-log'].length >= last.metadata['metadata-log'].length
}

/** Puts `change` in the place of what the catalog has, as if the table had always been so. */
async function rewrite(
  warehouse: Warehouse,
  loaded: LoadedTable,
  change: Partial<TableMetadata>,
): Promise<void> {
  const key = warehouse.keyOf(loaded.metadataLocation)
  await warehouse.bucket.put(key, printMetadata({ ...loaded.metadata, ...change }))
}

/** What a user of another engine does to keep a snapshot. */
export async function tagSnapshot({ catalog, name }: TestTable, snapshotId: bigint): Promise<void> {
  const tag = {
    action: 'set-snapshot-ref',
    'ref-name': 'audit',
    type: 'tag',
    'snapshot-id': snapshotId,
  } as const
  await catalog.commit(name, { requirements: [], updates: [tag] })
}

/** The keys below the table's location, without the catalog's own. */
export async function keysOf({ location, warehouse }: TestTable): Promise<string[]> {
  const { objects } = await bucket.list({ prefix: `${warehouse.keyOf(location)}/` })
  return objects.map(({ key }) => key).filter((key) => !/version-hint\.text$|\.metadata\.json$/.test(key))
}

/** Append files of these names to the table, and store something under their locations. */
export async function appendNamed(
  table: TestTable,
  ...files: readonly (string | [string, FileOptions])[]
): Promise<DataFile[]> {
  const added = files.map((file) =>
    typeof file === 'string' ? dataFile(table.location, file) : dataFile(table.location, ...file),
  )
  for (const { location } of added) await bucket.put(table.warehouse.keyOf(location), 'rows')
  await appendFiles(table, added, { isDone: () => false })
  return added
}

/** The names of the live files, in order. */
export async function liveNames(table: TestTable): Promise<string[]> {
  return namesOf(await allOf(liveFiles(table.metadata(), table.warehouse))).toSorted()
}
