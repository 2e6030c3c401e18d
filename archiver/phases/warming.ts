/**
 * Hot to warm: every shard is asked for batches of closed runs, which are written to R2 and verified.
 *
 * H1 propose -> write -> read back -> confirm. Only the confirmation lets the shard delete anything.
 * H2 Shards take turns, a batch at a time, so that one with much to archive does not spend the budget of the others.
 * H3 A run that cannot be archived is named to its shard, which proposes the others again without it.
 * H4 A shard that has lost its storage counts its batches from 1 again, and cooling would take one for the batch of old.
 *    So its first batch is archived only when neither the tables nor the warm objects know its number: until then it is
 *    left open, and so are the objects of the batch of old.
 */
import type { ArchiveBatch } from '../../shared/archive.ts'
import type { ShardAddress } from '../../shared/protocol.ts'
import { valueOf } from '../answers.ts'
import { lastBatchIn, loadTables } from '../cold/tier.ts'
import { ArchiveError } from '../error.ts'
import { attempted, log, type LeasedShard, type Pass } from './context.ts'
import { lastInObjects, PoisonedBatch, writeBatch, type WrittenBatch } from '../warm.ts'

const BATCHES_AT_ONCE = 4
const MAX_RUNS = 1_000
/** Of history JSON: about one object of the default size, and what four batches at once may hold in memory. */
const MAX_BYTES = 2 * 1024 * 1024

export async function warm(pass: Pass): Promise<void> {
  const waiting: Turn[] = [...pass.shards]
  const warming: Warming = { ...pass, backlogs: new Map(), lastInTables: lastInTables(pass) }
  await Promise.all(
    Array.from({ length: BATCHES_AT_ONCE }, async () => {
      while (pass.now() < pass.deadline) {
        const turn = waiting.shift()
        if (turn === undefined) return
        const next = await attempted(pass, turn, () => takeTurn(warming, turn))
        if (next !== undefined && next !== null) waiting.push(next)
      }
    }),
  )
  for (const runs of warming.backlogs.values()) pass.summary.backlog += runs
}

interface Warming extends Pass {
  readonly backlogs: Map<ShardAddress, number>
  /** The last batch of a shard that either table holds. */
  readonly lastInTables: (shard: ShardAddress) => Promise<number>
}

/** The tables are looked at once, by the first turn that asks. */
function lastInTables({ cold }: Pass): Warming['lastInTables'] {
  const load = once(async () => (cold === null ? [] : await loadTables(cold)))
  return async (shard) => lastBatchIn(await load(), shard)
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined
  return () => (asked ??= ask())
}

interface Turn extends LeasedShard {
  /** The batch that the shard's last turn was done with. */
  readonly done?: number
}

/** Archives the shard's next batch. Null when it has none. */
async function takeTurn(pass: Warming, turn: Turn): Promise<Turn | null> {
  const batch = await proposed(pass, turn)
  pass.backlogs.set(turn.to, batch?.backlog ?? 0)
  if (batch === null) return null
  requireProposalOf(turn, batch)
  await requireNew(pass, turn, batch)
  try {
    await archive(pass, turn, batch)
  } catch (error) {
    if (!(error instanceof PoisonedBatch)) throw error
    await reject(pass, turn, { number: batch.number, rejected: error.rejected })
  }
  return { ...turn, done: batch.number }
}

async function proposed({ source }: Pass, { to, fence }: Turn): Promise<ArchiveBatch | null> {
  return valueOf(await source.proposeArchive({ to, fence, maxRuns: MAX_RUNS, maxBytes: MAX_BYTES }))
}

function requireProposalOf({ to, done }: Turn, batch: ArchiveBatch): void {
  const subject = `${batch.namespace}/${batch.shard}-${batch.number}`
  if (batch.namespace !== to.namespace || batch.shard !== to.shard) {
    throw new ArchiveError('batch_invalid', subject, `proposed by another shard: ${to.namespace}/${to.shard}`)
  }
  if (batch.number === done)
    throw new ArchiveError('batch_invalid', subject, 'proposed again after it was done')
}

async function requireNew(pass: Warming, turn: Turn, batch: ArchiveBatch): Promise<void> {
  if (batch.numbered) return
  const [inTables, inObjects] = [await pass.lastInTables(turn.to), await lastInObjects(pass.bucket, batch)]
  if (batch.number > Math.max(inTables, inObjects)) return
  await proposed(pass, turn) // refused, if another pass has archived the batch meanwhile
  const { namespace, shard, number } = batch
  const [where, last] = inTables >= number ? ['the tables hold', inTables] : ['R2 holds', inObjects]
  throw new ArchiveError(
    'batch_invalid',
    `${namespace}/${shard}-${number}`,
    `${where} batches of this shard up to ${last}: it has lost its storage, and \`npm run rebuild\` restores it`,
  )
}

async function archive(pass: Pass, { to, fence }: Turn, batch: ArchiveBatch): Promise<void> {
  const startedAt = pass.now()
  const { number } = batch
  const { bucket, source, limits } = pass
  const page: Parameters<typeof writeBatch>[0]['page'] = async ({ runId }, fromEvent) =>
    valueOf(await source.archivePage({ to, fence, number, runId, fromEvent, maxBytes: MAX_BYTES }))
  const { objects, locators, rows } = await writeBatch({ bucket, fence, limits, page }, batch)
  valueOf(await source.confirmArchive({ to, fence, number, objects, locators }))
  count(pass, { objects, locators, rows })
  const { namespace, shard } = to
  const bytes = bytesOf(objects)
  const counts = { runs: locators.length, rows, objects: objects.length, bytes, ms: pass.now() - startedAt }
  log(pass, 'archive_batch', { namespace, shard, number, ...counts })
}

async function reject(
  pass: Pass,
  { to, fence }: Turn,
  batch: { number: number; rejected: { runId: string; reason: string }[] },
): Promise<void> {
  const { namespace, shard } = to
  for (const run of batch.rejected) log(pass, 'archive_rejected', { namespace, shard, ...run })
  valueOf(await pass.source.rejectArchive({ to, fence, ...batch }))
  pass.summary.rejectedRuns += batch.rejected.length
}

function count({ summary }: Pass, { objects, locators, rows }: WrittenBatch): void {
  summary.batches++
  summary.runs += locators.length
  summary.rows += rows
  summary.bytes += bytesOf(objects)
}

function bytesOf(objects: readonly { bytes: number }[]): number {
  return objects.reduce((sum, { bytes }) => sum + bytes, 0)
}
