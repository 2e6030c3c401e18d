/** What every phase of a pass works with: its shards, its deadline, and where it counts and tells what it does. */
import type { ArchiveApi } from '../../shared/archive.ts'
import type { ShardAddress, ShardApi } from '../../shared/protocol.ts'
import { errorFacts } from '../answers.ts'
import type { ColdTier } from '../cold/tier.ts'
import type { WarmLimits } from '../pack.ts'

/** What the archiver calls, of any shard. */
export type ArchiveSource = ArchiveApi & Pick<ShardApi, 'shardCount'>

export interface PassOptions {
  readonly bucket: R2Bucket
  readonly source: ArchiveSource
  readonly namespaces: readonly string[]
  readonly limits: WarmLimits
  /** Null: runs stay warm. */
  readonly cold: ColdTier | null
  /** Nothing is begun later than this after the start. */
  readonly budgetMs: number
  readonly now: () => number
  readonly newId: () => string
  /** One line of JSON per batch, per commit, per failure, and one at the end. */
  readonly log: (line: string) => void
}

export interface PassSummary {
  shards: number
  /** Hot to warm. */
  batches: number
  runs: number
  rows: number
  bytes: number
  /** Closed runs that still wait in the shards. */
  backlog: number
  /** Warm to cold. */
  cooledBatches: number
  cooledRows: number
  expiredRuns: number
  purgedRuns: number
  collectedKeys: number
  rejectedRuns: number
  /** Shards, or whole namespaces, that a phase gave up on. */
  failed: number
  /** How long the pass took. */
  ms: number
}

export interface Pass extends PassOptions {
  readonly deadline: number
  readonly summary: PassSummary
  readonly shards: readonly LeasedShard[]
}

export interface LeasedShard {
  readonly to: ShardAddress
  readonly fence: number
}

/** What a phase does for each shard, several at once; one that fails is logged and left. */
export async function eachShard(
  pass: Pass,
  shards: readonly LeasedShard[],
  work: (shard: LeasedShard) => Promise<unknown>,
): Promise<void> {
  const waiting = [...shards]
  await Promise.all(
    Array.from({ length: SHARDS_AT_ONCE }, async () => {
      for (let shard = waiting.shift(); shard !== undefined; shard = waiting.shift()) {
        if (pass.now() >= pass.deadline) return
        await attempted(pass, shard, work)
      }
    }),
  )
}

const SHARDS_AT_ONCE = 8

/** Undefined when it failed, which is logged. */
export async function attempted<S extends LeasedShard, T>(
  pass: Pass,
  shard: S,
  work: (shard: S) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work(shard)
  } catch (error) {
    const { namespace, shard: number } = shard.to
    failed(pass, { namespace, shard: number }, error)
    return undefined
  }
}

export function failed(
  pass: Pick<Pass, 'summary' | 'log'>,
  where: { namespace?: string; shard?: number; table?: string },
  error: unknown,
): void {
  pass.summary.failed++
  log(pass, 'archive_failed', { ...where, ...errorFacts(error) })
}

export function log(pass: Pick<Pass, 'log'>, event: string, fields: Record<string, unknown>): void {
  pass.log(JSON.stringify({ event, ...fields }))
}
