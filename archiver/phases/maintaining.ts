/**
 * The tables kept in order, where no managed catalog does it: small files compacted, old snapshots expired, and what no
 * snapshot names any more swept. All of it is safe beside appends of others, and none of it is urgent.
 */
import { SNAPSHOT_RETENTION_MS } from '../../shared/archive.ts'
import { compact } from '../cold/compact.ts'
import { tableNames, type ColdTier, type Table } from '../cold/tier.ts'
import { expireSnapshots } from '../iceberg/expire.ts'
import type { TableMetadata } from '../iceberg/metadata.ts'
import { sweepOrphans } from '../iceberg/sweep.ts'
import { failed, log, type Pass } from './context.ts'

export async function maintain(pass: Pass): Promise<void> {
  const { cold } = pass
  if (cold === null || !cold.maintained || pass.shards.length === 0) return
  for (const table of ['history', 'executions'] as const) {
    if (pass.now() >= pass.deadline) return
    try {
      await maintainTable(pass, cold, table)
    } catch (error) {
      failed(pass, { table: tableNames[table].name }, error)
    }
  }
}

/** Appends since the last compaction, after which looking for small files is worth reading the manifests. */
const APPENDS = 4

async function maintainTable(pass: Pass, cold: ColdTier, table: Table): Promise<void> {
  const loaded = await cold.catalog.load(tableNames[table])
  if (loaded === null) return
  if (appendsSinceCompaction(loaded.metadata) >= APPENDS) await compactAll(pass, cold, table)
  const open = cold.open(table)
  const now = pass.now()
  const { removed } = await expireSnapshots(open, { olderThanMs: SNAPSHOT_RETENTION_MS, keepAtLeast: 1, now })
  if (removed > 0) log(pass, 'archive_snapshots_expired', { table: tableNames[table].name, removed })
  await sweepOrphans(open, { now })
}

async function compactAll(pass: Pass, cold: ColdTier, table: Table): Promise<void> {
  while (pass.now() < pass.deadline) {
    const compacted = await compact(cold, table, pass.newId)
    if (compacted === null) return
    log(pass, 'archive_compacted', { table: tableNames[table].name, ...compacted })
  }
}

function appendsSinceCompaction({ snapshots }: TableMetadata): number {
  const last = snapshots.findLastIndex(({ summary }) => summary.operation === 'replace')
  return snapshots.slice(last + 1).filter(({ summary }) => summary.operation === 'append').length
}
