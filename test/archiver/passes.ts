/** Passes of the real archiver over the real shards of the test Worker, and what the tiers hold after them. */
import { env } from 'cloudflare:workers'
import { valueOf } from '../../archiver/answers.ts'
import { embeddedTier } from '../../archiver/config.ts'
import { executionColumns, historyColumns } from '../../archiver/columns.ts'
import type { ColdTier, Table } from '../../archiver/cold/tier.ts'
import { tableNames } from '../../archiver/cold/tier.ts'
import { stringsOf, textAt, type Frame } from '../../archiver/frame.ts'
import { liveFiles } from '../../archiver/iceberg/live.ts'
import { Warehouse } from '../../archiver/iceberg/warehouse.ts'
import { warmLimits } from '../../archiver/pack.ts'
import { decodeParquet } from '../../archiver/parquet.ts'
import { runPass } from '../../archiver/pass.ts'
import type { ArchiveSource, PassOptions, PassSummary } from '../../archiver/phases/context.ts'
import type { StatsApi } from '../../shared/stats.ts'
import { client, SHARDS, until } from '../conformance/world.ts'
import { changeEvents } from '../workers/registry.ts'
import { bucket, stored } from './buckets.ts'

export const source = (env as unknown as { WORKFLOWS: ArchiveSource }).WORKFLOWS // the service has every verb of a shard

export function coldTier(over: R2Bucket = bucket, prefix = 'iceberg'): ColdTier {
  return embeddedTier(new Warehouse(over, 's3://perdure-archive'), 16 * 1024 * 1024, prefix)
}

/** One line of the pass's log. */
export type Line = { event: string } & Record<string, unknown>

export interface Ran {
  summary: PassSummary
  lines: Line[]
}

export async function pass(changed: Partial<PassOptions> = {}): Promise<Ran> {
  const lines: Line[] = []
  return { summary: await runPass(optionsOf(lines, changed)), lines }
}

/** What a pass over the test Worker is given; it tells `lines` what it does. */
export function optionsOf(lines: Line[], changed: Partial<PassOptions> = {}): PassOptions {
  return {
    bucket,
    source,
    namespaces: ['default'],
    limits: warmLimits(),
    cold: coldTier(changed.bucket),
    budgetMs: 60_000,
    now: () => Date.now(),
    newId: () => crypto.randomUUID(),
    log: (line) => lines.push(JSON.parse(line) as Line),
    ...changed,
  }
}

/** Ends a lease that its holder did not live to release. */
export async function release(holder: string): Promise<void> {
  await source.releaseArchive({ namespace: 'default', holder })
}

/** How many rows each table has of each run, by run id. */
export async function coldRows(cold = coldTier()): Promise<Record<Table, Map<string, number>>> {
  return { history: await rowsOf(cold, 'history'), executions: await rowsOf(cold, 'executions') }
}

async function rowsOf(cold: ColdTier, table: Table): Promise<Map<string, number>> {
  const rows = new Map<string, number>()
  for (const frame of await framesOf(cold, table)) {
    for (let row = 0; row < frame.rows; row++) {
      const runId = textAt(stringsOf(frame, 'run_id'), row)!
      rows.set(runId, (rows.get(runId) ?? 0) + 1)
    }
  }
  return rows
}

async function framesOf({ catalog, warehouse }: ColdTier, table: Table): Promise<Frame[]> {
  const loaded = await catalog.load(tableNames[table])
  const frames: Frame[] = []
  if (loaded === null) return frames
  const columns = table === 'history' ? historyColumns : executionColumns
  for await (const file of liveFiles(loaded.metadata, warehouse)) {
    frames.push(decodeParquet(columns, (await stored(warehouse.keyOf(file.location))).bytes))
  }
  return frames
}

/** Starts runs of a workflow and waits for their results. */
export async function closedRuns(type: { readonly name: string }, ids: readonly string[]): Promise<string[]> {
  const handles = await Promise.all(ids.map((id) => client.start(type.name, { workflowId: id, input: id })))
  await Promise.all(handles.map((handle) => handle.result()))
  return handles.map(({ runId }) => runId)
}

/**
 * Once the change-event sink has been told all of the runs, which are closed, and their shards have heard that it took
 * them, which may be later: the next pass finds them.
 */
export async function settled(runIds: readonly string[]): Promise<void> {
  await until(async () => runIds.every(isToldClosed) && (await lagOf(0)) + (await lagOf(1)) === 0)
}

/** Events of a shard that the sink has not taken yet, as the shard knows it. */
async function lagOf(shard: number): Promise<number> {
  const stats = source as unknown as StatsApi // the service has these verbs, too
  const { cdcLag } = valueOf(await stats.shardStats({ to: { namespace: 'default', shard, shards: SHARDS } }))
  return cdcLag ?? 0
}

function isToldClosed(runId: string): boolean {
  return changeEvents.some((event) => event.runId === runId && event.type === 'workflow.completed')
}
