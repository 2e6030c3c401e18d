/**
 * One pass of the archiver: closed runs leave the shards for the warm tier, warm batches become cold, what is past its
 * age or was deleted goes, and the tables are kept in order.
 *
 * P1 A pass works on the namespaces whose lease it holds, and everything it asks of a shard carries the lease's number.
 * P2 Killed anywhere, the pass is simply run again: every step finds out what is done already, and deleting is last.
 * P3 A failure ends a phase for its shard only, and is logged with its code. What a phase leaves, the next pass finds.
 * P4 No phase begins anything after the deadline.
 */
import type { ArchiveApi } from '../shared/archive.ts'
import type { ShardAddress, ShardApi } from '../shared/protocol.ts'
import type { ColdTier } from './cold/tier.ts'
import { errorFacts, valueOf } from './answers.ts'
import { collect } from './phases/collecting.ts'
import { cool } from './phases/cooling.ts'
import { expire } from './phases/expiring.ts'
import { maintain } from './phases/maintaining.ts'
import { purge } from './phases/purging.ts'
import { warm } from './phases/warming.ts'
import type { WarmLimits } from './pack.ts'

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

export async function runPass(options: PassOptions): Promise<PassSummary> {
  const startedAt = options.now()
  const holder = options.newId()
  const summary = emptySummary()
  const begun = { ...options, summary, deadline: startedAt + options.budgetMs }
  const pass: Pass = { ...begun, shards: await leasedShards(begun, holder, startedAt) }
  summary.shards = pass.shards.length
  try {
    for (const phase of [purge, warm, cool, expire, collect, maintain]) await phase(pass)
  } finally {
    await release(pass, holder)
  }
  log(pass, 'archive_pass', { ...summary, ms: options.now() - startedAt })
  return summary
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

const SHARDS_AT_ONCE = 4

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

/** Longer than any phase goes on after the deadline: a pass that is alive never loses its lease. */
const LEASE_SLACK_MS = 120_000

type Begun = Omit<Pass, 'shards'>

async function leasedShards(pass: Begun, holder: string, startedAt: number): Promise<LeasedShard[]> {
  const leased: LeasedShard[] = []
  for (const namespace of pass.namespaces) {
    try {
      const ttlMs = pass.budgetMs + LEASE_SLACK_MS
      const lease = await pass.source.acquireArchive({ namespace, holder, ttlMs })
      if (!lease.ok && lease.code === 'lease_held') {
        log(pass, 'archive_skipped', { namespace, reason: lease.message })
        continue
      }
      const { fence } = valueOf(lease)
      const shards = await pass.source.shardCount(namespace)
      for (let shard = 0; shard < shards; shard++) leased.push({ to: { namespace, shard, shards }, fence })
    } catch (error) {
      failed(pass, { namespace }, error)
    }
  }
  return inTurn(leased, startedAt)
}

/** Each pass begins elsewhere, so that a budget too small for one round still reaches every shard. */
function inTurn(shards: LeasedShard[], startedAt: number): LeasedShard[] {
  const first = shards.length === 0 ? 0 : (Math.floor(startedAt / 60_000) * SHARDS_AT_ONCE) % shards.length
  return [...shards.slice(first), ...shards.slice(0, first)]
}

/** One that is not released expires by itself. */
async function release(pass: Pass, holder: string): Promise<void> {
  for (const namespace of new Set(pass.shards.map(({ to }) => to.namespace))) {
    try {
      valueOf(await pass.source.releaseArchive({ namespace, holder }))
    } catch (error) {
      failed(pass, { namespace }, error)
    }
  }
}

function emptySummary(): PassSummary {
  const counts = { shards: 0, batches: 0, runs: 0, rows: 0, bytes: 0, backlog: 0, cooledBatches: 0 }
  const ends = { cooledRows: 0, expiredRuns: 0, purgedRuns: 0, collectedKeys: 0, rejectedRuns: 0, failed: 0 }
  return { ...counts, ...ends }
}
