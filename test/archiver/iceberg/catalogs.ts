/** A catalog in memory, for tables whose files are in the real bucket; and catalogs that fail on their way. */
import {
  CommitConflict,
  type Catalog,
  type CommitRequest,
  type LoadedTable,
  type Requirement,
  type TableDefinition,
  type TableName,
  type Update,
} from '../../../archiver/iceberg/catalog.ts'
import { appendFiles } from '../../../archiver/iceberg/append.ts'
import type { DataFile } from '../../../archiver/iceberg/file.ts'
import { liveFiles } from '../../../archiver/iceberg/live.ts'
import { allOf, dataFile, namesOf, type FileOptions } from './files.ts'
import type { OpenTable } from '../../../archiver/iceberg/commit.ts'
import type { TableMetadata } from '../../../archiver/iceberg/metadata.ts'
import { workflowHistory } from '../../../archiver/iceberg/tables.ts'
import { Warehouse } from '../../../archiver/iceberg/warehouse.ts'
import { noon, seeded } from '../batches.ts'
import { bucket } from '../buckets.ts'

export const root = 's3://perdure-archive'

export interface TestTable extends OpenTable {
  readonly catalog: MemoryCatalog
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
  const catalog = new MemoryCatalog(now)
  const tableName = { namespace: ['durable'], name }
  await catalog.create(tableName, workflowHistory)
  if (options.metadata) catalog.change(tableName, options.metadata)
  const pauses: number[] = []
  const metadata = () => catalog.current(tableName).metadata
  return {
    catalog,
    warehouse: new Warehouse(bucket, options.root ?? root),
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

class MemoryCatalog implements Catalog {
  readonly #tables = new Map<string, LoadedTable>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  load(table: TableName): Promise<LoadedTable | null> {
    return Promise.resolve(structuredClone(this.#tables.get(table.name) ?? null))
  }

  create(table: TableName, definition: TableDefinition): Promise<LoadedTable> {
    const metadata = newMetadata(
      `${root}/iceberg/${table.namespace.join('/')}/${table.name}`,
      definition,
      this.#now(),
    )
    return Promise.resolve(this.#put(table.name, metadata, 0))
  }

  commit(table: TableName, { requirements, updates }: CommitRequest): Promise<LoadedTable> {
    const { metadata, metadataLocation } = this.current(table)
    const failed = requirements.find((requirement) => !holds(requirement, metadata))
    if (failed) return Promise.reject(new CommitConflict(`${failed.type} does not hold`))
    const next = updates.reduce(applied, metadata)
    const log = [
      ...metadata['metadata-log'],
      { 'metadata-file': metadataLocation, 'timestamp-ms': metadata['last-updated-ms'] },
    ]
    const now = Math.max(this.#now(), next['last-updated-ms'])
    return Promise.resolve(
      this.#put(table.name, { ...next, 'metadata-log': log, 'last-updated-ms': now }, log.length),
    )
  }

  current(table: TableName): LoadedTable {
    const loaded = this.#tables.get(table.name)
    if (loaded === undefined) throw new Error(`no table ${table.name}`)
    return loaded
  }

  change(table: TableName, change: Partial<TableMetadata>): void {
    this.#put(table.name, { ...this.current(table).metadata, ...change }, 0)
  }

  #put(name: string, metadata: TableMetadata, version: number): LoadedTable {
    const file = `${String(version).padStart(5, '0')}-${crypto.randomUUID()}.metadata.json`
    const loaded = { metadata, metadataLocation: `${metadata.location}/metadata/${file}` }
    this.#tables.set(name, loaded)
    return structuredClone(loaded)
  }
}

function newMetadata(location: string, definition: TableDefinition, now: number): TableMetadata {
  return {
    'format-version': 2,
    'table-uuid': crypto.randomUUID(),
    location,
    'last-sequence-number': 0,
    'last-updated-ms': now,
    'last-column-id': definition.schema.fields.length,
    schemas: [definition.schema],
    'current-schema-id': 0,
    'partition-specs': [definition.spec],
    'default-spec-id': 0,
    'last-partition-id': 1000,
    'sort-orders': [definition.order],
    'default-sort-order-id': definition.order['order-id'],
    properties: definition.properties,
    snapshots: [],
    refs: {},
    'snapshot-log': [],
    'metadata-log': [],
  }
}

function holds(requirement: Requirement, metadata: TableMetadata): boolean {
  switch (requirement.type) {
    case 'assert-table-uuid':
      return requirement.uuid === metadata['table-uuid']
    case 'assert-ref-snapshot-id':
      return requirement['snapshot-id'] === (metadata.refs[requirement.ref]?.['snapshot-id'] ?? null)
    case 'assert-default-spec-id':
      return requirement['default-spec-id'] === metadata['default-spec-id']
    case 'assert-current-schema-id':
      return requirement['current-schema-id'] === metadata['current-schema-id']
    default:
      throw new Error(`${requirement.type} is not of a commit here`)
  }
}

function applied(metadata: TableMetadata, update: Update): TableMetadata {
  switch (update.action) {
    case 'add-snapshot': {
      const { snapshot } = update
      if (snapshot['sequence-number'] <= metadata['last-sequence-number'])
        throw new Error('an old sequence number')
      if (snapshot['timestamp-ms'] < metadata['last-updated-ms'])
        throw new Error('a snapshot before the last')
      const times = {
        'last-sequence-number': snapshot['sequence-number'],
        'last-updated-ms': snapshot['timestamp-ms'],
      }
      return { ...metadata, ...times, snapshots: [...metadata.snapshots, snapshot] }
    }
    case 'set-snapshot-ref': {
      const { action: _, 'ref-name': name, ...ref } = update
      const refs = { ...metadata.refs, [name]: ref }
      if (name !== 'main') return { ...metadata, refs }
      const entry = { 'snapshot-id': ref['snapshot-id'], 'timestamp-ms': metadata['last-updated-ms'] }
      const log = [...metadata['snapshot-log'], entry]
      return { ...metadata, refs, 'snapshot-log': log, 'current-snapshot-id': ref['snapshot-id'] }
    }
    case 'remove-snapshots': {
      const gone = new Set(update['snapshot-ids'])
      const named = Object.values(metadata.refs).some((ref) => gone.has(ref['snapshot-id']))
      if (named) throw new Error('a ref names a removed snapshot')
      const isKept = (one: { 'snapshot-id': bigint }) => !gone.has(one['snapshot-id'])
      const log = metadata['snapshot-log'].filter(isKept)
      return { ...metadata, snapshots: metadata.snapshots.filter(isKept), 'snapshot-log': log }
    }
    case 'set-properties':
      return { ...metadata, properties: { ...metadata.properties, ...update.updates } }
    default:
      throw new Error(`${update.action} is not of a commit here`)
  }
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
