/**
 * Hot to warm: every shard is asked for batches of closed runs, which are written to R2 and verified.
 *
 * H1 propose -> write -> read back -> confirm. Only the confirmation lets the shard delete anything.
 * H2 Shards take turns, a batch at a time, so that one with much to archive does not spend the budget of the others.
 * H3 A run that cannot be archived is named to its shard, which proposes the others again without it.
 */
import type { ArchiveBatch } from '../../shared/archive.ts'
import { valueOf } from '../answers.ts'
import { ArchiveError } from '../error.ts'
import { attempted, log, type LeasedShard, type Pass } from './context.ts'
import { PoisonedBatch, writeBatch, type WrittenBatch } from '../warm.ts'

const BATCHES_AT_ONCE = 4
const MAX_RUNS = 1_000
/** Of history JSON: about one object of the default size, and what four batches at once may hold in memory. */
const MAX_BYTES = 2 * 1024 * 1024

export async function warm(pass: Pass): Promise<void> {
  const waiting: Turn[] = [...pass.shards]
  const backlog = new Map<Turn['to'], number>()
  await Promise.all(
    Array.from({ length: BATCHES_AT_ONCE }, async () => {
      while (pass.now() < pass.deadline) {
        const turn = waiting.shift()
        if (turn === undefined) return
        const next = await attempted(pass, turn, () => takeTurn(pass, turn, backlog))
        if (next !== undefined && next !== null) waiting.push(next)
      }
    }),
  )
  for (const runs of backlog.values()) pass.summary.backlog += runs
}

interface Turn extends LeasedShard {
  /** The batch that the shard's last turn was done with. */
  readonly done?: number
}

/** Archives the shard's next batch. Null when it has none. */
async function takeTurn(pass: Pass, turn: Turn, backlog: Map<Turn['to'], number>): Promise<Turn | null> {
  const { to, fence } = turn
  const proposed = await pass.source.proposeArchive({ to, fence, maxRuns: MAX_RUNS, maxBytes: MAX_BYTES })
  const batch = valueOf(proposed)
  backlog.set(to, batch?.backlog ?? 0)
  if (batch === null) return null
  requireProposalOf(turn, batch)
  try {
    await archive(pass, turn, batch)
  } catch (error) {
    if (!(error instanceof PoisonedBatch)) throw error
    await reject(pass, turn, { number: batch.number, rejected: error.rejected })
  }
  return { ...turn, done: batch.number }
}

function requireProposalOf({ to, done }: Turn, batch: ArchiveBatch): void {
  const subject = `${batch.namespace}/${batch.shard}-${batch.number}`
  if (batch.namespace !== to.namespace || batch.shard !== to.shard) {
    throw new ArchiveError('batch_invalid', subject, `proposed by another shard: ${to.namespace}/${to.shard}`)
  }
  if (batch.number === done)
    throw new ArchiveError('batch_invalid', subject, 'proposed again after it was done')
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
