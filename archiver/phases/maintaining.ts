/**
 * The tables kept in order, where no managed catalog does it: small files compacted, old snapshots expired, and what no
 * snapshot names any more swept. All of it is safe beside appends of others, and none of it is urgent.
 */
import { SNAPSHOT_RETENTION_MS } from '../../shared/archive.ts'
import { compact } from '../cold/compact.ts'
import { tableNames, type ColdTier, type Table } from '../cold/tier.ts'
import { expireSnapshots } from '../iceberg/expire.ts'
import { mergeManifests } from '../iceberg/merge.ts'
import type { TableMetadata } from '../iceberg/metadata.ts'
import { sweepOrphans } from '../iceberg/sweep.ts'
import { failed, log, type Pass } from './context.ts'
import { readProgress, writeProgress } from './progress.ts'

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
  if (appendsSinceCompaction(loaded.metadata) >= APPENDS) {
    await compactAll(pass, cold, table)
    await mergeManifests(cold.open(table))
  }
  const expired = await expireSnapshots(cold.open(table), { olderThanMs: SNAPSHOT_RETENTION_MS })
  if (expired.snapshots > 0) log(pass, 'archive_expired', { table: tableNames[table].name, ...expired })
  await sweep(pass, cold, table)
}

/** Looks at the next objects of the table. Two passes that do so at once do no harm. */
async function sweep(pass: Pass, cold: ColdTier, table: Table): Promise<void> {
  const { name } = tableNames[table]
  const progress = await readProgress(pass, name)
  if (progress === null) return
  // A cold tier that is ours to maintain has its catalog in the bucket.
  const { deleted, cursor } = await sweepOrphans(cold.open(table), { metadataFiles: true, ...progress })
  await writeProgress(pass, name, cursor)
  if (deleted.length > 0) log(pass, 'archive_swept', { table: name, objects: deleted.length })
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
