/** Single steps of a pass over one shard: the phases of the real archiver, one at a time. */
import type { ArchiveBatch, Purge } from '../../shared/archive.ts'
import type { ShardAddress } from '../../shared/protocol.ts'
import { valueOf } from '../../archiver/answers.ts'
import { emptySummary } from '../../archiver/pass.ts'
import { collect as collectPhase } from '../../archiver/phases/collecting.ts'
import type { LeasedShard, Pass, PassOptions, PassSummary } from '../../archiver/phases/context.ts'
import { cool as coolPhase } from '../../archiver/phases/cooling.ts'
import { expire as expirePhase } from '../../archiver/phases/expiring.ts'
import { purge as purgePhase } from '../../archiver/phases/purging.ts'
import { warmLimits } from '../../archiver/pack.ts'
import { writeBatch, type WrittenBatch } from '../../archiver/warm.ts'
import { SHARDS } from '../conformance/world.ts'
import { bucket } from './buckets.ts'
import { optionsOf, source, type Line, type Ran } from './passes.ts'

export const LIMITS = { maxRuns: 100, maxBytes: 1_000_000 }

export function shardTo(shard: number): ShardAddress {
  return { namespace: 'default', shard, shards: SHARDS }
}

export async function lease(holder: string, ttlMs = 60_000) {
  return valueOf(await source.acquireArchive({ namespace: 'default', holder, ttlMs }))
}

/** One batch into the warm tier; null when there is none. */
export async function warm(by: LeasedShard, limits = LIMITS): Promise<ArchiveBatch | null> {
  const batch = valueOf(await source.proposeArchive({ ...by, ...limits }))
  if (!batch) return null
  const { objects, locators } = await write(by, batch)
  valueOf(await source.confirmArchive({ ...by, number: batch.number, objects, locators }))
  return batch
}

export async function write(by: LeasedShard, batch: ArchiveBatch): Promise<WrittenBatch> {
  const { number } = batch
  const { maxBytes } = LIMITS
  const page: Parameters<typeof writeBatch>[0]['page'] = async ({ runId }, fromEvent) =>
    valueOf(await source.archivePage({ ...by, number, runId, fromEvent, maxBytes }))
  return await writeBatch({ bucket, fence: by.fence, limits: warmLimits(), page }, batch)
}

/** Warm batches into the cold tier; false when there was none. */
export async function cool(by: LeasedShard): Promise<boolean> {
  return (await step(by, coolPhase)).cooledBatches > 0
}

export async function expire(by: LeasedShard): Promise<boolean> {
  return (await step(by, expirePhase)).expiredRuns > 0
}

/** Answers the runs that were asked for. */
export async function purge(by: LeasedShard): Promise<Purge['runs']> {
  const { runs } = valueOf(await source.proposePurge({ ...by, maxRuns: 100 }))
  await step(by, purgePhase)
  return runs
}

/** Answers the keys, or prefixes of keys, that were garbage. */
export async function collect(by: LeasedShard): Promise<string[]> {
  const keys = valueOf(await source.garbage({ ...by, maxKeys: 1_000 }))
  await step(by, collectPhase)
  return keys
}

/** One phase over one shard. What it would log and leave to the next pass is thrown. */
async function step(by: LeasedShard, phase: (pass: Pass) => Promise<void>): Promise<PassSummary> {
  const { summary, lines } = await phased(by, phase)
  const failed = lines.find(({ event }) => event === 'archive_failed')
  if (failed) throw new Error(`a step failed: ${JSON.stringify(failed)}`)
  return summary
}

export async function phased(
  by: LeasedShard,
  phase: (pass: Pass) => Promise<void>,
  changed: Partial<PassOptions> = {},
): Promise<Ran> {
  const lines: Line[] = []
  const options = optionsOf(lines, changed)
  const summary = emptySummary()
  await phase({ ...options, summary, shards: [by], deadline: options.now() + options.budgetMs })
  return { summary, lines }
}
