/**
 * Warm to cold: warm batches of all shards become a few data files, and one commit to each table.
 *
 * C1 A table's watermark of a shard moves with the snapshot that holds the rows, in one commit; what is at or below it
 *    is in the table and is never written again.
 * C2 Batches are taken in their order, so that a watermark never passes one that is not in the table.
 * C3 A commit happens only on top of the watermarks from which its files were chosen. Whoever finds others has been
 *    overtaken: its files are never named, and the sweep takes them.
 * C4 A batch is marked cold when both tables hold it.
 */
import type { ColdCandidates } from '../../shared/archive.ts'
import { valueOf } from '../answers.ts'
import { writeColdFiles, type ColdFiles } from '../cold/files.ts'
import {
  loadOrCreate,
  tableNames,
  watermarkKey,
  watermarkOf,
  type ColdTier,
  type Table,
} from '../cold/tier.ts'
import { ArchiveError } from '../error.ts'
import { appendFiles } from '../iceberg/append.ts'
import type { LoadedTable } from '../iceberg/catalog.ts'
import type { DataFile } from '../iceberg/file.ts'
import type { TableMetadata } from '../iceberg/metadata.ts'
import { attempted, eachShard, failed, log, type LeasedShard, type Pass } from './context.ts'

export async function cool(pass: Pass): Promise<void> {
  if (pass.cold === null) return
  const found = await candidates(pass)
  if (found.length === 0) return
  try {
    await coolBatches(pass, pass.cold, found)
  } catch (error) {
    failed(pass, { table: 'history, executions' }, error)
  }
}

type Batch = ColdCandidates['batches'][number] & { readonly shard: LeasedShard }

/** Of warm objects: what one pass reads, at most. */
const PASS_BYTES = 64 * 1024 * 1024

/** Batch by batch of every shard in turn, each shard's in order. */
async function candidates(pass: Pass): Promise<Batch[]> {
  const byShard: Batch[][] = []
  const maxBytes = Math.ceil(PASS_BYTES / Math.max(1, pass.shards.length))
  await eachShard(pass, pass.shards, async (shard) => {
    const { to, fence } = shard
    const { batches } = valueOf(await pass.source.coldCandidates({ to, fence, maxBytes }))
    byShard.push(batches.map((batch) => ({ ...batch, shard })))
  })
  const most = Math.max(0, ...byShard.map(({ length }) => length))
  return Array.from({ length: most }, (_, i) => byShard.flatMap((batches) => batches[i] ?? [])).flat()
}

async function coolBatches(pass: Pass, cold: ColdTier, batches: readonly Batch[]): Promise<void> {
  const startedAt = pass.now()
  const tables = {
    history: await loadOrCreate(cold, 'history'),
    executions: await loadOrCreate(cold, 'executions'),
  }
  const files: ColdFiles = { history: [], executions: [] }
  const written: Batch[] = []
  for (const group of groupsOf(batches, tables, cold.fileBytes)) {
    if (written.length > 0 && pass.now() >= pass.deadline) break
    const more = await writeGroup(pass, cold, { ...group, locations: locationsOf(tables) })
    files.history.push(...more.history)
    files.executions.push(...more.executions)
    written.push(...group.batches)
  }
  await commit(pass, cold, {
    table: 'history',
    loaded: tables.history,
    files: files.history,
    batches: written,
  })
  const executions = { loaded: tables.executions, files: files.executions, batches: written }
  await commit(pass, cold, { table: 'executions', ...executions })
  await mark(pass, written)
  const rows = files.history.reduce((sum, { records }) => sum + records, 0)
  pass.summary.cooledBatches += written.length
  pass.summary.cooledRows += rows
  log(pass, 'archive_cooled', {
    batches: written.length,
    rows,
    files: files.history.length + files.executions.length,
    ms: pass.now() - startedAt,
  })
}

interface Group {
  readonly batches: readonly Batch[]
  readonly tables: ReadonlySet<Table>
}

/** How many batches are merged at once: each holds an object and some of its rows in memory. */
const MERGE_BATCHES = 32

/** Consecutive batches that the same tables lack, as many as make a file. */
function groupsOf(
  batches: readonly Batch[],
  loaded: Readonly<Record<Table, LoadedTable>>,
  fileBytes: number,
): Group[] {
  const groups: { batches: Batch[]; tables: Set<Table>; bytes: number }[] = []
  for (const batch of batches) {
    const tables = new Set(lacking(batch, loaded))
    const bytes = batch.objects.reduce((sum, object) => sum + object.bytes, 0)
    const last = groups.at(-1)
    const fits = last && last.batches.length < MERGE_BATCHES && last.bytes + bytes <= fileBytes
    if (last && fits && sameTables(last.tables, tables)) {
      last.batches.push(batch)
      last.bytes += bytes
    } else groups.push({ batches: [batch], tables, bytes })
  }
  return groups
}

function* lacking(batch: Batch, loaded: Readonly<Record<Table, LoadedTable>>): Iterable<Table> {
  for (const table of ['history', 'executions'] as const) {
    if (batch.number > watermarkOf(loaded[table].metadata, batch.shard.to)) yield table
  }
}

function sameTables(one: ReadonlySet<Table>, other: ReadonlySet<Table>): boolean {
  return one.size === other.size && [...one].every((table) => other.has(table))
}

async function writeGroup(
  pass: Pass,
  { warehouse }: ColdTier,
  { batches, tables, locations }: Group & { locations: Readonly<Record<Table, string>> },
): Promise<ColdFiles> {
  if (tables.size === 0) return { history: [], executions: [] }
  const writer = { bucket: pass.bucket, warehouse, tables: locations, newName: pass.newId }
  return await writeColdFiles(writer, batches, tables)
}

function locationsOf(tables: Readonly<Record<Table, LoadedTable>>): Record<Table, string> {
  return { history: tables.history.metadata.location, executions: tables.executions.metadata.location }
}

interface TableCommit {
  readonly table: Table
  readonly loaded: LoadedTable
  readonly files: readonly DataFile[]
  readonly batches: readonly Batch[]
}

async function commit(
  pass: Pass,
  cold: ColdTier,
  { table, loaded, files, batches }: TableCommit,
): Promise<void> {
  const targets = targetsOf(batches)
  const reached = (metadata: TableMetadata): boolean =>
    targets.every(({ shard, number }) => watermarkOf(metadata, shard.to) >= number)
  // Without files there are no rows either: nothing that a watermark would have to vouch for.
  if (files.length === 0 || reached(loaded.metadata)) return
  const requireUnchanged = (metadata: TableMetadata): void => {
    const other = targets.find(
      ({ shard }) => watermarkOf(metadata, shard.to) !== watermarkOf(loaded.metadata, shard.to),
    )
    if (other === undefined) return
    const { namespace, shard } = other.shard.to
    throw new ArchiveError(
      'superseded',
      tableNames[table].name,
      `another pass committed batches of ${namespace}/${shard}`,
    )
  }
  const moved = targets.map(({ shard, number }) => [watermarkKey(shard.to), String(number)])
  await appendFiles(cold.open(table), files, {
    summary: { 'archive.batch-ids': batchesText(batches) },
    properties: Object.fromEntries(moved),
    isDone: reached,
    guard: requireUnchanged,
  })
}

/** The last batch of each shard. */
function targetsOf(batches: readonly Batch[]): Batch[] {
  return [...new Map(batches.map((batch) => [batch.shard, batch])).values()]
}

/** Of a summary: a table's metadata has those of a week, and each commit reads and writes all of it. */
const MAX_NAMED_SHARDS = 16

/** `default/0:12-15 default/1:7 (2 more shards)`: what a snapshot says of its rows' origin. */
function batchesText(batches: readonly Batch[]): string {
  const byShard = Map.groupBy(batches, ({ shard }) => `${shard.to.namespace}/${shard.to.shard}`)
  const named = Array.from(byShard, ([shard, some]) => {
    const [first, last] = [some[0]?.number, some.at(-1)?.number]
    return `${shard}:${first === last ? first : `${first}-${last}`}`
  })
  const more = named.length - MAX_NAMED_SHARDS
  const text = named.slice(0, MAX_NAMED_SHARDS).join(' ')
  return more > 0 ? `${text} (${more} more shards)` : text
}

async function mark(pass: Pass, batches: readonly Batch[]): Promise<void> {
  const marks = targetsOf(batches).map(async ({ shard, number: upTo }) => {
    await attempted(pass, shard, async ({ to, fence }) => {
      valueOf(await pass.source.markCold({ to, fence, upTo }))
    })
  })
  await Promise.all(marks)
}
