/**
 * One pass of the archiver: closed runs leave the shards for the warm tier, warm batches become cold, what is past its
 * age or was deleted goes, and the tables are kept in order.
 *
 * P1 A pass works on the namespaces whose lease it holds, and everything it asks of a shard carries the lease's number.
 * P2 Killed anywhere, the pass is simply run again: every step finds out what is done already, and deleting is last.
 * P3 A failure ends a phase for its shard only, and is logged with its code. What a phase leaves, the next pass finds.
 * P4 No phase begins anything after the deadline, nor after its part of the budget: however many shards there are, and
 *    however much one phase has to do, the others have their time.
 */
import { valueOf } from './answers.ts'
import { collect } from './phases/collecting.ts'
import {
  failed,
  log,
  type LeasedShard,
  type Pass,
  type PassOptions,
  type PassSummary,
} from './phases/context.ts'
import { cool } from './phases/cooling.ts'
import { expire } from './phases/expiring.ts'
import { maintain } from './phases/maintaining.ts'
import { purge } from './phases/purging.ts'
import { sweepPayloads } from './phases/sweeping.ts'
import { warm } from './phases/warming.ts'

export async function runPass(options: PassOptions): Promise<PassSummary> {
  const startedAt = options.now()
  const holder = options.newId()
  const summary = emptySummary()
  const begun = { ...options, summary, deadline: startedAt + options.budgetMs }
  const pass: Pass = { ...begun, shards: await leasedShards(begun, holder, startedAt) }
  summary.shards = pass.shards.length
  try {
    for (const [phase, part] of PHASES)
      await phase({ ...pass, deadline: startedAt + options.budgetMs * part })
  } finally {
    await release(pass, holder)
  }
  summary.ms = options.now() - startedAt
  log(pass, 'archive_pass', { ...summary })
  return summary
}

/** The part of the budget that is over when each begins nothing more: what one leaves of its time is the next one's. */
const PHASES: readonly [phase: (pass: Pass) => Promise<void>, part: number][] = [
  [purge, 0.1],
  [warm, 0.6],
  [cool, 0.8],
  [expire, 0.88],
  [collect, 0.94],
  [sweepPayloads, 0.96],
  [maintain, 1],
]

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

/**
 * Each pass begins elsewhere, as far as can be from where the last ones did: so a budget too small for one round still
 * reaches every shard within few passes.
 */
function inTurn(shards: LeasedShard[], startedAt: number): LeasedShard[] {
  const first = Math.floor(((Math.floor(startedAt / 60_000) * GOLDEN_RATIO) % 1) * shards.length)
  return [...shards.slice(first), ...shards.slice(0, first)]
}

const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2

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

export function emptySummary(): PassSummary {
  const hot = { shards: 0, batches: 0, runs: 0, rows: 0, bytes: 0, backlog: 0, rejectedRuns: 0 }
  const later = { cooledBatches: 0, cooledRows: 0, expiredRuns: 0, purgedRuns: 0, collectedKeys: 0 }
  return { ...hot, ...later, failed: 0, ms: 0 }
}
