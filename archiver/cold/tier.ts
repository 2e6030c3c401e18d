/** The cold tier: two Iceberg tables behind a catalog, and the bucket that holds their files. */
import { CommitConflict, type Catalog, type LoadedTable, type TableName } from '../iceberg/catalog.ts'
import type { OpenTable } from '../iceberg/commit.ts'
import type { TableMetadata } from '../iceberg/metadata.ts'
import { workflowExecutions, workflowHistory } from '../iceberg/tables.ts'
import type { Warehouse } from '../iceberg/warehouse.ts'

export type Table = 'history' | 'executions'

export interface ColdTier {
  readonly catalog: Catalog
  readonly warehouse: Warehouse
  /** Compressed: a merge writes files of at most about this, and compaction makes small ones into one. */
  readonly fileBytes: number
  /** Whether compaction, expiry and sweeping are ours to do; a managed catalog does them itself. */
  readonly maintained: boolean
  /** A table, for whoever commits to it. */
  open(table: Table): OpenTable
}

export const tableNames: Readonly<Record<Table, TableName>> = {
  history: { namespace: ['durable'], name: 'workflow_history' },
  executions: { namespace: ['durable'], name: 'workflow_executions' },
}

const definitions = { history: workflowHistory, executions: workflowExecutions }

/** The table as it is now; made when it is missing. */
export async function loadOrCreate({ catalog }: ColdTier, table: Table): Promise<LoadedTable> {
  const name = tableNames[table]
  const loaded = await catalog.load(name)
  if (loaded !== null) return loaded
  try {
    return await catalog.create(name, definitions[table])
  } catch (error) {
    const made = error instanceof CommitConflict ? await catalog.load(name) : null
    if (made === null) throw error
    return made
  }
}

/** The last batch of a shard that the table holds. A property, since it must outlive every snapshot. */
export function watermarkOf(metadata: TableMetadata, shard: { namespace: string; shard: number }): number {
  return Number(metadata.properties[watermarkKey(shard)] ?? 0)
}

/** Both tables, where they exist. */
export async function loadTables({ catalog }: ColdTier): Promise<LoadedTable[]> {
  const loaded = [await catalog.load(tableNames.history), await catalog.load(tableNames.executions)]
  return loaded.filter((table) => table !== null)
}

/** The last batch of a shard that any of the tables holds; 0 when none does. */
export function lastBatchIn(
  tables: readonly LoadedTable[],
  shard: { namespace: string; shard: number },
): number {
  return Math.max(0, ...tables.map(({ metadata }) => watermarkOf(metadata, shard)))
}

export function watermarkKey({ namespace, shard }: { namespace: string; shard: number }): string {
  return `archive.watermark.${namespace}/${shard}`
}
