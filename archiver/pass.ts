/**
 * One pass: every shard of every namespace is asked for batches of closed runs, which move into the warm tier.
 *
 * B1 propose -> write -> read back -> confirm. Only the confirmation lets the shard delete anything.
 * B2 Killed anywhere, the pass is simply run again: the shard proposes the same open batch until it is confirmed, and
 *    writing a batch twice is writing it once. Confirming it twice must be confirming it once.
 * B3 A failure ends the pass for its shard only, and is logged with its code. Shards take turns, a batch at a time, so
 *    that one with much to archive does not spend the budget of the others.
 */
import { WorkflowError } from '../shared/errors.ts'
import type { ArchiveBatch } from '../shared/archive.ts'
import type { Reply, ShardAddress, ShardApi } from '../shared/protocol.ts'
import { ArchiveError } from './error.ts'
import type { WarmLimits } from './plan.ts'
import { writeBatch, type WrittenBatch } from './warm.ts'

/** The verbs that the archiver calls, on any shard. */
export type ArchiveSource = Pick<ShardApi, 'shardCount' | 'proposeArchive' | 'confirmArchive'>

export interface PassOptions {
  readonly bucket: R2Bucket
  readonly source: ArchiveSource
  readonly namespaces: readonly string[]
  readonly limits: WarmLimits
  /** No batch is begun later than this after the start. */
  readonly budgetMs: number
  readonly now: () => number
  /** One line of JSON per batch, per failure, and one at the end. */
  readonly log: (line: string) => void
}

export interface PassSummary {
  shards: number
  batches: number
  runs: number
  rows: number
  bytes: number
  /** Shards, or whole namespaces, that the pass gave up on. */
  failed: number
}

const SHARDS_AT_ONCE = 4
const MAX_RUNS = 1_000
/** Of history JSON: about one object of the default size, and what four shards at once may hold in memory. */
const MAX_BYTES = 2 * 1024 * 1024

export async function runPass(options: PassOptions): Promise<PassSummary> {
  const startedAt = options.now()
  const pass: Pass = {
    ...options,
    deadline: startedAt + options.budgetMs,
    summary: { shards: 0, batches: 0, runs: 0, rows: 0, bytes: 0, failed: 0 },
  }
  const waiting = inTurn(await shardsOf(pass), startedAt)
  pass.summary.shards = waiting.length
  await Promise.all(Array.from({ length: SHARDS_AT_ONCE }, () => takeTurns(pass, waiting)))
  const unfinished = waiting.length
  log(pass, 'archive_pass', { ...pass.summary, unfinished, ms: options.now() - startedAt })
  return pass.summary
}

interface Pass extends PassOptions {
  readonly deadline: number
  readonly summary: PassSummary
}

interface Turn {
  readonly to: ShardAddress
  /** The batch that the shard's last turn confirmed. */
  readonly confirmed?: string
}

async function shardsOf(pass: Pass): Promise<Turn[]> {
  const turns: Turn[] = []
  for (const namespace of pass.namespaces) {
    try {
      const shards = await pass.source.shardCount(namespace)
      for (let shard = 0; shard < shards; shard++) turns.push({ to: { namespace, shard, shards } })
    } catch (error) {
      failed(pass, { namespace }, error)
    }
  }
  return turns
}

/** Each pass begins elsewhere, so that a budget too small for one round still reaches every shard. */
function inTurn(turns: Turn[], startedAt: number): Turn[] {
  const first = turns.length === 0 ? 0 : (Math.floor(startedAt / 60_000) * SHARDS_AT_ONCE) % turns.length
  return [...turns.slice(first), ...turns.slice(0, first)]
}

async function takeTurns(pass: Pass, waiting: Turn[]): Promise<void> {
  while (pass.now() < pass.deadline) {
    const turn = waiting.shift()
    if (turn === undefined) return
    const next = await takeTurn(pass, turn)
    if (next !== null) waiting.push(next)
  }
}

/** Archive the shard's next batch. Null when it has none, or failed. */
async function takeTurn(pass: Pass, turn: Turn): Promise<Turn | null> {
  const { to } = turn
  try {
    const proposed = await pass.source.proposeArchive({ to, maxRuns: MAX_RUNS, maxBytes: MAX_BYTES })
    const batch = valueOf(proposed)
    if (batch === null) return null
    requireProposalOf(turn, batch)
    await archive(pass, to, batch)
    return { to, confirmed: batch.batchId }
  } catch (error) {
    failed(pass, { namespace: to.namespace, shard: to.shard }, error)
    return null
  }
}

function requireProposalOf({ to, confirmed }: Turn, batch: ArchiveBatch): void {
  if (batch.namespace !== to.namespace || batch.shard !== to.shard) {
    throw new ArchiveError(
      'batch_invalid',
      batch.batchId,
      `proposed by another shard than ${to.namespace}/${to.shard}`,
    )
  }
  if (batch.batchId === confirmed) {
    throw new ArchiveError('batch_invalid', batch.batchId, 'proposed again after it was confirmed')
  }
}

async function archive(pass: Pass, to: ShardAddress, batch: ArchiveBatch): Promise<void> {
  const startedAt = pass.now()
  const { batchId } = batch
  const written = await writeBatch(pass.bucket, batch, pass.limits)
  valueOf(await pass.source.confirmArchive({ to, batchId, locators: written.locators }))
  count(pass.summary, written)
  const { objects, rows, bytes, locators } = written
  const { namespace, shard } = to
  const counts = { runs: locators.length, rows, objects, bytes, ms: pass.now() - startedAt }
  log(pass, 'archive_batch', { namespace, shard, batchId, ...counts })
}

function count(summary: PassSummary, { locators, rows, bytes }: WrittenBatch): void {
  summary.batches++
  summary.runs += locators.length
  summary.rows += rows
  summary.bytes += bytes
}

function valueOf<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value
  throw new WorkflowError(reply.code, reply.message)
}

function failed(pass: Pass, where: { namespace: string; shard?: number }, error: unknown): void {
  pass.summary.failed++
  const { name, code, fault } = facts(error)
  const message = error instanceof Error ? error.message : String(error)
  log(pass, 'archive_failed', { ...where, code: code ?? 'internal', fault, name, message })
}

/** What an error says of itself. RPC keeps its properties but not its class. */
function facts(error: unknown): { name?: unknown; code?: unknown; fault?: unknown } {
  return typeof error === 'object' && error !== null ? error : {}
}

function log(pass: Pass, event: string, fields: Record<string, unknown>): void {
  pass.log(JSON.stringify({ event, ...fields }))
}
